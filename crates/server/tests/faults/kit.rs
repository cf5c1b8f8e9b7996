//! A centre on a database, and processes that serve it.

use std::{
    future::Future,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, LazyLock, Mutex},
    time::{Duration, Instant},
};

use jiesu_domain::Role;
use jiesu_server::{
    app::{App, digest},
    demo,
    law::Law,
};
use jiesu_store::{Account, Session, Store, StoreOptions};
use jiesu_testkit::{Cluster, Kind, TestDb};

pub const PLACE: &str = "shangrao";
/// Longer than the slowest machine takes; only a failure waits for it.
pub const PATIENCE: Duration = Duration::from_secs(60);

static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| tokio::runtime::Runtime::new().unwrap());

/// Waits for something asynchronous.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// Waits until it holds.
#[track_caller]
pub fn until(what: &str, holds: impl FnMut() -> bool) {
    until_within(PATIENCE, what, holds);
}

/// Waits until it holds, so long.
#[track_caller]
pub fn until_within(patience: Duration, what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < patience, "{what}: not within {patience:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A database with a centre's accounts, all of them signed in: the cookie of each is its log-in name.
pub struct Centre {
    pub db: TestDb,
    data: PathBuf,
    /// What processes are told, if not the database's own address: a proxy.
    pub through: Option<String>,
    pub cluster: Option<Cluster>,
}

impl Centre {
    pub fn new(kind: Kind) -> Self {
        Self::with(wait(TestDb::new(kind)), None)
    }

    /// On a PostgreSQL of its own.
    pub fn of_its_own() -> Self {
        let cluster = Cluster::start();
        Self::with(TestDb::on(&cluster), Some(cluster))
    }

    fn with(db: TestDb, cluster: Option<Cluster>) -> Self {
        wait(seed(db.location()));
        Self { data: db.dir().to_owned(), db, through: None, cluster }
    }

    pub fn cluster(&self) -> &Cluster {
        self.cluster.as_ref().unwrap()
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The binary on this centre.
    pub fn jiesu(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jiesu"));
        self.told(&mut command).args(args);
        command
    }

    /// Settings for a command that ends up as the binary.
    pub fn told<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("JIESU_DATA", &self.data).env("JIESU_LISTEN", "127.0.0.1:0");
        command.env("JIESU_MASTER_KEY", jiesu_testkit::MASTER_HEX);
        if self.db.kind == Kind::Postgres {
            command.env("JIESU_DATABASE", self.through.as_deref().unwrap_or(self.db.location()));
        }
        command
    }

    pub fn serve(&self) -> Server {
        Server::start(self.jiesu(&["serve"]))
    }

    /// `jiesu verify` finds nothing wrong.
    #[track_caller]
    pub fn verify(&self) {
        let output = self.jiesu(&["verify"]).output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
    }

    pub fn rows(&self, sql: &str) -> Vec<String> {
        wait(self.db.rows(sql))
    }

    pub fn number(&self, sql: &str) -> i64 {
        self.rows(sql)[0].parse().unwrap()
    }
}

/// Everything a process said.
pub fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Tables, units, the demo's accounts and a session for each.
pub async fn seed(location: &str) {
    let store = Store::open(location, StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
    store.migrate().await.unwrap();
    let law = Law::load(None).unwrap();
    App::seed(&store, PLACE, "上饶市", law.units(PLACE)).await.unwrap();
    let now = jiesu_server::clock::Clock::new(jiesu_server::config::ClockSetting::Real).now();
    for a in demo::accounts(PLACE, law.units(PLACE)) {
        let login = a.login.clone();
        let account = Account {
            account: a.login.clone(),
            login: a.login,
            name: a.name,
            role: Role::code(a.role).into(),
            unit: a.unit,
            active: true,
        };
        store.account_put(PLACE, &account).await.unwrap();
        let session = Session::open(digest(&login), login, now, 12);
        store.session_put(PLACE, &session, 1).await.unwrap();
    }
    store.close().await.unwrap();
}

/// A process that serves; killed when it is dropped.
pub struct Server {
    pub child: Child,
    pub address: String,
    said: Arc<Mutex<String>>,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    #[track_caller]
    pub fn start(command: Command) -> Self {
        let mut server = Self::begin(command);
        until("a server starts", || {
            let said = server.said();
            assert!(server.child.try_wait().unwrap().is_none(), "it ended: {said}");
            let address = said.split("控制台 http://").nth(1).and_then(|rest| rest.split_once("/console/"));
            server.address = address.map_or_else(String::new, |(address, _)| address.to_owned());
            !server.address.is_empty()
        });
        server
    }

    /// Starts it and hears what it says.
    pub fn begin(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        listen(child.stderr.take().unwrap(), Arc::clone(&said));
        Self { child, address: String::new(), said }
    }

    /// Standard error until now.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM.
    pub fn ask_to_stop(&self) {
        let done = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- {} said:\n{}", self.address, self.said());
        }
    }
}

fn listen(stderr: impl std::io::Read + Send + 'static, said: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let mut said = said.lock().unwrap();
            said.push_str(&line);
            said.push('\n');
        }
    });
}
