//! A process of this program that serves, as the system sees it.

use std::{fs, path::Path, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::Still;
use crate::{
    app::hex,
    cli::bench::{
        Anything,
        server::{KEY, MEMORY},
    },
};

/// Ended when it is dropped.
pub struct Process {
    child: Child,
    pub address: String,
}

impl Process {
    /// `jiesu serve` on this folder, or on this PostgreSQL.
    pub async fn serving(data: &Path, url: Option<&str>) -> Result<Process, Anything> {
        let mut command = Command::new(std::env::current_exe()?);
        for name in ["JIESU_DATABASE", "JIESU_CONFIG", "JIESU_CLOCK", "JIESU_BACKUP"] {
            command.env_remove(name);
        }
        // Its settings are these and no others.
        command.current_dir(data).args(["serve", "--place", super::PLACE, "--listen", "127.0.0.1:0"]);
        command.env("JIESU_DATA", fs::canonicalize(data)?);
        command.env("JIESU_MASTER_KEY", hex(&KEY)).envs(MEMORY);
        url.map(|url| command.env("JIESU_DATABASE", url));
        Self::started(command).await
    }

    pub async fn nothing() -> Result<Process, Anything> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "bare-listeners"]);
        Self::started(command).await
    }

    /// Waits until it says where it listens.
    async fn started(mut command: Command) -> Result<Process, Anything> {
        let mut child = command.kill_on_drop(true).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let stderr = child.stderr.take().ok_or("没有标准错误输出")?;
        let mut lines = BufReader::new(stderr).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some((_, rest)) = line.split_once("http://") {
                let address = rest.split('/').next().unwrap_or_default().to_owned();
                // What it says later goes where ours goes; a pipe that nobody reads fills.
                tokio::spawn(async move {
                    while let Ok(Some(line)) = lines.next_line().await {
                        eprintln!("{line}");
                    }
                });
                return Ok(Process { child, address });
            }
            eprintln!("{line}");
        }
        Err("服务没有启动".into())
    }

    fn file(&self, name: &str) -> Result<String, Anything> {
        let id = self.child.id().ok_or("服务已结束")?;
        Ok(fs::read_to_string(format!("/proc/{id}/{name}"))?)
    }

    /// Resident, in bytes.
    pub fn memory(&self) -> Result<u64, Anything> {
        let status = self.file("status")?;
        let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).ok_or("读不到内存")?;
        let kb: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kb * 1_024)
    }

    /// What it takes over such a while in which nothing happens.
    pub async fn rests(&self, while_: Duration) -> Result<Still, Anything> {
        let before = self.ticks()?;
        tokio::time::sleep(while_).await;
        let cpu = (self.ticks()? - before) as f64 / 100.0 / while_.as_secs_f64();
        Ok(Still { memory: self.memory()?, cpu })
    }

    /// Time of a processor so far, in hundredths of a second (the kernel's unit on every Linux that we know).
    fn ticks(&self) -> Result<u64, Anything> {
        let stat = self.file("stat")?;
        let after = stat.rsplit_once(") ").ok_or("读不到用时")?.1;
        let fields: Vec<&str> = after.split(' ').collect();
        Ok(fields[11].parse::<u64>()? + fields[12].parse::<u64>()?)
    }
}
