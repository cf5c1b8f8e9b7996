//! Somebody at a screen: requests, and what came back.

use std::time::Duration;

use serde_json::Value;

/// A connection's worth of requests, signed in by cookie.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    /// A 503 in Chinese that says how it stands with what was to be saved.
    #[track_caller]
    pub fn unavailable(&self) -> &str {
        assert_eq!(self.status, 503, "{}", self.body);
        assert_eq!(self.body["status"], 503);
        let detail = self.body["detail"].as_str().unwrap();
        let says = ["没有保存任何更改", "不能确定是否已保存", "已经保存"].iter().any(|words| detail.contains(words));
        assert!(says, "{}", self.body);
        detail
    }
}

impl Client {
    /// `keep`: connections are used again.
    pub fn new(keep: bool) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .max_idle_connections(if keep { 4 } else { 0 })
            .build();
        Self { agent: config.into() }
    }

    /// # Errors
    /// No answer: refused, cut off.
    pub fn get(&self, address: &str, who: &str, path: &str) -> Result<Answer, ureq::Error> {
        let request = self.agent.get(format!("http://{address}{path}")).header("cookie", cookie(who));
        read(request.call()?)
    }

    /// # Errors
    /// No answer: refused, cut off.
    pub fn post(&self, address: &str, who: &str, path: &str, key: &str, body: &Value) -> Result<Answer, ureq::Error> {
        let request = self
            .agent
            .post(format!("http://{address}{path}"))
            .header("cookie", cookie(who))
            .header("idempotency-key", key);
        read(request.send_json(body)?)
    }
}

fn cookie(who: &str) -> String {
    format!("jiesu_session={who}")
}

fn read(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string()?;
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
}
