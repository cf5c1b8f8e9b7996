//! The machine the figures are from.

use std::{fs, thread::available_parallelism};

/// One line: cores, processor, load, build.
pub(super) fn describe() -> String {
    let cores = available_parallelism().map_or(1, |n| n.get());
    let cpu = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| model(&text)).unwrap_or_else(|| "未知".into());
    let load =
        fs::read_to_string("/proc/loadavg").ok().and_then(|text| averages(&text)).unwrap_or_else(|| "未知".into());
    let build = if cfg!(debug_assertions) { "debug（数字没有意义，请用 release 版）" } else { "release" };
    format!("机器：{cores}核，{cpu}；平均负载 {load}；{build} 版")
}

fn model(cpuinfo: &str) -> Option<String> {
    let line = cpuinfo.lines().find(|l| l.starts_with("model name"))?;
    line.split_once(':').map(|(_, name)| name.trim().to_owned())
}

fn averages(loadavg: &str) -> Option<String> {
    let three: Vec<&str> = loadavg.split_whitespace().take(3).collect();
    (three.len() == 3).then(|| three.join(" "))
}
