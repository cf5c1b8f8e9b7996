//! `jiesu demo`: a centre to look at and play with.

use std::{error::Error, process::ExitCode, sync::Arc};

use jiesu_channels::sms::FileSms;

use super::online::{PlaceArgs, block_on, handed_over, open_app, run_server, start_logging};
use crate::{
    clock::Clock,
    config::{ClockSetting, Given},
    demo,
};

/// Makes the demo centre where it is not there yet, and serves it. Its clock runs like the real one and can be moved.
///
/// # Errors
/// The centre cannot be opened or served.
pub fn run(given: &Given, args: &PlaceArgs) -> Result<ExitCode, Box<dyn Error>> {
    start_logging();
    let mut settings = given.settle()?;
    if settings.clock == ClockSetting::Real {
        settings.clock = ClockSetting::Scale(1.0);
    }
    let handed_over = handed_over()?;
    block_on(async {
        eprintln!("正在准备演示中心（{}）……", settings.data.display());
        let app = open_app(&settings, &args.place, Clock::new(settings.clock)).await?;
        let gateway = Arc::new(FileSms::open(&settings.data.join("sms.jsonl"))?);
        demo::seed(&app, gateway).await?;
        let log_ins = demo::log_ins(&app.jurisdiction, &app.units());
        run_server(app, &settings, handed_over, |address| {
            println!("演示中心已启动，按 Ctrl-C 结束");
            println!("  工作人员控制台  http://{address}/console/");
            println!("  市民门户        http://{address}/");
            println!("  演示账户（密码都是 {}）", demo::PASSWORD);
            print!("{log_ins}");
        })
        .await?;
        Ok(ExitCode::SUCCESS)
    })
}
