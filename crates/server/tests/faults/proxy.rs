//! Stands between the binary and PostgreSQL and cuts connections, at any byte.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{sleep, spawn},
    time::Duration,
};

use crate::rng::Rng;

/// A proxy of the test's own.
pub struct Proxy {
    pub port: u16,
    inner: Arc<Inner>,
}

struct Inner {
    socket: PathBuf,
    rng: Mutex<Rng>,
    /// Connections live for a number of bytes of their own; as long as this is set.
    cutting: AtomicBool,
    /// Swallows everything and says nothing: a network that is gone, and not a process that hangs up.
    silent: AtomicBool,
    cuts: AtomicU64,
    /// Cuts in the answer to a COMMIT, or just before it reached the database.
    commits: AtomicU64,
}

/// Bytes after which a connection is cut, at most.
const LIFE: u64 = 60_000;

impl Proxy {
    pub fn to(socket: &Path, rng: &mut Rng) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let inner = Arc::new(Inner {
            socket: socket.to_owned(),
            rng: Mutex::new(Rng::new(rng.next())),
            cutting: AtomicBool::new(false),
            silent: AtomicBool::new(false),
            cuts: AtomicU64::new(0),
            commits: AtomicU64::new(0),
        });
        let proxy = Self { port, inner: Arc::clone(&inner) };
        spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                inner.connect(client);
            }
        });
        proxy
    }

    pub fn url(&self) -> String {
        format!("postgres://jiesu@127.0.0.1:{}/postgres", self.port)
    }

    pub fn cut(&self, yes: bool) {
        self.inner.cutting.store(yes, Ordering::SeqCst);
    }

    pub fn silence(&self, yes: bool) {
        self.inner.silent.store(yes, Ordering::SeqCst);
    }

    /// Connections cut so far, and how many of them around a COMMIT.
    pub fn cuts(&self) -> (u64, u64) {
        (self.inner.cuts.load(Ordering::SeqCst), self.inner.commits.load(Ordering::SeqCst))
    }
}

/// How a connection ends.
#[derive(Clone, Copy)]
enum End {
    /// After so many bytes, either way.
    Bytes(u64),
    /// The first COMMIT does not reach the database.
    BeforeCommit,
    /// The first COMMIT is carried out, and its answer does not come back.
    AfterCommit,
}

impl Inner {
    fn connect(self: &Arc<Self>, client: TcpStream) {
        let Ok(server) = UnixStream::connect(&self.socket) else { return };
        let end = {
            let mut rng = self.rng.lock().unwrap();
            match rng.below(4) {
                0 => End::BeforeCommit,
                1 => End::AfterCommit,
                _ => End::Bytes(2000 + rng.below(LIFE)),
            }
        };
        let line = Arc::new(Line {
            proxy: Arc::clone(self),
            client,
            server,
            end,
            passed: AtomicU64::new(0),
            committed: AtomicBool::new(false),
        });
        let back = Arc::clone(&line);
        spawn(move || line.requests());
        spawn(move || back.answers());
    }
}

/// One connection.
struct Line {
    proxy: Arc<Inner>,
    client: TcpStream,
    server: UnixStream,
    end: End,
    passed: AtomicU64,
    committed: AtomicBool,
}

impl Line {
    fn requests(&self) {
        let mut bytes = [0; 8192];
        while let Ok(n) = (&self.client).read(&mut bytes) {
            self.stand_still();
            let commit = bytes[..n].windows(6).any(|w| w.eq_ignore_ascii_case(b"COMMIT"));
            if commit && self.cutting() && matches!(self.end, End::BeforeCommit) {
                return self.hang_up(true);
            }
            if commit && self.cutting() && matches!(self.end, End::AfterCommit) {
                self.committed.store(true, Ordering::SeqCst);
            }
            if n == 0 || !self.pass(&bytes[..n], |bytes| (&self.server).write_all(bytes)) {
                break;
            }
        }
        self.hang_up(false);
    }

    fn answers(&self) {
        let mut bytes = [0; 8192];
        while let Ok(n) = (&self.server).read(&mut bytes) {
            self.stand_still();
            if self.committed.load(Ordering::SeqCst) {
                return self.hang_up(true);
            }
            if n == 0 || !self.pass(&bytes[..n], |bytes| (&self.client).write_all(bytes)) {
                break;
            }
        }
        self.hang_up(false);
    }

    /// Lets bytes through, as far as the connection lives; whether it does.
    fn pass(&self, bytes: &[u8], on: impl FnOnce(&[u8]) -> std::io::Result<()>) -> bool {
        let before = self.passed.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        if let End::Bytes(life) = self.end
            && self.cutting()
            && before + bytes.len() as u64 > life
        {
            let _ = on(&bytes[..usize::try_from(life.saturating_sub(before)).unwrap()]);
            self.proxy.cuts.fetch_add(1, Ordering::SeqCst);
            return false;
        }
        on(bytes).is_ok()
    }

    fn cutting(&self) -> bool {
        self.proxy.cutting.load(Ordering::SeqCst)
    }

    fn stand_still(&self) {
        while self.proxy.silent.load(Ordering::SeqCst) {
            sleep(Duration::from_millis(20));
        }
    }

    fn hang_up(&self, in_commit: bool) {
        if in_commit {
            self.proxy.cuts.fetch_add(1, Ordering::SeqCst);
            self.proxy.commits.fetch_add(1, Ordering::SeqCst);
        }
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}
