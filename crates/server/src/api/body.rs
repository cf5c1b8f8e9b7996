//! Bodies of requests: JSON within the limits, its rejections as problems. Errors of the reader name a position and the expected word,
//! never a value of the input.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
};

use super::problem::Problem;
use crate::{app::App, limits::Limits};

/// `Json` whose rejections are problems, looked through before anything of it is built.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: serde::de::DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        if !says_json(request.headers()) {
            return Err(Problem::bad_request("请求须以 application/json 提交"));
        }
        let bytes = Bytes::from_request(request, app).await.map_err(|e| match e.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::body_too_large(app.limits()),
            _ => Problem::bad_request("读不到请求内容，请重试"),
        })?;
        look_through(&bytes, app.limits())?;
        // The reader would take a list for the fields in their order; every body here has names.
        if bytes.trim_ascii_start().first() == Some(&b'[') {
            return Err(Problem::invalid("", "内容应是有名称的各项，不是列表，请按接口说明提交"));
        }
        let read = Json::<T>::from_bytes(&bytes);
        read.map(|Json(value)| Body(value)).map_err(|rejection| rejected(&rejection))
    }
}

fn says_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn rejected(rejection: &JsonRejection) -> Problem {
    match rejection {
        JsonRejection::JsonDataError(e) => {
            // The reader quotes words of the input ("unknown variant `…`"); only the field's path may be told.
            let text = e.body_text();
            let field = text.split_once(": ").and_then(|(_, rest)| rest.split_once(": ")).map_or("", |(path, _)| path);
            let field = if field.len() < 60 && field.is_ascii() { field } else { "" };
            Problem::invalid(field, "内容与要求不符：有缺少的项、多余的项或不认识的值，请核对后再提交")
        }
        _ => Problem::bad_request("不是有效的 JSON"),
    }
}

/// Counts depth and entries without building anything: a body of a megabyte can hold half a million lists within each other.
fn look_through(bytes: &[u8], limits: &Limits) -> Result<(), Problem> {
    let mut entries: Vec<usize> = Vec::new();
    let (mut in_text, mut escaped) = (false, false);
    for byte in bytes {
        match (in_text, *byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (true, _) => {}
            (false, b'[' | b'{') => {
                entries.push(1);
                if entries.len() > limits.json_depth {
                    let detail = format!("内容层次过深，最多{}层；请按接口说明提交", limits.json_depth);
                    return Err(Problem::over_limit("json_depth", detail));
                }
            }
            (false, b']' | b'}') => {
                entries.pop();
            }
            (false, b',') => {
                if let Some(n) = entries.last_mut() {
                    *n += 1;
                    if *n > limits.json_entries {
                        let detail = format!("一个列表最多{}项，请分几次提交", limits.json_entries);
                        return Err(Problem::over_limit("json_entries", detail));
                    }
                }
            }
            (false, _) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_and_entries_are_counted_outside_of_texts() {
        let limits = Limits { json_depth: 3, json_entries: 4, ..Limits::default() };
        let met = |text: &str| look_through(text.as_bytes(), &limits).err().and_then(|p| p.limit);
        assert_eq!(met("[[[1]]]"), None);
        assert_eq!(met("[[[[1]]]]"), Some("json_depth"));
        assert_eq!(met("[1,2,3,4]"), None);
        assert_eq!(met("[1,2,3,4,5]"), Some("json_entries"));
        assert_eq!(met(r#"{"a":[1,2,3],"b":[1,2,3,4]}"#), None);
        assert_eq!(met(r#"{"a":"[[[[,,,,,,","b\\\"":"\"[[[[,"}"#), None);
        assert_eq!(met(r#"["\\",[1,2,3,4,5]]"#), Some("json_entries"));
        assert_eq!(met("]]]]"), None, "what is no JSON is for the reader to say");
    }
}
