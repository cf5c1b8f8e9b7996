//! A PostgreSQL that a test has for itself, to pull its plug.

use std::path::Path;

use tempfile::TempDir;

use crate::script;

/// A cluster with durable settings in a temporary folder. It goes away when it is dropped, or with the test's process.
#[derive(Debug)]
pub struct Cluster {
    dir: TempDir,
    url: String,
}

impl Cluster {
    /// Makes and starts one; its one database is empty.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = script(&["private", dir.path().to_str().unwrap(), &std::process::id().to_string()]);
        Self { dir, url }
    }

    /// Address of its database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Adds lines to its `postgresql.conf`, and starts it anew.
    pub fn settings(&self, lines: &str) {
        let file = self.dir.path().join("data/postgresql.conf");
        let settings = std::fs::read_to_string(&file).unwrap() + "\n" + lines;
        std::fs::write(file, settings).unwrap();
        self.down();
        self.up();
    }

    /// Listens on this port of the machine too, with TLS and not without. Both files are PEM.
    pub fn tls(&self, certificate: &Path, key: &Path, port: u16) {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        script(&["tls", self.path(), &text(certificate), &text(key), &port.to_string()]);
    }

    /// The socket it listens on.
    pub fn socket(&self) -> std::path::PathBuf {
        self.dir.path().join(".s.PGSQL.5432")
    }

    /// Starts it again.
    pub fn up(&self) {
        script(&["up", self.path()]);
    }

    /// Stops it in order: connections are ended, everything is on disk.
    pub fn down(&self) {
        script(&["down", self.path()]);
    }

    /// Kills every process of it at once.
    pub fn crash(&self) {
        script(&["crash", self.path()]);
    }

    fn path(&self) -> &str {
        Path::to_str(self.dir.path()).unwrap()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Down already, perhaps: the folder goes anyway.
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/test-postgres.sh");
        let _ = std::process::Command::new(script).args(["crash", self.path()]).output();
    }
}
