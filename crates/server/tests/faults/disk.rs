//! A full, a read-only and a breaking disk, for real: a small file system in a mount namespace of the test's own. Where the machine allows
//! none, the test says so and is skipped.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use jiesu_testkit::{Kind, TestDb};
use serde_json::json;

use crate::{
    client::{Answer, Client},
    kit::{Server, seed, told, until, wait},
};

const MOUNT: &str = "/mnt";
/// Where ext4 is told of an error that it is to take for one of its own.
const ERRORS: &str = "/sys/fs/ext4/$(basename $(findmnt -no SOURCE /mnt))/trigger_fs_error";

/// A process that holds a mount namespace with a small disk in it.
struct Disk {
    holder: Child,
    as_root: bool,
}

impl Disk {
    /// `None` if the machine allows none; it says why.
    fn new(size: &str) -> Option<Self> {
        Self::mounted(&format!("mount -t tmpfs -o size={size} none {MOUNT}"))
    }

    /// A file system in a file, which the kernel turns read-only when it finds an error.
    fn that_breaks(image: &Path) -> Option<Self> {
        let image = image.display();
        let make = format!("truncate -s 64M {image} && mkfs.ext4 -q -F {image}");
        Self::mounted(&format!("{make} && mount -o loop,errors=remount-ro {image} {MOUNT} && test -w {ERRORS}"))
    }

    fn mounted(script: &str) -> Option<Self> {
        let as_root = Command::new("unshare").args(["--mount", "true"]).status().is_ok_and(|s| s.success());
        let flags: &[&str] = if as_root { &["--mount"] } else { &["--user", "--map-root-user", "--mount"] };
        let script = format!("PATH=$PATH:/usr/sbin:/sbin; {script} && echo mounted && exec sleep 600");
        let holder = Command::new("unshare").args(flags).args(["sh", "-c", &script]).stdout(Stdio::piped()).spawn();
        let Ok(mut holder) = holder else {
            println!("SKIPPED: no unshare on this machine");
            return None;
        };
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        if line != "mounted\n" {
            println!("SKIPPED: this machine lets us mount no file system of our own");
            return None;
        }
        Some(Self { holder, as_root })
    }

    /// Runs something that sees the disk.
    fn inside(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.holder.id().to_string(), "--mount"]);
        if !self.as_root {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg(program).args(args);
        command.env("JIESU_DATA", MOUNT).env("JIESU_LISTEN", "127.0.0.1:0");
        command.env("JIESU_MASTER_KEY", jiesu_testkit::MASTER_HEX);
        command
    }

    fn jiesu(&self, args: &[&str]) -> Command {
        self.inside(env!("CARGO_BIN_EXE_jiesu"), args)
    }

    /// The disk as seen from here.
    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{MOUNT}/{name}", self.holder.id()))
    }

    /// Runs a script that sees the disk.
    #[track_caller]
    fn done(&self, script: &str) {
        let output = self.inside("sh", &["-c", &format!("PATH=$PATH:/usr/sbin:/sbin; {script}")]).output().unwrap();
        assert!(output.status.success(), "{script}: {}", told(&output));
    }

    /// Puts a centre on it. Nobody has used their session for some minutes, so that the next use would be written down.
    fn with_a_centre(self) -> Self {
        let made = wait(TestDb::new(Kind::Sqlite));
        wait(seed(made.location()));
        wait(made.run(STALE)).unwrap();
        fs::copy(made.file(), self.path("jiesu.db")).unwrap();
        // As what a server makes is: a disk that breaks may not lose it.
        File::open(self.path("jiesu.db")).unwrap().sync_all().unwrap();
        self
    }

    /// Writes until there is no room.
    fn fill(&self) {
        let mut filler = fs::OpenOptions::new().create(true).append(true).open(self.path("filler")).unwrap();
        let mut piece = 64 * 1024;
        while piece > 0 {
            if filler.write_all(&vec![0; piece]).is_err() {
                piece /= 2;
            }
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.path("filler")).unwrap();
    }

    fn verify(&self) {
        let output = self.jiesu(&["verify"]).output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
    }
}

const STALE: &str = "UPDATE session SET seen_at = seen_at - 300000000";

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn register(server: &Server, key: &str) -> Answer {
    let body = json!({ "kind": "help", "title": "路灯不亮", "content": "小区门口路灯一周不亮".repeat(200), "channel": "phone",
        "appellant": { "phone": "13900001234" } });
    Client::new(false).post(&server.address, "seat", "/api/v1/tickets", key, &body).unwrap()
}

fn listed(server: &Server) -> usize {
    listed_by(server, "seat")
}

fn listed_by(server: &Server, who: &str) -> usize {
    let answer = Client::new(false).get(&server.address, who, "/api/v1/tickets?limit=100").unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["items"].as_array().unwrap().len()
}

#[test]
fn full_and_then_not() {
    let Some(disk) = Disk::new("6m") else { return };
    let disk = disk.with_a_centre();
    let server = Server::start(disk.jiesu(&["serve"]));
    let mut there = 5;
    for n in 0..there {
        assert!(register(&server, &format!("before-{n}")).status < 300);
    }
    disk.fill();
    // What room is left in the log's last page may take one more.
    let refused = (0..20).find_map(|n| {
        let answer = register(&server, &format!("during-{n}"));
        if answer.status < 300 {
            there += 1;
            None
        } else {
            Some((n, answer))
        }
    });
    let (n, answer) = refused.expect("the disk is full");
    assert!(answer.unavailable().contains("没有保存任何更改"), "{}", answer.body);
    assert_eq!(answer.body["type"], "/problems/read-only", "{}", answer.body);
    for again in 0..3 {
        register(&server, &format!("during-again-{again}")).unavailable();
    }
    assert_eq!(listed(&server), there, "reading goes on, and nothing was half-written");
    assert_eq!(listed_by(&server, "reviewer"), there, "also for those whose session would be written down");
    disk.make_room();
    // The same process, the same keys.
    assert!(register(&server, &format!("during-{n}")).status < 300);
    assert!(register(&server, "after-the-flood").status < 300);
    assert_eq!(listed(&server), there + 2);
    disk.verify();
    let messages = || fs::read_to_string(disk.path("sms.jsonl")).unwrap();
    until("every message goes out", || messages().lines().count() >= there);
    for line in messages().lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "half a message: {line}");
    }
}

#[test]
fn read_only_at_the_start() {
    let Some(disk) = Disk::new("6m") else { return };
    let disk = disk.with_a_centre();
    let remount = |how: &str| {
        assert!(disk.inside("mount", &["-o", how, MOUNT]).status().unwrap().success());
    };
    remount("remount,ro");
    let before = fs::read(disk.path("jiesu.db")).unwrap();
    let output = disk.inside("timeout", &["20", env!("CARGO_BIN_EXE_jiesu"), "serve"]).output().unwrap();
    let said = told(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("不能写入") || said.contains("只读"), "{said}");
    assert!(fs::read(disk.path("jiesu.db")).unwrap() == before);
    remount("remount,rw");
    let server = Server::start(disk.jiesu(&["serve"]));
    assert!(register(&server, "writable-again").status < 300);
    disk.verify();
}

/// The kernel finds an error and turns the disk read-only under the running process. Afterwards the disk is looked through and mounted again.
#[test]
fn the_disk_turns_read_only() {
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("disk");
    let Some(disk) = Disk::that_breaks(&image) else { return };
    let disk = disk.with_a_centre();
    let mut server = Server::start(disk.jiesu(&["serve"]));
    for n in 0..5 {
        assert!(register(&server, &format!("before-{n}")).status < 300);
    }
    disk.done(&format!("echo 1 > {ERRORS}"));
    // The commit in whose midst it broke may be on the disk or not; then it is known that nothing can be.
    let answer = register(&server, "broken-0");
    answer.unavailable();
    assert!(
        ["/problems/unsure", "/problems/read-only"].contains(&answer.body["type"].as_str().unwrap()),
        "{}",
        answer.body
    );
    for n in 1..3 {
        let answer = register(&server, &format!("broken-{n}"));
        assert!(answer.unavailable().contains("没有保存任何更改"), "{}", answer.body);
        assert_eq!(answer.body["type"], "/problems/read-only", "{}", answer.body);
    }
    assert_eq!(listed(&server), 5, "reading goes on");
    assert_eq!(listed_by(&server, "reviewer"), 5, "also for those whose session would be written down");
    server.ask_to_stop();
    until("it ends", || server.child.try_wait().unwrap().is_some());
    // e2fsck says by 1 that it has put something right.
    disk.done(&format!(
        "umount {MOUNT} && {{ e2fsck -p {0} >/dev/null || test $? = 1; }} && mount -o loop {0} {MOUNT}",
        image.display()
    ));
    let server = Server::start(disk.jiesu(&["serve"]));
    for n in 0..3 {
        let answer = register(&server, &format!("broken-{n}"));
        assert!(answer.status < 300, "{} {}", answer.status, answer.body);
    }
    assert_eq!(listed(&server), 8, "nothing acknowledged is lost, nothing that was asked again is doubled");
    disk.verify();
}

/// A database that takes no writes while the process runs, as a standby does after a switch.
#[test]
fn postgres_turns_read_only() {
    let centre = crate::kit::Centre::of_its_own();
    wait(centre.db.run(STALE)).unwrap();
    let server = centre.serve();
    assert!(register(&server, "before-it-turned").status < 300);
    let set = |to: &str| {
        wait(centre.db.run(&format!("ALTER SYSTEM SET default_transaction_read_only = {to}"))).unwrap();
        wait(centre.db.run("SELECT pg_reload_conf()")).unwrap();
    };
    set("on");
    until("it takes no writes", || register(&server, "while-read-only").status == 503);
    let answer = register(&server, "while-read-only-2");
    assert_eq!(answer.body["type"], "/problems/read-only", "{}", answer.body);
    assert!(answer.unavailable().contains("没有保存任何更改"));
    assert!(listed(&server) >= 1);
    assert!(listed_by(&server, "reviewer") >= 1, "also for those whose session would be written down");
    set("off");
    until("it takes writes again", || register(&server, "while-read-only-2").status < 300);
    centre.verify();
}
