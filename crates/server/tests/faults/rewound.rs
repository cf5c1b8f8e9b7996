//! PostgreSQL back to an instant, by the words of `docs/operating.md`: its settings and commands are taken from there and run as they
//! stand, with folders of the test's own. (The embedded database's own way back: `cli/restore.rs`.)

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    thread::sleep,
    time::Duration,
};

use crate::{
    kit::{Centre, told, until},
    load::Crew,
    rng::Rng,
};

/// Where things stand in the handbook, and where they stand in the test.
struct Drill {
    dir: tempfile::TempDir,
    bin: PathBuf,
    changes: Vec<(String, String)>,
}

impl Drill {
    fn new() -> Drill {
        let dir = tempfile::tempdir().unwrap();
        for name in ["backup", "backup/wal"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        // PostgreSQL refuses to run as root; as somebody else its folders are ours.
        if is_root() {
            let done = Command::new("chown").args(["-R", "postgres"]).arg(dir.path()).status().unwrap();
            assert!(done.success());
        }
        let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
        let changes = vec![
            ("/backup".into(), at("backup")),
            ("/tmp/drill".into(), at("drill")),
            // The cluster of a test has one database, and bases of today.
            ("localhost:5499/jiesu".into(), "localhost:5499/postgres".into()),
            ("base-2026-11-22".into(), "base-$(date +%F)".into()),
        ];
        Drill { dir, bin: programs(), changes }
    }

    /// A block of the section on PostgreSQL, the one with these words in it, told of our folders.
    fn block(&self, words: &str) -> String {
        let handbook = include_str!("../../../../docs/operating.md");
        let section = handbook.split("### PostgreSQL\n").nth(1).unwrap().split("\n## ").next().unwrap();
        let block = section.split("```\n").skip(1).step_by(2).find(|block| block.contains(words));
        let mut block = block.unwrap_or_else(|| panic!("the handbook has no block with {words:?}")).to_owned();
        for (theirs, ours) in &self.changes {
            block = block.replace(theirs, ours);
        }
        block
    }

    /// Runs a script as the user PostgreSQL runs as, with the programs it needs and the running centre's address.
    fn run(&self, centre: &Centre, script: &str) -> Output {
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", "bash", "-c"]);
            command
        } else {
            let mut command = Command::new("bash");
            command.arg("-c");
            command
        };
        let jiesu = Path::new(env!("CARGO_BIN_EXE_jiesu")).parent().unwrap();
        let path = format!("{}:{}:{}", self.bin.display(), jiesu.display(), std::env::var("PATH").unwrap());
        command.arg(script).current_dir(self.dir.path()).env("PATH", path);
        command.env("JIESU_MASTER_KEY", jiesu_testkit::MASTER_HEX);
        command.env("JIESU_DATABASE", centre.db.location()).output().unwrap()
    }

    #[track_caller]
    fn done(&self, centre: &Centre, script: &str) -> String {
        let output = self.run(centre, script);
        let log = fs::read_to_string(self.dir.path().join("drill/log")).unwrap_or_default();
        assert!(output.status.success(), "{script}\n{}\n{log}", told(&output));
        told(&output)
    }

    /// Every entry of the restored journal.
    fn journal(&self, centre: &Centre) -> Vec<String> {
        let socket = self.dir.path().join("drill");
        let ask = format!("psql -h {} -p 5499 -U jiesu -d postgres -Atc '{JOURNAL}'", socket.display());
        self.done(centre, &ask).lines().map(str::to_owned).collect()
    }
}

impl Drop for Drill {
    fn drop(&mut self) {
        // Whatever became of the test, its cluster goes.
        if let Ok(file) = fs::read_to_string(self.dir.path().join("drill/postmaster.pid")) {
            let _ = Command::new("kill").args(["-QUIT", file.lines().next().unwrap_or_default()]).status();
        }
    }
}

const JOURNAL: &str = "SELECT CAST(seq AS TEXT), hash FROM journal ORDER BY seq";

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|of| std::os::unix::fs::MetadataExt::uid(&of) == 0)
}

/// The newest PostgreSQL of the machine.
fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|dirs| dirs.map(|dir| dir.unwrap().path().join("bin")).collect())
        .unwrap_or_default();
    found.sort();
    found.pop().unwrap_or_default()
}

#[test]
fn to_an_instant() {
    let mut rng = Rng::from_env("rewound::to_an_instant");
    let (centre, drill) = (Centre::of_its_own(), Drill::new());
    centre.cluster().settings(&drill.block("archive_command"));
    let server = centre.serve();
    let address = server.address.clone();
    let crew = Crew::new("rewound", 4, &mut rng);
    let work = |enough: usize| {
        let wanted = crew.done() + enough;
        crew.works(&[&address], || until("there is work", || crew.done() >= wanted));
        crew.settles(&[&address]);
    };
    work(30);
    drill.done(&centre, &drill.block("pg_basebackup"));
    work(30);
    // The instant, and what stood then.
    let stood = centre.rows(JOURNAL);
    let instant = centre.rows("SELECT CAST(clock_timestamp() AS TEXT)").remove(0);
    sleep(Duration::from_millis(10));
    work(30);
    // What a minute without much to do brings: the log so far is archived.
    let last = centre.rows("SELECT pg_walfile_name(pg_switch_wal())").remove(0);
    until("the log is archived", || {
        centre.rows("SELECT COALESCE(last_archived_wal, '') FROM pg_stat_archiver").remove(0) >= last
    });
    crew.works(&[&address], || {
        sleep(Duration::from_millis(200));
        centre.cluster().crash();
    });
    drop(server);

    let said = drill.done(&centre, &drill.block("recovery_target_time").replace("2026-11-22 14:32:00+08", &instant));
    assert!(said.contains("✓ 各条日志链完整，与每日存证一致，工单和知识条目各栏与日志推得的一致"), "{said}");
    assert!(drill.journal(&centre) == stood, "exactly what stood then: {} entries", stood.len());
    println!("{} entries until {instant}, {} acknowledged in all", stood.len(), crew.done());
}

/// An instant that the archive does not reach says so and starts nothing.
#[test]
fn not_beyond_the_archive() {
    let (centre, drill) = (Centre::of_its_own(), Drill::new());
    centre.cluster().settings(&drill.block("archive_command"));
    drill.done(&centre, &drill.block("pg_basebackup"));
    let refused =
        drill.run(&centre, &drill.block("recovery_target_time").replace("2026-11-22 14:32:00", "2099-01-01 00:00:00"));
    assert!(!refused.status.success(), "{}", told(&refused));
    let log = fs::read_to_string(drill.dir.path().join("drill/log")).unwrap();
    assert!(log.contains("recovery ended before configured recovery target was reached"), "{log}");
}
