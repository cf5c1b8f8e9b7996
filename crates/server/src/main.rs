//! The one binary. Everything it does is a subcommand; see `jiesu --help`.

use jiesu_server::cli::{in_words, parse, run};

/// Gives back what a night's learning took; the system's own keeps it (docs/performance.md).
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let cli = parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("出错：{}", in_words(error.as_ref()));
            std::process::ExitCode::from(2)
        }
    }
}
