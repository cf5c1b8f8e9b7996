//! The other end: connections that listen, and requests. By hand, because a client library would take more memory and time than what is
//! measured.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

use crate::cli::bench::Anything;

/// Nothing takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// All that listen, and what they hear.
pub struct Ears {
    say: mpsc::UnboundedSender<(String, Instant)>,
    heard: mpsc::UnboundedReceiver<(String, Instant)>,
}

impl Ears {
    pub fn new() -> Ears {
        let (say, heard) = mpsc::unbounded_channel();
        Ears { say, heard }
    }

    /// One more listens, and has been told to ask for everything.
    pub async fn listen(&mut self, address: &str, who: Option<&str>) -> Result<(), Anything> {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!("GET /api/v1/events HTTP/1.1\r\nhost: bench\r\n{}\r\n", cookie(who));
        stream.write_all(request.as_bytes()).await?;
        let mut text = String::new();
        if !read(&mut stream, &mut text).await? || !text.starts_with("HTTP/1.1 200") {
            return Err(format!("不能收听：{}", text.lines().next().unwrap_or_default()).into());
        }
        while !text.contains("data: all\n\n") {
            if !read(&mut stream, &mut text).await? {
                return Err("收听一开始就中断了".into());
            }
        }
        let say = self.say.clone();
        tokio::spawn(async move {
            let mut text = String::new();
            while let Ok(true) = read(&mut stream, &mut text).await {
                let now = Instant::now();
                while let Some(end) = text.find("\n\n") {
                    if let Some((_, data)) = text[..end].split_once("data: ") {
                        let _ = say.send((data.to_owned(), now)); // the bench is over
                    }
                    text.drain(..end + 2);
                }
            }
        });
        Ok(())
    }

    /// Waits until so many have heard it; how long after `since` each did.
    pub async fn hear(&mut self, text: &str, times: usize, since: Instant) -> Result<Vec<Duration>, Anything> {
        let mut waits = Vec::with_capacity(times);
        while waits.len() < times {
            let heard = tokio::time::timeout(PATIENCE, self.heard.recv()).await;
            let missing = || format!("{times}个收听者中只有{}个收到", waits.len());
            let (data, at) = heard.map_err(|_| missing())?.ok_or_else(missing)?;
            if data == text {
                waits.push(at.saturating_duration_since(since));
            }
        }
        Ok(waits)
    }
}

/// What comes next; `false` at the end.
async fn read(stream: &mut TcpStream, text: &mut String) -> std::io::Result<bool> {
    let mut piece = [0; 1_024];
    let n = stream.read(&mut piece).await?;
    text.push_str(&String::from_utf8_lossy(&piece[..n]));
    Ok(n > 0)
}

/// Posts, and reads the answer.
pub async fn ask(address: &str, who: Option<&str>, path: &str, body: &Value) -> Result<Value, Anything> {
    let body = body.to_string();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n{}content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        cookie(who),
        body.len()
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all((head + &body).as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("没有答复")?;
    if !head.starts_with("HTTP/1.1 2") {
        return Err(format!("{path}：{}", body.trim()).into());
    }
    Ok(serde_json::from_str(body)?)
}

fn cookie(who: Option<&str>) -> String {
    who.map_or_else(String::new, |who| format!("cookie: jiesu_session={who}\r\n"))
}
