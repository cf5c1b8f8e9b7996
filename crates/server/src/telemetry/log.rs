//! The log: lines on standard error, as JSON for machines or as text for a terminal.

use std::{
    io::{IsTerminal, stderr},
    panic,
    str::FromStr,
    sync::OnceLock,
};

use tracing::{Event, Level, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer, Registry,
    filter::Targets,
    fmt::layer,
    layer::{Context, SubscriberExt},
    util::SubscriberInitExt,
};

use super::figures;

/// The crates of the house begin with this.
const OURS: &str = "jiesu";

/// How much is logged: ours at this level, libraries never finer than warnings. What those say beside (statements, headers, addresses)
/// is not ours to answer for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail(Level);

impl Default for Detail {
    fn default() -> Self {
        Detail(Level::INFO)
    }
}

impl FromStr for Detail {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let level = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE];
        let level = level.into_iter().find(|level| level.as_str().to_lowercase() == s);
        level.map(Detail).ok_or_else(|| format!("“{s}”不是日志级别；可用：error、warn、info、debug、trace"))
    }
}

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Json,
    Text,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "json" => Ok(Format::Json),
            "text" => Ok(Format::Text),
            _ => Err(format!("“{s}”不是日志格式；可用：json、text")),
        }
    }
}

impl Format {
    /// Text where somebody looks, else JSON.
    pub fn fitting() -> Self {
        if stderr().is_terminal() { Format::Text } else { Format::Json }
    }
}

/// How the log is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logging {
    pub detail: Detail,
    pub format: Format,
    /// Where traces are sent: a collector that takes OTLP over HTTP.
    pub traces: Option<String>,
}

static FORMAT: OnceLock<Format> = OnceLock::new();

/// What must be held while the program runs: dropped, it sends the last traces.
#[derive(Debug)]
#[must_use]
pub struct Log {
    #[cfg(feature = "otel")]
    _traces: Option<super::otel::Traces>,
}

/// Starts logging. To be called before there is a runtime.
///
/// # Errors
/// Traces are wanted and cannot be sent; said in Chinese.
pub fn start(how: &Logging) -> Result<Log, String> {
    let ours = LevelFilter::from_level(how.detail.0);
    let filter = Targets::new().with_default(ours.min(LevelFilter::WARN)).with_target(OURS, ours);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match how.format {
        Format::Json => layer().json().flatten_event(true).with_current_span(false).with_writer(stderr).boxed(),
        Format::Text => layer().with_writer(stderr).boxed(),
    };
    // Each layer with its filter: what no layer wants is not even put together.
    let count = Count.with_filter(LevelFilter::WARN);
    let registry = tracing_subscriber::registry().with(lines.with_filter(filter)).with(count);
    #[cfg(not(feature = "otel"))]
    {
        if how.traces.is_some() {
            return Err("本程序编译时没有带 OpenTelemetry，traces 不能用；请删去这一项，或换用带 otel 的程序".into());
        }
        let _ = registry.try_init();
    }
    #[cfg(feature = "otel")]
    let traces = match &how.traces {
        None => {
            let _ = registry.try_init();
            None
        }
        Some(collector) => {
            let traces = super::otel::Traces::to(collector)?;
            let _ = registry.with(traces.layer(OURS)).try_init();
            Some(traces)
        }
    };
    let _ = FORMAT.set(how.format);
    panic::set_hook(Box::new(|panicked| {
        // Where, and not what: the words of a panic may quote what it stumbled over.
        let at = panicked.location().map(ToString::to_string);
        tracing::error!(at, "panicked");
    }));
    Ok(Log {
        #[cfg(feature = "otel")]
        _traces: traces,
    })
}

/// Says something to whoever started the program: a sentence on a terminal, a line of the log elsewhere.
pub fn say(sentence: &str) {
    match FORMAT.get() {
        Some(Format::Json) => tracing::info!("{sentence}"),
        _ => eprintln!("{sentence}"),
    }
}

/// Counts warnings and errors, of libraries too.
struct Count;

impl<S: Subscriber> Layer<S> for Count {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        match *event.metadata().level() {
            Level::ERROR => figures::line("error"),
            Level::WARN => figures::line("warn"),
            _ => {}
        }
    }
}
