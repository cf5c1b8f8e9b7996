//! `jiesu demo`: a centre to look at and play with.

use std::{error::Error, process::ExitCode, sync::Arc};

use clap::Args;
use indicatif::DecimalBytes;
use jiesu_channels::sms::FileSms;

use super::online::{PlaceArgs, bar, block_on, handed_over, open_app, run_server};
use crate::{
    clock::Clock,
    config::{ClockSetting, Given, Settings},
    demo::{self, Wanted},
    telemetry::log,
};

#[derive(Debug, Args)]
pub struct DemoArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// 在空的数据库里生成这么多件模拟工单（从登记到归档，直到现在），然后结束
    #[arg(long, value_name = "件数")]
    pub tickets: Option<u64>,
    /// 随机种子：同一天用同一种子，生成的工单相同
    #[arg(long, value_name = "种子", default_value_t = 1, requires = "tickets")]
    pub seed: u64,
    /// 不学习登记提示用的模型（否则第一次启动时在后台学习几秒）
    #[arg(long)]
    pub untaught: bool,
}

/// Makes the demo centre where it is not there yet, and serves it. Its clock runs like the real one and can be moved.
///
/// # Errors
/// The centre cannot be opened or served.
pub fn run(given: &Given, args: &DemoArgs) -> Result<ExitCode, Box<dyn Error>> {
    let mut settings = given.settle()?;
    let _log = log::start(&settings.log)?;
    if settings.clock == ClockSetting::Real {
        settings.clock = ClockSetting::Scale(1.0);
    }
    if let Some(tickets) = args.tickets {
        return block_on(fill(&settings, args.place.of(&settings), Wanted { tickets, seed: args.seed }));
    }
    let handed_over = handed_over()?;
    block_on(async {
        eprintln!("正在准备演示中心（{}）……", settings.data.display());
        let app = open_app(&settings, args.place.of(&settings), Clock::new(settings.clock)).await?;
        let gateway = Arc::new(FileSms::open(&settings.data.join("sms.jsonl"))?);
        demo::seed(&app, gateway).await?;
        if !args.untaught
            && let Some(day) = app.first_day().await?
        {
            tokio::spawn(demo::teach(app.clone(), day));
        }
        let log_ins = demo::log_ins(&app.jurisdiction, &app.units());
        run_server(app, &settings, handed_over, |address| {
            println!("演示中心已启动，按 Ctrl-C 结束");
            println!("  工作人员控制台  http://{address}/console/");
            println!("  市民门户        http://{address}/");
            println!(
                "  演示账户（密码都是 {}；演示中心不要求双因素登录，密码人人知道，不可用于正式业务）",
                demo::PASSWORD
            );
            print!("{log_ins}");
        })
        .await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Fills a fresh database and ends.
async fn fill(settings: &Settings, place: &str, wanted: Wanted) -> Result<ExitCode, Box<dyn Error>> {
    let app = open_app(settings, place, Clock::new(settings.clock)).await?;
    let (tickets, disk) = (wanted.tickets, DecimalBytes(wanted.disk()));
    eprintln!("将生成{tickets}件模拟工单，数据库约占磁盘 {disk}；中途停止的数据库不能使用，须删除后重新生成");
    let began = std::time::Instant::now();
    let bar = bar(tickets);
    bar.set_message("生成工单");
    let filled = demo::fill(&app, wanted, |written| bar.set_position(written)).await;
    bar.finish_and_clear();
    filled?;
    app.store.close().await?;
    let seconds = began.elapsed().as_secs_f64();
    println!("已生成{tickets}件，用时{seconds:.1}秒，每分钟{:.0}件", tickets as f64 / seconds * 60.0);
    println!("启动：jiesu demo（数据目录、地区等选项与刚才相同）");
    Ok(ExitCode::SUCCESS)
}
