//! Short messages. The one gateway so far writes to a file: the demo's stand-in for a vendor, read by the console's viewer.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::Mutex,
};

use serde::Serialize;

/// A message ready to go out.
#[derive(Clone, Debug)]
pub struct Sms<'a> {
    /// The outbox id; a gateway that is handed the same id twice sends once.
    pub id: i64,
    /// The number.
    pub to: &'a str,
    pub text: &'a str,
}

/// What to do after a failure.
#[derive(Debug, thiserror::Error)]
pub enum SmsError {
    /// Worth another try later.
    #[error("短信网关暂时不可用：{0}")]
    Retry(String),
    /// Another try cannot help.
    #[error("短信不能发送：{0}")]
    GiveUp(String),
}

/// Something that sends short messages. Called from the worker, outside of any transaction.
pub trait SmsGateway: Send + Sync {
    /// Hands the message over; the answer is the gateway's receipt.
    ///
    /// # Errors
    /// Says whether another try is worth it.
    fn send(&self, sms: &Sms<'_>) -> Result<String, SmsError>;
}

/// Appends each message as a line of JSON to a file that only its owner can read.
#[derive(Debug)]
pub struct FileSms {
    path: PathBuf,
    file: Mutex<File>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: i64,
    to: &'a str,
    text: &'a str,
    parts: usize,
}

impl FileSms {
    /// Opens or creates the file.
    ///
    /// # Errors
    /// It cannot be opened for writing.
    pub fn open(path: &Path) -> std::io::Result<FileSms> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(FileSms { path: path.to_owned(), file: Mutex::new(options.open(path)?) })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl SmsGateway for FileSms {
    fn send(&self, sms: &Sms<'_>) -> Result<String, SmsError> {
        let digits = sms.to.chars().filter(char::is_ascii_digit).count();
        if digits < 5 || !sms.to.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ')) {
            return Err(SmsError::GiveUp("号码不是电话号码".into()));
        }
        let line = Line { id: sms.id, to: sms.to, text: sms.text, parts: parts(sms.text) };
        let mut line = serde_json::to_string(&line).map_err(|e| SmsError::GiveUp(e.to_string()))?;
        line.push('\n');
        let mut file = self.file.lock().map_err(|_| SmsError::Retry("短信文件被占用".into()))?;
        whole(&mut file, line.as_bytes()).map_err(|e| SmsError::Retry(e.to_string()))?;
        Ok(format!("file-{}", sms.id))
    }
}

/// Appends all of it or nothing: a full disk takes the beginning of a line and refuses the rest. Other processes keep away meanwhile.
fn whole(file: &mut File, line: &[u8]) -> std::io::Result<()> {
    file.lock()?;
    let written = file
        .metadata()
        .and_then(|before| file.write_all(line).or_else(|error| file.set_len(before.len()).and(Err(error))));
    file.unlock()?;
    written
}

/// How many messages a text is: 70 characters in one, 67 in each part of a longer one (UCS-2).
pub fn parts(text: &str) -> usize {
    let units = text.encode_utf16().count();
    if units <= 70 { 1 } else { units.div_ceil(67) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_a_line_and_a_bad_number_is_given_up() {
        let dir = tempfile::tempdir().unwrap();
        let gateway = FileSms::open(&dir.path().join("sms.jsonl")).unwrap();
        gateway.send(&Sms { id: 7, to: "13900001234", text: "您的诉求已受理" }).unwrap();
        let refused = gateway.send(&Sms { id: 8, to: "不详", text: "…" });
        assert!(matches!(refused, Err(SmsError::GiveUp(_))));
        let text = std::fs::read_to_string(gateway.path()).unwrap();
        assert_eq!(text, "{\"id\":7,\"to\":\"13900001234\",\"text\":\"您的诉求已受理\",\"parts\":1}\n");
    }

    #[test]
    fn parts_at_the_limit_and_one_past_it() {
        assert_eq!(parts(&"字".repeat(70)), 1);
        assert_eq!(parts(&"字".repeat(71)), 2);
        assert_eq!(parts(&"字".repeat(134)), 2);
        assert_eq!(parts(&"字".repeat(135)), 3);
    }
}
