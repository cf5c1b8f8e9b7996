//! `jiesu bench`: what this machine can do. Figures for people; nothing passes or fails by them.

mod access;
mod bare;
mod commands;
mod deadlines;
mod decisions;
mod growth;
mod knowledge;
mod listeners;
mod machine;
mod office;
mod postgres;
mod reads;
mod register;
mod search;
mod server;
mod verify;

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Args, ValueEnum};

use crate::{config::Settings, law::Law};

type Anything = Box<dyn Error + Send + Sync>;

#[derive(Debug, Args)]
#[command(after_help = "\
测速项目：
  deadlines  时限计算：各类诉求、各种起算时刻，每轮一百万次，单核
  decisions  办理判断：一个工单从登记到归档的全部命令，判断并折叠，单核
  access     访问判断：每种角色的人对不同进度的工单能否办理每项操作、看不看得到，单核，
             与只查数组在同一次运行中比较
  commands   持久写入：32个客户端经写入队列，与逐条提交的 SQLite 在同一次运行中比较；
             给出 --postgres 时，再与32个客户端的 pgbench 执行同样的语句比较
  register   登记工单：经 HTTP 发给真实的服务进程，1个和32个客户端；SQL 条数、处理器用时、等待时间
  listeners  实时推送：--clients 个空闲的收听者连在一个服务进程上，占多少内存，命令发出后多久人人收到；
             与什么也不做的推送服务在同一次运行中比较；给出 --postgres 时，再测两个进程共用一个库
  all        以上除 listeners 外全部
  office     登录、导出、核查：编造一个一万件工单的中心，经 HTTP 用密码登录、导出一万件、核查一个月四万次查阅
  verify     核对：在已有的库（--data 或 --database）上核对日志链、数据文件、全部工单，每秒多少条
  reads      查看：在已有的库（--data 或 --database，可用 jiesu demo --tickets 生成）上翻各种列表、打开工单、统计
  search     检索：编造 --documents 件工单，按任意字词查找（含核对、高亮），与 LIKE、直接按主键读在同一次运行中比较；
             给出 --postgres 时，再测 PostgreSQL，并与 pg_trgm 比较；一百万件约需 12 GB 磁盘（两个库不同时占用）
  knowledge  知识检索：--messages 表中的问题，真正的答复排在前三条的有多少，与普通检索在同一次运行中比较
  growth     把 reads --csv 记下的表画成图：--csv 表.csv --svg 图.svg

持久写入和登记在数据目录（还没有的，在当前目录）下的临时目录中进行，结束后删除；磁盘不同，结果不同。
数字与机器和当时的负载有关，只供参考；请用 release 版测。")]
pub struct BenchArgs {
    #[arg(
        value_enum,
        value_name = "项目",
        help = "deadlines、decisions、access、commands、register、all、office、verify、reads、listeners、search、knowledge 或 growth"
    )]
    what: What,
    /// 每项大约测多少秒
    #[arg(long, value_name = "秒", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// 再测这个 PostgreSQL 库（在其中建立并删除模式 jiesu_bench；需要 pgbench）
    #[arg(long, env = "JIESU_BENCH_POSTGRES", value_name = "URL", hide_env_values = true)]
    postgres: Option<String>,
    /// 收听者的个数（listeners）
    #[arg(long, value_name = "个", default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    clients: u32,
    /// reads、verify 看哪个地区
    #[arg(long, value_name = "地区", default_value = "shangrao")]
    place: String,
    /// reads 的随机种子：同一种子在同一个库上查看同样的页
    #[arg(long, value_name = "种子", default_value_t = 1)]
    seed: u64,
    /// reads 把结果添到这个表，growth 画这个表
    #[arg(long, value_name = "文件")]
    csv: Option<PathBuf>,
    /// search 编造多少件工单
    #[arg(long, value_name = "件", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=10_000_000))]
    documents: u64,
    /// knowledge 的问答：有“留言主题”“留言详情”“答复意见”三栏的表
    #[arg(long, value_name = "文件")]
    messages: Option<PathBuf>,
    /// growth 画出的图
    #[arg(long, value_name = "文件")]
    svg: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    Deadlines,
    Decisions,
    Access,
    Commands,
    Register,
    Listeners,
    /// The other process of `listeners`: streams of nothing.
    #[value(hide = true)]
    BareListeners,
    All,
    Office,
    Verify,
    Reads,
    Search,
    Knowledge,
    Growth,
}

pub fn run(args: &BenchArgs, settings: &Settings) -> Result<ExitCode, Box<dyn Error>> {
    let data = &settings.data;
    if args.what == What::BareListeners {
        return listeners::serve_nothing();
    }
    let time = Duration::from_secs(args.seconds);
    let wanted = |what| args.what == what || args.what == What::All;
    if args.what == What::Growth {
        let (Some(csv), Some(svg)) = (&args.csv, &args.svg) else { return Err("请写明 --csv 与 --svg".into()) };
        growth::draw(csv, svg).map_err(|e| e.to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    if args.what == What::Knowledge {
        let Some(messages) = &args.messages else { return Err("请写明 --messages".into()) };
        println!("{}", machine::describe());
        knowledge::run(messages)?;
        return Ok(ExitCode::SUCCESS);
    }
    let law = Law::load(Some(data))?;
    println!("{}", machine::describe());
    if wanted(What::Deadlines) {
        deadlines::run(&law, time)?;
    }
    if wanted(What::Decisions) {
        decisions::run(&law, time)?;
    }
    if wanted(What::Access) {
        access::run(&law, time)?;
    }
    // On the disk of the data, without making the folder where there is none yet.
    let beside = if data.is_dir() { data } else { Path::new(".") };
    if args.what == What::Listeners {
        listeners::run(beside, args.clients as usize, time, args.postgres.as_deref())?;
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Runtime::new()?;
    if args.what == What::Search {
        let done = runtime.block_on(search::run(&law, beside, args.documents, args.postgres.as_deref()));
        done.map_err(|e| e.to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    runtime.block_on(stored(args, settings, beside, wanted)).map_err(|e| e.to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// The benches on a database.
async fn stored(
    args: &BenchArgs,
    settings: &Settings,
    beside: &Path,
    wanted: impl Fn(What) -> bool,
) -> Result<(), Anything> {
    let time = Duration::from_secs(args.seconds);
    if wanted(What::Commands) {
        commands::run(beside, time).await?;
        if let Some(url) = &args.postgres {
            postgres::run(url, time).await?;
        }
    }
    if wanted(What::Register) {
        register::on_sqlite(beside, time).await?;
        if let Some(url) = &args.postgres {
            register::on_postgres(beside, url, time).await?;
        }
    }
    if args.what == What::Office {
        office::run(beside, time).await?;
    }
    if args.what == What::Verify {
        verify::run(settings, &args.place).await?;
    }
    if args.what == What::Reads {
        reads::run(settings, &args.place, args.seed, time, args.csv.as_deref()).await?;
    }
    Ok(())
}

/// The rulebook that the pure benches work under: always the same one where it is there, so that runs can be compared.
fn some_book(law: &Law) -> Result<&jiesu_domain::Rulebook, String> {
    law.ids()
        .find(|id| *id == "shangrao")
        .or_else(|| law.ids().next())
        .and_then(|id| law.versions(id).last())
        .ok_or_else(|| "没有办法可用".to_owned())
}

/// `1,234,567`.
fn grouped(n: f64) -> String {
    let digits = format!("{n:.0}");
    let mut s = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            s.push(',');
        }
        s.push(c);
    }
    s
}

/// A small repeatable source of numbers (Knuth's LCG): benches need variety, not chance.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(999.4), "999");
        assert_eq!(grouped(1_234_567.0), "1,234,567");
    }
}
