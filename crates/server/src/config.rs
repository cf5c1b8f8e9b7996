//! Settings: command line over environment (`JIESU_…`) over `jiesu.toml` over defaults. All of them fit on one page.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::Args;
use jiesu_domain::{Instant, rulebook::parse_toml};
use serde::Deserialize;

use crate::{files::Scanner, limits::Limits};

/// Characters of a secret that cannot be guessed.
const SECRET_LEAST: usize = 16;
/// With pauses that double, the last attempt of as many comes after some days.
const SMS_ATTEMPTS_MOST: u32 = 20;

/// The settings as given; what is left out falls to the file, then to the default.
#[derive(Clone, Default, Args)]
pub struct Given {
    /// 数据目录：嵌入式数据库、短信记录、附件等都在这里〔默认 ./data〕
    #[arg(long, env = "JIESU_DATA", value_name = "目录", global = true)]
    pub data: Option<PathBuf>,
    /// 数据库地址；不写则用数据目录中的嵌入式 SQLite
    #[arg(long, env = "JIESU_DATABASE", value_name = "URL", global = true, hide_env_values = true)]
    pub database: Option<String>,
    /// 备份目录：运行时每秒把嵌入式数据库的更改存到这里，可恢复到任一秒；最好在另一块磁盘。不写则不备份
    #[arg(long, env = "JIESU_BACKUP", value_name = "目录", global = true)]
    pub backup: Option<PathBuf>,
    /// 监听地址〔默认 127.0.0.1:8080；端口写0则自动选择〕
    #[arg(long, env = "JIESU_LISTEN", value_name = "地址:端口", global = true)]
    pub listen: Option<SocketAddr>,
    /// 时钟：real（默认）；固定时刻如 2026-09-29T16:30:00+08:00（可在演示中拨动）；或倍速如 60x
    #[arg(long, env = "JIESU_CLOCK", value_name = "FIXED|SCALE", global = true)]
    pub clock: Option<ClockSetting>,
    /// 短信网关推送来信时使用的密钥，至少16个字符；不写则不接收来信。请用环境变量或配置文件，命令行参数别人看得到
    #[arg(long, env = "JIESU_SMS_SECRET", value_name = "密钥", global = true, hide = true, hide_env_values = true)]
    pub sms_secret: Option<String>,
    /// 一条短信最多尝试发送的次数，之后记为未能发送〔默认 5〕
    #[arg(long, env = "JIESU_SMS_ATTEMPTS", value_name = "次数", global = true)]
    pub sms_attempts: Option<u32>,
    /// 配置文件〔默认 ./jiesu.toml，没有则略过〕
    #[arg(long, env = "JIESU_CONFIG", value_name = "文件", global = true)]
    pub config: Option<PathBuf>,
}

/// `jiesu.toml`.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    database: Option<String>,
    backup: Option<PathBuf>,
    listen: Option<String>,
    clock: Option<String>,
    sms_secret: Option<String>,
    sms_attempts: Option<u32>,
    #[serde(default)]
    attachments: Attachments,
    #[serde(default)]
    limits: Limits,
}

/// Where attached files are kept, and who looks at them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachments {
    /// Left out: `attachments` in the data folder.
    pub folder: Option<PathBuf>,
    /// `s3://bucket/prefix`: contents go there; uploads in the making stay in the folder.
    pub bucket: Option<String>,
    /// A command that reads a file from its standard input: 0 = clean, 1 = infected, all else = ask again.
    pub scan_command: Option<Vec<String>>,
    /// clamd: the path of its socket, or `host:port`.
    pub scan_clamd: Option<String>,
}

impl Attachments {
    /// # Errors
    /// Both a command and clamd are named, or the command is empty.
    fn scanner(&self) -> Result<Option<Scanner>, String> {
        match (&self.scan_command, &self.scan_clamd) {
            (Some(_), Some(_)) => Err("scan_command 与 scan_clamd 只能写一个".into()),
            (Some(command), None) if command.is_empty() => Err("scan_command 是空的".into()),
            (Some(command), None) => Ok(Some(Scanner::Command(command.clone()))),
            (None, address) => Ok(address.clone().map(Scanner::Clamd)),
        }
    }
}

/// The settings in force.
#[derive(Clone)]
pub struct Settings {
    pub data: PathBuf,
    pub database: Option<String>,
    /// Where the embedded database is archived while the server runs.
    pub backup: Option<PathBuf>,
    pub listen: SocketAddr,
    pub clock: ClockSetting,
    /// What the SMS gateway shows when it brings a message; `None`: none is taken.
    pub sms_secret: Option<String>,
    /// Where attached files are kept.
    pub files: PathBuf,
    /// `s3://bucket/prefix`, where contents are not in that folder.
    pub bucket: Option<String>,
    /// Who looks at them.
    pub scanner: Option<Scanner>,
    pub limits: Limits,
    /// Attempts after which a message is given up.
    pub sms_attempts: u32,
}

/// A secret does not reach a log.
impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Given").field("data", &self.data).field("listen", &self.listen).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("data", &self.data).field("listen", &self.listen).finish_non_exhaustive()
    }
}

/// Which clock the program lives by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum ClockSetting {
    #[default]
    Real,
    /// Stands still until it is set.
    Fixed(Instant),
    /// Runs this many times as fast as real time.
    Scale(f64),
}

impl FromStr for ClockSetting {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let wrong = || format!("“{s}”不是时钟；应为 real、2026-09-29T16:30:00+08:00 或 60x");
        if s == "real" {
            return Ok(ClockSetting::Real);
        }
        if let Some(n) = s.strip_suffix('x') {
            let n: f64 = n.parse().map_err(|_| wrong())?;
            return if n > 0.0 && n <= 1_000_000.0 { Ok(ClockSetting::Scale(n)) } else { Err(wrong()) };
        }
        s.parse().map(ClockSetting::Fixed).map_err(|_| wrong())
    }
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("读不到配置文件 {path}：{source}")]
    Read { path: String, source: std::io::Error },
    #[error("配置文件 {0}")]
    Parse(#[from] jiesu_domain::rulebook::RulebookError),
    #[error("配置文件中的 {0}")]
    Value(String),
}

impl Given {
    /// Settles what is in force.
    ///
    /// # Errors
    /// The file cannot be read or does not fit; a file that was not named and is not there is no error.
    pub fn settle(&self) -> Result<Settings, ConfigError> {
        let file = self.file()?;
        let value = |name: &str, e: String| ConfigError::Value(format!("{name}：{e}"));
        let listen = match (&self.listen, &file.listen) {
            (Some(addr), _) => *addr,
            (None, Some(s)) => s.parse().map_err(|_| value("listen", format!("“{s}”不是“地址:端口”")))?,
            (None, None) => SocketAddr::from(([127, 0, 0, 1], 8080)),
        };
        let clock = match (&self.clock, &file.clock) {
            (Some(clock), _) => *clock,
            (None, Some(s)) => s.parse().map_err(|e| value("clock", e))?,
            (None, None) => ClockSetting::Real,
        };
        let sms_secret = self.sms_secret.clone().or(file.sms_secret).filter(|s| !s.is_empty());
        if sms_secret.as_ref().is_some_and(|s| s.chars().count() < SECRET_LEAST) {
            return Err(value("sms_secret", format!("密钥过短，至少{SECRET_LEAST}个字符")));
        }
        file.limits.check().map_err(|e| ConfigError::Value(format!("[limits]：{e}")))?;
        let scanner = file.attachments.scanner().map_err(|e| value("[attachments]", e))?;
        let sms_attempts = self.sms_attempts.or(file.sms_attempts).unwrap_or(5);
        if !(1..=SMS_ATTEMPTS_MOST).contains(&sms_attempts) {
            return Err(value("sms_attempts", format!("应为1至{SMS_ATTEMPTS_MOST}次")));
        }
        let data = self.data.clone().or(file.data).unwrap_or_else(|| PathBuf::from("./data"));
        Ok(Settings {
            sms_secret,
            sms_attempts,
            files: file.attachments.folder.unwrap_or_else(|| data.join("attachments")),
            bucket: file.attachments.bucket,
            scanner,
            limits: file.limits,
            data,
            database: self.database.clone().or(file.database),
            backup: self.backup.clone().or(file.backup),
            listen,
            clock,
        })
    }

    fn file(&self) -> Result<File, ConfigError> {
        let path = self.config.clone().unwrap_or_else(|| PathBuf::from("jiesu.toml"));
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && self.config.is_none() => return Ok(File::default()),
            Err(source) => return Err(ConfigError::Read { path: path.display().to_string(), source }),
        };
        Ok(parse_toml(&name(&path), &text)?)
    }
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(toml: Option<&str>, change: impl FnOnce(&mut Given)) -> Result<Settings, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("jiesu.toml");
        let mut given = Given::default();
        if let Some(text) = toml {
            std::fs::write(&path, text).unwrap();
            given.config = Some(path);
        }
        change(&mut given);
        given.settle()
    }

    #[test]
    fn what_is_given_goes_over_the_file_and_the_file_over_the_default() {
        let file = "data = \"/srv/jiesu\"\nlisten = \"127.0.0.1:9000\"\nclock = \"60x\"\n";
        let settings = given(Some(file), |g| g.listen = Some(([127, 0, 0, 1], 7000).into())).unwrap();
        assert_eq!(settings.data, PathBuf::from("/srv/jiesu"));
        assert_eq!(settings.listen.port(), 7000);
        assert_eq!(settings.clock, ClockSetting::Scale(60.0));
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        let error = given(Some("sms_secret = \"123456\"\n"), |_| {}).unwrap_err().to_string();
        assert!(error.contains("sms_secret") && !error.contains("123456"), "{error}");
        let settings = given(None, |g| g.sms_secret = Some("0123456789abcdef".into())).unwrap();
        assert!(settings.sms_secret.is_some() && !format!("{settings:?}").contains("0123456789abcdef"));
    }

    #[test]
    fn attachments_and_limits_have_tables_of_their_own() {
        let settings = given(Some("data = \"/srv/jiesu\"\n"), |_| {}).unwrap();
        assert_eq!(settings.files, PathBuf::from("/srv/jiesu/attachments"));
        assert_eq!((settings.scanner, settings.limits), (None, Limits::default()));
        let file =
            "[attachments]\nfolder = \"/mnt/files\"\nscan_clamd = \"/run/clamd.ctl\"\n[limits]\nfile = 1000000\n";
        let settings = given(Some(file), |_| {}).unwrap();
        assert_eq!(settings.files, PathBuf::from("/mnt/files"));
        assert_eq!(settings.scanner, Some(Scanner::Clamd("/run/clamd.ctl".into())));
        assert_eq!(settings.limits, Limits { file: 1_000_000, ..Limits::default() });
        for wrong in ["[limits]\nfiel = 1\n", "[limits]\nbody = 1\n", "[attachments]\nscan_command = []\n"] {
            given(Some(wrong), |_| {}).unwrap_err();
        }
    }

    #[test]
    fn a_wrong_file_is_told_with_its_line() {
        let error = given(Some("data = \"x\"\nport = 1\n"), |_| {}).unwrap_err().to_string();
        assert!(error.contains("第2行") && error.contains("port"), "{error}");
        let error = given(Some("listen = \"nowhere\"\n"), |_| {}).unwrap_err().to_string();
        assert!(error.contains("listen") && error.contains("nowhere"), "{error}");
        let error = given(Some("sms_attempts = 21\n"), |_| {}).unwrap_err().to_string();
        assert!(error.contains("sms_attempts") && error.contains("20"), "{error}");
        let error = given(None, |g| g.config = Some("/nowhere/jiesu.toml".into())).unwrap_err().to_string();
        assert!(error.contains("/nowhere/jiesu.toml"), "{error}");
    }

    #[test]
    fn clocks_as_people_write_them() {
        assert_eq!("real".parse(), Ok(ClockSetting::Real));
        assert_eq!("0.5x".parse(), Ok(ClockSetting::Scale(0.5)));
        let fixed: ClockSetting = "2026-09-29T16:30:00+08:00".parse().unwrap();
        assert_eq!(fixed, ClockSetting::Fixed("2026-09-29T08:30:00Z".parse().unwrap()));
        for wrong in ["", "x", "0x", "-1x", "2000000x", "tomorrow", "2026-09-29"] {
            assert!(wrong.parse::<ClockSetting>().is_err(), "{wrong}");
        }
    }
}
