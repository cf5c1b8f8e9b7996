//! Secrets come by the file of the settings or the environment: what stands on a command line every user of the machine can read.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use crate::run::{jiesu, ran};

const SECRET: &str = "0123456789abcdef-secret";

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("postgres://jiesu:{SECRET}@127.0.0.1:1/jiesu");
    let wrong: [&[&str]; 2] = [&["verify", "--database", &url], &["verify", &format!("--database={url}")]];
    for args in wrong {
        let said = ran(jiesu(args).current_dir(dir.path()));
        assert_eq!(said.code, 2, "{args:?}: {}", said.said());
        assert!(said.err.contains("JIESU_") && !said.said().contains(SECRET), "{}", said.said());
    }
    // The same by the environment is taken: that nobody answers there is another matter, and is told without it.
    let said = ran(jiesu(&["verify"]).current_dir(dir.path()).env("JIESU_DATABASE", &url));
    assert!(said.err.contains("连不上数据库") && !said.said().contains(SECRET), "{}", said.said());
}

#[test]
fn no_secret_of_the_settings_stands_in_the_list_of_processes() {
    let dir = tempfile::tempdir().unwrap();
    let settings = format!(
        "place = \"shangrao\"\n[oidc]\nissuer = \"https://127.0.0.1:1\"\nclient_id = \"jiesu\"\nclient_secret = \"{SECRET}\"\n\
         our_address = \"https://127.0.0.1:2\"\n"
    );
    std::fs::write(dir.path().join("jiesu.toml"), settings).unwrap();
    let mut command = jiesu(&["serve"]);
    command.current_dir(dir.path()).env("JIESU_LISTEN", "127.0.0.1:0");
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let started = lines.any(|line| line.unwrap().contains("接诉已启动"));
    let shown = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(started);
    let shown = String::from_utf8_lossy(&shown);
    assert!(shown.contains("serve") && !shown.contains(SECRET), "{shown}");
}
