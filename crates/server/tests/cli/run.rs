//! The program, run as a person runs it.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

/// What it said, and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// -1 when a signal ended it.
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// Its output, if all went well.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// Both outputs.
    pub fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        // A row of a table that is not UTF-8 comes back as it was.
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// The program with these arguments, and with no setting of whoever runs the tests.
pub fn jiesu(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jiesu"));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|n| n.starts_with("JIESU_")) {
            command.env_remove(name);
        }
    }
    command.env("JIESU_MASTER_KEY", jiesu_testkit::MASTER_HEX).args(args);
    command
}

/// Runs it to its end.
pub fn ran(command: &mut Command) -> Ran {
    command.output().unwrap().into()
}

/// Runs it to its end with something on its standard input.
pub fn told(command: &mut Command, input: &[u8]) -> Ran {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap().into()
}
