//! The one binary. Everything it does is a subcommand; see `jiesu --help`.

use jiesu_server::cli::{parse, run};

fn main() -> std::process::ExitCode {
    let cli = parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("出错：{error}");
            std::process::ExitCode::from(2)
        }
    }
}
