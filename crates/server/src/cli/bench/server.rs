//! A real server process, and clients that keep their connections as a console does.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant as Stopwatch},
};

use jiesu_store::{Session, Store};
use tempfile::NamedTempFile;

use super::Anything;
use crate::{
    app::{digest, hex, random_token},
    clock::Clock,
};

/// Sessions of the bench's own last longer than any bench.
const HOURS: i64 = 12;
/// Master key of databases that hold nothing but what a bench wrote.
pub(super) const KEY: [u8; 16] = *b"jiesu bench only";
/// Longest that a server is waited for, and an answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// A `jiesu serve` on an address of its own.
pub(super) struct Server {
    child: Child,
    /// Its settings; removed at the end.
    _settings: NamedTempFile,
    pub(super) address: String,
    /// From the start of the process until it says that it listens.
    pub(super) took: Duration,
}

/// How memory is given back, as the systemd units and the image have it.
pub(super) const MEMORY: [(&str, &str); 3] =
    [("MIMALLOC_ALLOW_THP", "0"), ("MIMALLOC_PURGE_DELAY", "0"), ("MALLOC_ARENA_MAX", "1")];

impl Server {
    /// Without a file of keys it is a bench's own database, under the benches' key.
    pub(super) fn start(
        place: &str,
        data: &Path,
        database: Option<&str>,
        keys: Option<&Path>,
    ) -> Result<Server, Anything> {
        // One account asks for all: no limit of requests is to be met.
        let mut settings = NamedTempFile::new()?;
        writeln!(settings, "[limits]\naccount = {}", u32::MAX)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--place", place, "--listen", "127.0.0.1:0"]).arg("--data").arg(data);
        command.env("JIESU_CONFIG", settings.path()).envs(MEMORY);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.env_remove("JIESU_DATABASE");
        match keys {
            Some(file) => command.env("JIESU_KEY_FILE", file),
            None => command.env("JIESU_MASTER_KEY", hex(&KEY)),
        };
        if let Some(url) = database {
            command.env("JIESU_DATABASE", url); // not on the command line: it may hold a password
        }
        let began = Stopwatch::now();
        let mut child = command.spawn()?;
        let mut said = String::new();
        let mut lines = BufReader::new(child.stderr.take().ok_or("stderr")?);
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line)? == 0 {
                let _ = child.wait();
                return Err(format!("服务没有启动：{said}").into());
            }
            said.push_str(&line);
            let address =
                line.split_once("http://").and_then(|(_, rest)| rest.split_once('/')).map(|(a, _)| a.to_owned());
            if let Some(address) = address {
                let took = began.elapsed();
                // Whatever else it says is read, so that it never waits for us.
                std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
                return Ok(Server { child, _settings: settings, address, took });
            }
        }
    }

    /// Processor time that it has used, all threads.
    pub(super) fn cpu(&self) -> Duration {
        cpu_of(&format!("/proc/{}/stat", self.child.id())).unwrap_or_default()
    }

    /// Resident memory now and at most, in MB.
    pub(super) fn memory(&self) -> (u64, u64) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let kb = |name: &str| {
            let line = status.lines().find_map(|l| l.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        (kb("VmRSS:").unwrap_or_default() / 1_000, kb("VmHWM:").unwrap_or_default() / 1_000)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time of all processes of this machine with this name: a database server works for us in processes of its own.
pub(super) fn cpu_of_all(name: &str) -> Duration {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    let named = |path: &PathBuf| fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.trim() == name);
    processes.filter(named).filter_map(|path| cpu_of(&path.join("stat").to_string_lossy())).sum()
}

/// `utime` and `stime`, which count hundredths of a second.
fn cpu_of(stat: &str) -> Option<Duration> {
    let text = fs::read_to_string(stat).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// Signs an account in without its password; the token.
pub(super) async fn sign_in(store: &Store, place: &str, account: &str) -> Result<String, Anything> {
    let token = random_token();
    let now = Clock::new(crate::config::ClockSetting::Real).now();
    let session = Session::open(digest(&token), account.to_owned(), now, HOURS);
    store.session_put(place, &session, 1).await?;
    Ok(token)
}

/// A connection that is kept, signed in.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
    address: String,
    token: String,
}

impl Client {
    pub(super) fn new(address: &str, token: &str) -> Result<Client, Anything> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Client { stream: BufReader::new(stream), address: address.to_owned(), token: token.to_owned() })
    }

    /// Asks; the time until the whole answer is there, and the answer.
    pub(super) fn get(&mut self, path: &str) -> Result<(Duration, String), Anything> {
        self.ask(&format!("GET {path} HTTP/1.1\r\n"), "")
    }

    pub(super) fn post(&mut self, path: &str, key: &str, body: &str) -> Result<(Duration, String), Anything> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nContent-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {}\r\n",
            body.len()
        );
        self.ask(&head, body)
    }

    /// As [`Client::post`], where the answer is a file: how many bytes it has.
    pub(super) fn post_for_file(&mut self, path: &str, body: &str) -> Result<(Duration, usize), Anything> {
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n");
        self.ask_for_bytes(&head, body).map(|(took, bytes)| (took, bytes.len()))
    }

    fn ask(&mut self, head: &str, body: &str) -> Result<(Duration, String), Anything> {
        let (took, answer) = self.ask_for_bytes(head, body)?;
        Ok((took, String::from_utf8(answer)?))
    }

    fn ask_for_bytes(&mut self, head: &str, body: &str) -> Result<(Duration, Vec<u8>), Anything> {
        let request = format!("{head}Host: {}\r\nCookie: jiesu_session={}\r\n\r\n{body}", self.address, self.token);
        let began = Stopwatch::now();
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let status = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer)?;
        let took = began.elapsed();
        if !status.starts_with('2') {
            return Err(format!("{head}：{status} {}", String::from_utf8_lossy(&answer)).into());
        }
        Ok((took, answer))
    }
}

/// Times of one kind, and what share of them was quicker.
#[derive(Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    pub(super) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(super) fn extend(&mut self, others: Times) {
        self.0.extend(others.0);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Milliseconds within which this share of them was done.
    pub(super) fn share(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let place = ((self.0.len() as f64 * share).ceil() as usize).clamp(1, self.0.len().max(1)) - 1;
        self.0.get(place).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut sorted = Times(self.0.clone());
        let (half, most) = (sorted.share(0.5), sorted.share(0.99));
        write!(f, "p50 {half:.2} 毫秒，p99 {most:.2} 毫秒（{}次）", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is measured is what runs.
    #[test]
    fn memory_is_given_back_as_by_the_units_and_the_image() {
        let unit = include_str!("../../../../../packaging/systemd/confined.conf");
        let image = include_str!("../../../../../packaging/Containerfile");
        for (name, value) in MEMORY {
            assert!(unit.contains(&format!("Environment={name}={value}\n")), "{name}");
            assert!(image.contains(&format!(" {name}={value}")), "{name}");
        }
    }

    #[test]
    fn shares_are_of_the_sorted_times() {
        let mut times = Times::default();
        (1..=200).rev().for_each(|n| times.push(Duration::from_millis(n)));
        assert_eq!((times.share(0.5), times.share(0.99), times.share(1.0)), (100.0, 198.0, 200.0));
        assert_eq!(Times::default().share(0.99), 0.0);
    }
}
