//! What the operating system says of this process, under the names that everybody uses for it.

use std::fs;

use prometheus_client::{metrics::counter::Counter, registry::Registry};

use super::figures::number;

/// Parts of a second in which Linux tells programs of CPU time, on every machine that we run on (`USER_HZ`).
const TICKS: f64 = 100.0;

/// CPU, memory and files of this process.
#[derive(Debug)]
pub struct Process {
    cpu_seconds: f64,
    resident_bytes: usize,
    open_files: usize,
    most_files: usize,
}

impl Process {
    /// `None` where there is no `/proc`.
    pub fn now() -> Option<Process> {
        // After the name, which may hold anything but ends with the last `)`: user and system time are the 12th and 13th.
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let ticks: f64 = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().strip_suffix("kB")?;
        let limits = fs::read_to_string("/proc/self/limits").ok()?;
        let most = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?.split_whitespace().next()?;
        Some(Process {
            cpu_seconds: ticks / TICKS,
            resident_bytes: resident.trim().parse::<usize>().ok()? * 1024,
            open_files: fs::read_dir("/proc/self/fd").ok()?.count(),
            most_files: most.parse().unwrap_or(usize::MAX),
        })
    }

    pub(super) fn register(&self, to: &mut Registry) {
        let cpu = Counter::<f64, std::sync::atomic::AtomicU64>::default();
        cpu.inc_by(self.cpu_seconds);
        to.register("process_cpu_seconds", "CPU time used", cpu);
        number(to, "process_resident_memory_bytes", "Memory used", self.resident_bytes);
        number(to, "process_open_fds", "Files and connections open", self.open_files);
        number(to, "process_max_fds", "Most of them that there may be", self.most_files);
    }
}
