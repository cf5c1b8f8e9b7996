//! The virus scan: a command of the centre, or clamd by its socket. What it cannot say today it is asked again.

use std::{io, path::PathBuf, process::Stdio, time::Duration};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Reading;

/// A scan that has said nothing for so long is asked again later.
const PATIENCE: Duration = Duration::from_secs(120);
/// Bytes handed to clamd at a time.
const PIECE: usize = 64 * 1024;

/// Who looks at files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// A command that reads the file from its standard input: 0 = clean, 1 = infected, all else = ask again.
    Command(Vec<String>),
    /// clamd: the path of its socket, or `host:port`.
    Clamd(String),
}

/// What the scan says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Clean,
    Infected,
}

impl Scanner {
    /// Looks at a content.
    ///
    /// # Errors
    /// The scan could not be made, or did not end.
    pub async fn scan(&self, content: Reading) -> io::Result<Verdict> {
        let scan = async {
            match self {
                Scanner::Command(command) => by_command(command, content).await,
                Scanner::Clamd(address) => by_clamd(address, content).await,
            }
        };
        let late = |_| io::Error::new(io::ErrorKind::TimedOut, "the virus scan did not end");
        tokio::time::timeout(PATIENCE, scan).await.map_err(late)?
    }
}

async fn by_command(command: &[String], mut content: Reading) -> io::Result<Verdict> {
    let (program, arguments) = command.split_first().ok_or_else(|| io::Error::other("no command"))?;
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // Who has seen enough may close it; its exit code counts.
        let _ = tokio::io::copy(&mut content, &mut input).await;
    }
    match child.wait().await?.code() {
        Some(0) => Ok(Verdict::Clean),
        Some(1) => Ok(Verdict::Infected),
        code => Err(io::Error::other(format!("the virus scan ended with {code:?}"))),
    }
}

async fn by_clamd(address: &str, content: Reading) -> io::Result<Verdict> {
    #[cfg(unix)]
    if address.starts_with('/') {
        return instream(tokio::net::UnixStream::connect(PathBuf::from(address)).await?, content).await;
    }
    instream(tokio::net::TcpStream::connect(address).await?, content).await
}

/// clamd's `INSTREAM`: pieces with their length before them, an empty one at the end; `stream: OK` or `stream: … FOUND`.
async fn instream(mut clamd: impl AsyncRead + AsyncWrite + Unpin, mut content: Reading) -> io::Result<Verdict> {
    clamd.write_all(b"zINSTREAM\0").await?;
    let mut piece = vec![0; PIECE];
    loop {
        let n = content.read(&mut piece).await?;
        clamd.write_all(&(n as u32).to_be_bytes()).await?;
        clamd.write_all(&piece[..n]).await?;
        if n == 0 {
            break;
        }
    }
    let mut answer = String::new();
    clamd.take(4096).read_to_string(&mut answer).await?;
    match answer.trim_end_matches(['\0', '\n']) {
        a if a.ends_with(" OK") => Ok(Verdict::Clean),
        a if a.ends_with(" FOUND") => Ok(Verdict::Infected),
        _ => Err(io::Error::other("clamd gave no verdict")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(text: &'static str) -> Reading {
        Box::pin(text.as_bytes())
    }

    fn shell(script: &str) -> Scanner {
        Scanner::Command(["sh", "-c", script].map(str::to_owned).to_vec())
    }

    #[tokio::test]
    async fn a_command_says_it_by_its_exit_code() {
        let grep = shell("grep -q EICAR && exit 1 || exit 0");
        assert_eq!(grep.scan(content("plain")).await.unwrap(), Verdict::Clean);
        assert_eq!(grep.scan(content("X5O EICAR")).await.unwrap(), Verdict::Infected);
        assert!(shell("exit 2").scan(content("plain")).await.is_err());
        assert_eq!(shell("exit 0").scan(content("not read at all")).await.unwrap(), Verdict::Clean);
        assert!(Scanner::Command(vec!["/nowhere/scan".into()]).scan(content("")).await.is_err());
    }

    /// A clamd that finds what contains `EICAR`, and checks the protocol on the way.
    async fn clamd(socket: tokio::net::TcpListener) {
        loop {
            let (mut stream, _) = socket.accept().await.unwrap();
            let mut head = [0; 10];
            stream.read_exact(&mut head).await.unwrap();
            assert_eq!(&head, b"zINSTREAM\0");
            let mut all = Vec::new();
            loop {
                let n = stream.read_u32().await.unwrap() as usize;
                if n == 0 {
                    break;
                }
                let mut piece = vec![0; n];
                stream.read_exact(&mut piece).await.unwrap();
                all.extend(piece);
            }
            let found = String::from_utf8_lossy(&all).contains("EICAR");
            let answer = if found { "stream: Eicar-Test FOUND\0" } else { "stream: OK\0" };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn clamd_is_asked_by_its_socket() {
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scanner = Scanner::Clamd(socket.local_addr().unwrap().to_string());
        tokio::spawn(clamd(socket));
        assert_eq!(scanner.scan(content("plain")).await.unwrap(), Verdict::Clean);
        assert_eq!(scanner.scan(content("EICAR")).await.unwrap(), Verdict::Infected);
        assert!(Scanner::Clamd("/nowhere/clamd.ctl".into()).scan(content("")).await.is_err());
    }
}
