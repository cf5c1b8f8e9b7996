//! `jiesu copy`: a whole centre from one database to another.

use std::{error::Error, process::ExitCode};

use clap::Args;
use jiesu_store::{Store, StoreError, StoreOptions};

use super::online::{bar, block_on, open_to_read};
use crate::{app::terms_of_body, config::Given, keys::Keys};

#[derive(Debug, Args)]
#[command(after_help = "\
从配置的数据库（数据目录或 --database）复制到另一个空的数据库：每一行原样复制，日志链不变。
复制是一次完成的：中途出错，目标库里什么也没有。复制期间原库可以继续使用，但开始之后写入的不会复制过去，
所以正式迁移时请先停止服务；复制后用 jiesu verify 核对两边的链尾相同，再把配置改为新的数据库。
加密的内容原样复制，两边用同一个主密钥；主密钥不在数据库里，换了数据目录的，请把主密钥文件（master.key）也放过去。
不改动原库。检索词在目标库重新生成。附件的内容不在数据库里，复制的只是附件的记录：
换了数据目录的，请把其中的 attachments 目录一并复制过去，再用 jiesu verify 核对。")]
pub struct CopyArgs {
    /// 目标：目录、sqlite:文件 或 postgres://用户@主机/库名（密码请放在 PGPASSWORD 或 .pgpass）
    #[arg(long, value_name = "URL")]
    to: String,
}

/// `jiesu copy`.
///
/// # Errors
/// One of the databases cannot be opened, or the other is not empty; nothing is written then.
pub fn run(given: &Given, args: &CopyArgs) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    block_on(async {
        let from = open_to_read(&settings).await?.ok_or("要复制的数据库里还没有内容")?;
        let to = Store::open(
            &args.to,
            StoreOptions { master: Some(Keys::of(&settings)?.provider()), ..StoreOptions::default() },
        )
        .await?;
        to.migrate().await?;
        let bar = bar(0);
        let copied = from.copy_to(&to, &terms_of_body, |table, rows| {
            bar.set_message(format!("复制 {table}"));
            bar.set_position(rows);
        });
        let copied = match copied.await {
            Err(StoreError::Invalid { .. }) => return Err("目标数据库里已有内容，没有复制；请用一个空的数据库".into()),
            copied => copied?,
        };
        bar.finish_and_clear();
        for jurisdiction in from.jurisdictions().await? {
            let id = &jurisdiction.jurisdiction;
            let (here, there) = (from.verify_chain(id, |_, _| {}).await?, to.verify_chain(id, |_, _| {}).await?);
            if there.fault.is_some() || there.entries > here.entries {
                return Err(format!("{}：复制后的日志链与原库不同，请勿使用目标库", jurisdiction.name).into());
            }
            println!("{}：日志{}条，链尾 {}", jurisdiction.name, there.entries, there.head);
        }
        let rows: u64 = copied.rows.values().sum();
        println!("已复制{rows}行（工单{}件）", copied.rows.get("ticket").copied().unwrap_or_default());
        let files: u64 = ["attachment", "knowledge_file"].iter().filter_map(|table| copied.rows.get(table)).sum();
        if files > 0 {
            println!(
                "其中附件记录{files}个；内容不在数据库里，仍在原处。换数据目录时请一并复制附件目录，再用 jiesu verify 核对"
            );
        }
        from.close().await?;
        to.close().await?;
        Ok(ExitCode::SUCCESS)
    })
}
