//! Settings: command line over environment (`JIESU_…`) over `jiesu.toml` over defaults. All of them fit on one page.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::Args;
use jiesu_domain::{
    Instant,
    rulebook::{RulebookError, line_of, parse_toml},
};
use serde::Deserialize;

use crate::{
    files::Scanner,
    limits::Limits,
    login::OidcSettings,
    serve::TlsFiles,
    telemetry::log::{Detail, Format, Logging},
};

/// Looked for in this order where none is named.
const FILES: [&str; 2] = ["jiesu.toml", "/etc/jiesu/jiesu.toml"];

/// Where it listens if nobody says.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
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
    /// 主密钥文件，加密个人信息和诉求内容的密钥由它保护；没有时首次启动会生成〔默认数据目录中的 master.key，应移到别处〕
    #[arg(long, env = "JIESU_KEY_FILE", value_name = "文件", global = true)]
    pub key_file: Option<PathBuf>,
    /// 监听地址〔默认 127.0.0.1:8080；端口写0则自动选择〕
    #[arg(long, env = "JIESU_LISTEN", value_name = "地址:端口", global = true)]
    pub listen: Option<SocketAddr>,
    /// 时钟：real（默认）；固定时刻如 2026-09-29T16:30:00+08:00（可在演示中拨动）；或倍速如 60x
    #[arg(long, env = "JIESU_CLOCK", value_name = "FIXED|SCALE", global = true)]
    pub clock: Option<ClockSetting>,
    /// 浏览器经 HTTPS 访问（本程序前面有 TLS 代理）：登录凭据只走加密连接〔默认 false〕
    #[arg(long, env = "JIESU_HTTPS", value_name = "true|false", global = true)]
    pub https: Option<bool>,
    /// 一条短信最多尝试发送的次数，之后记为未能发送〔默认 5〕
    #[arg(long, env = "JIESU_SMS_ATTEMPTS", value_name = "次数", global = true)]
    pub sms_attempts: Option<u32>,
    /// 指标与健康检查的地址，只供内部查看；不是本机地址的，须有 tls〔默认不提供；常用 127.0.0.1:9464〕
    #[arg(long, env = "JIESU_METRICS", value_name = "地址:端口", global = true)]
    pub metrics: Option<SocketAddr>,
    /// 日志级别：error、warn、info、debug、trace〔默认 info〕
    #[arg(long, env = "JIESU_LOG", value_name = "级别", global = true)]
    pub log: Option<Detail>,
    /// 日志格式：json 或 text〔默认：终端上为 text，其余为 json〕
    #[arg(long, env = "JIESU_LOG_FORMAT", value_name = "格式", global = true)]
    pub log_format: Option<Format>,
    /// 把调用链发往本机的收集器（OTLP/HTTP，如 http://127.0.0.1:4318），需要带 otel 的程序〔默认不发〕
    #[arg(long, env = "JIESU_TRACES", value_name = "URL", global = true, hide = true)]
    pub traces: Option<String>,
    /// 配置文件〔默认 ./jiesu.toml，其次 /etc/jiesu/jiesu.toml，都没有则略过〕
    #[arg(long, env = "JIESU_CONFIG", value_name = "文件", global = true)]
    pub config: Option<PathBuf>,
}

/// `jiesu.toml`.
#[derive(Clone, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
#[serde(deny_unknown_fields)]
struct File {
    place: Option<String>,
    data: Option<PathBuf>,
    database: Option<String>,
    backup: Option<PathBuf>,
    key_file: Option<PathBuf>,
    listen: Option<String>,
    /// Certificate and key, PEM.
    tls: Option<[PathBuf; 2]>,
    clock: Option<String>,
    https: Option<bool>,
    sms_attempts: Option<u32>,
    metrics: Option<String>,
    log: Option<String>,
    log_format: Option<String>,
    traces: Option<String>,
    #[serde(default)]
    attachments: Attachments,
    #[serde(default)]
    evidence: Evidence,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    oidc: OidcSettings,
}

/// Where attached files are kept, and who looks at them.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
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

/// What the daily anchors are signed with, and where they are laid out.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(PartialEq, serde::Serialize))]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The file that `jiesu anchor key` made; left out: no anchors are made.
    pub key: Option<PathBuf>,
    /// A folder that is carried out of the house.
    pub folder: Option<PathBuf>,
}

impl Attachments {
    /// # Errors
    /// Both a command and clamd are named, or the command is empty.
    fn scanner(&self) -> Result<Option<Scanner>, &'static str> {
        match (&self.scan_command, &self.scan_clamd) {
            (Some(_), Some(_)) => Err("scan_command 与 scan_clamd 只能写一个，请删去一个"),
            (Some(command), None) if command.is_empty() => Err("是空的；请写出命令与参数，或删去这一项"),
            (Some(command), None) => Ok(Some(Scanner::Command(command.clone()))),
            (None, address) => Ok(address.clone().map(Scanner::Clamd)),
        }
    }
}

/// The settings in force.
#[derive(Clone)]
#[cfg_attr(test, derive(PartialEq))]
pub struct Settings {
    /// Whose centre it is, unless the command line says.
    pub place: String,
    pub data: PathBuf,
    pub database: Option<String>,
    /// Where the embedded database is archived while the server runs.
    pub backup: Option<PathBuf>,
    /// Where the master key is, unless it is in the environment.
    pub key_file: PathBuf,
    pub listen: SocketAddr,
    pub clock: ClockSetting,
    /// Browsers come by TLS, which a proxy in front ends.
    pub https: bool,
    /// Where attached files are kept.
    pub files: PathBuf,
    /// `s3://bucket/prefix`, where contents are not in that folder.
    pub bucket: Option<String>,
    /// Who looks at them.
    pub scanner: Option<Scanner>,
    /// What the daily anchors are signed with.
    pub evidence: Evidence,
    /// TLS on the address of `listen`.
    pub tls: Option<TlsFiles>,
    pub limits: Limits,
    /// The identity service by which one can log in too.
    pub oidc: OidcSettings,
    /// Attempts after which a message is given up.
    pub sms_attempts: u32,
    /// Where figures and health are offered; `None`: nowhere.
    pub metrics: Option<SocketAddr>,
    pub log: Logging,
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
    #[error("读不到配置文件 {path}：{source}；请检查路径和权限，或用 --config 指明别的文件")]
    Read { path: String, source: std::io::Error },
    #[error("配置文件 {0}；请改正后再启动，各项的说明见 /usr/share/doc/jiesu/jiesu.toml 或 packaging/jiesu.toml")]
    File(#[from] RulebookError),
    #[error("环境变量或命令行中的 {0}")]
    Given(String),
}

/// The file, with its text to point at.
#[derive(Default)]
struct Written {
    name: String,
    text: String,
    file: File,
}

impl Written {
    /// A value in it that cannot be used.
    fn wrong(&self, path: &[&str], message: impl std::fmt::Display) -> ConfigError {
        let key = path.join(".");
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        let (file, line) = (self.name.clone(), line_of(&self.text, &path));
        ConfigError::File(RulebookError { file, line, message: format!("{key}：{message}") })
    }

    /// What was given, or what the file says.
    fn or<T: Clone>(
        &self,
        given: &Option<T>,
        key: &str,
        said: &Option<String>,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        match (given, said) {
            (Some(given), _) => Ok(Some(given.clone())),
            (None, Some(said)) => read(said).map(Some).map_err(|e| self.wrong(&[key], e)),
            (None, None) => Ok(None),
        }
    }
}

/// Whether `host:port`, with a path behind it or not, is this machine by whatever name.
fn on_this_machine(authority: &str) -> bool {
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    if let Ok(address) = authority.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("“{text}”不是“地址:端口”；应写作 127.0.0.1:8080"))
}

impl Given {
    /// Settles what is in force.
    ///
    /// # Errors
    /// The file cannot be read or does not fit; a file that was not named and is not there is no error.
    pub fn settle(&self) -> Result<Settings, ConfigError> {
        let written = self.written()?;
        let file = &written.file;
        file.limits.check().map_err(|(name, e)| written.wrong(&["limits", name], e))?;
        let scanner = file.attachments.scanner().map_err(|e| written.wrong(&["attachments", "scan_command"], e))?;
        let data = self.data.clone().or(file.data.clone()).unwrap_or_else(|| PathBuf::from("./data"));
        self.nothing_leaves_plain(&written)?;
        Ok(Settings {
            place: file.place.clone().unwrap_or_else(|| "shangrao".into()),
            https: self.https.or(file.https).unwrap_or(false),
            sms_attempts: self.sms_attempts(&written)?,
            files: file.attachments.folder.clone().unwrap_or_else(|| data.join("attachments")),
            bucket: file.attachments.bucket.clone(),
            scanner,
            evidence: file.evidence.clone(),
            tls: file.tls.clone().map(|[certificate, key]| TlsFiles { certificate, key }),
            limits: file.limits.clone(),
            key_file: self.key_file.clone().or(file.key_file.clone()).unwrap_or_else(|| data.join("master.key")),
            oidc: file.oidc.clone(),
            data,
            database: self.database.clone().or(file.database.clone()),
            backup: self.backup.clone().or(file.backup.clone()),
            listen: written.or(&self.listen, "listen", &file.listen, address)?.unwrap_or(LISTEN),
            clock: written.or(&self.clock, "clock", &file.clock, str::parse)?.unwrap_or_default(),
            metrics: written.or(&self.metrics, "metrics", &file.metrics, address)?,
            log: Logging {
                detail: written.or(&self.log, "log", &file.log, str::parse)?.unwrap_or_default(),
                format: written
                    .or(&self.log_format, "log_format", &file.log_format, str::parse)?
                    .unwrap_or_else(Format::fitting),
                traces: self.traces.clone().or(file.traces.clone()),
            },
        })
    }

    /// What the program tells of itself leaves the machine by TLS only, and files do not go to a scanner elsewhere, which knows no TLS.
    fn nothing_leaves_plain(&self, written: &Written) -> Result<(), ConfigError> {
        let file = &written.file;
        let wrong = |given: bool, option: &str, path: &[&str], message: String| match given {
            true => ConfigError::Given(format!("{option}：{message}")),
            false => written.wrong(path, message),
        };
        let metrics = written.or(&self.metrics, "metrics", &file.metrics, address)?;
        if let Some(metrics) = metrics.filter(|metrics| !metrics.ip().is_loopback() && file.tls.is_none()) {
            let message = format!(
                "{metrics} 不是本机地址，指标不能不加密地离开本机；请在配置文件写明 tls（证书和私钥），指标也用它加密，或改为 127.0.0.1:{}",
                metrics.port()
            );
            return Err(wrong(self.metrics.is_some(), "--metrics", &["metrics"], message));
        }
        let traces = self.traces.as_ref().or(file.traces.as_ref());
        if let Some(traces) = traces.filter(|traces| !on_this_machine(traces.strip_prefix("http://").unwrap_or(traces)))
        {
            let message =
                format!("“{traces}”不在本机；调用链只发给本机的收集器（http://127.0.0.1:4318），由它加密转发");
            return Err(wrong(self.traces.is_some(), "--traces", &["traces"], message));
        }
        let clamd =
            file.attachments.scan_clamd.as_deref().filter(|clamd| !clamd.contains('/') && !on_this_machine(clamd));
        if let Some(clamd) = clamd {
            let message = format!(
                "“{clamd}”不在本机；clamd 的连接不加密，附件不能经它离开本机，请在本机运行 clamd，或用 scan_command"
            );
            return Err(wrong(false, "", &["attachments", "scan_clamd"], message));
        }
        Ok(())
    }

    fn sms_attempts(&self, written: &Written) -> Result<u32, ConfigError> {
        let fits = |n: u32| (1..=SMS_ATTEMPTS_MOST).contains(&n);
        let message = format!("应为1至{SMS_ATTEMPTS_MOST}次");
        match (self.sms_attempts, written.file.sms_attempts) {
            (Some(n), _) if !fits(n) => Err(ConfigError::Given(format!("--sms-attempts：{message}"))),
            (None, Some(n)) if !fits(n) => Err(written.wrong(&["sms_attempts"], message)),
            (given, said) => Ok(given.or(said).unwrap_or(5)),
        }
    }

    /// The file that was named, else the first that is there.
    fn written(&self) -> Result<Written, ConfigError> {
        if let Some(path) = &self.config {
            return read(path);
        }
        match FILES.iter().map(Path::new).find(|path| path.exists()) {
            Some(path) => read(path),
            None => Ok(Written::default()),
        }
    }
}

fn read(path: &Path) -> Result<Written, ConfigError> {
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Written { file: parse_toml(&name, &text)?, name, text }),
        Err(source) => Err(ConfigError::Read { path: name, source }),
    }
}

#[cfg(test)]
mod tests;
