//! `jiesu ready`: asks the process on this machine whether it should be given work. For scripts, containers and people.

use std::{
    error::Error,
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use serde_json::Value;

use crate::{
    config::Given,
    serve::{TlsFiles, ask_own},
};

/// Longer than the process itself waits for its database.
const PATIENCE: Duration = Duration::from_secs(5);

/// Exit code 1 if it is not ready; why is printed.
///
/// # Errors
/// The settings cannot be read.
pub fn run(given: &Given) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    let asked = settings.metrics.unwrap_or(settings.listen);
    // Figures are plain on the loopback alone.
    let plain = settings.metrics.is_some_and(|metrics| metrics.ip().is_loopback());
    let tls = settings.tls.as_ref().filter(|_| !plain);
    let address = here(asked);
    let (ready, said) = match ask(address, tls) {
        Ok(answer) => read(&answer),
        Err(error) => (false, format!("{address} 没有应答（{error}）；请检查服务是否在运行、地址是否正确")),
    };
    if ready {
        println!("已就绪");
        return Ok(ExitCode::SUCCESS);
    }
    println!("尚未就绪：{said}");
    Ok(ExitCode::FAILURE)
}

/// Who listens everywhere is asked on this machine's own address.
fn here(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        return SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port());
    }
    address
}

fn ask(address: SocketAddr, tls: Option<&TlsFiles>) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = format!("GET /readyz HTTP/1.0\r\nhost: {address}\r\n\r\n");
    if let Some(files) = tls {
        return ask_own(files, stream, &request);
    }
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Whether it is ready, and what it says.
fn read(answer: &str) -> (bool, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let ready = head.split(' ').nth(1) == Some("200");
    let problem: Value = serde_json::from_str(body).unwrap_or_default();
    (ready, problem["detail"].as_str().unwrap_or(body.trim()).to_owned())
}
