//! `jiesu text`: what the program reads out of Chinese messages, tried on files. Nothing here touches a database.

mod classify;
mod hot;
mod matters;
mod propose;
mod replies;
mod table;

use std::{error::Error, process::ExitCode};

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct TextArgs {
    #[command(subcommand)]
    command: TextCommand,
}

#[derive(Debug, Subcommand)]
enum TextCommand {
    /// 类别识别：用已分类的留言学习，在另一些留言上衡量准确程度
    Classify(classify::ClassifyArgs),
    /// 热点问题：把说同一地点（人群）、同一问题的留言归在一起，按热度排名
    Hot(hot::HotArgs),
    /// 登记提示：不用模型、从文字中读出的地点、紧急、保密、类别，列出来供核对
    Propose(propose::ProposeArgs),
    /// 同一事项：留言逐件到来时，提示此前哪件说的是同一件事
    Matters(matters::MattersArgs),
    /// 答复提示：列出各类提示有多少、标出了哪一句，供核对
    Replies(replies::RepliesArgs),
}

/// Runs it.
///
/// # Errors
/// What the user should read.
pub fn run(args: &TextArgs) -> Result<ExitCode, Box<dyn Error>> {
    match &args.command {
        TextCommand::Classify(args) => classify::run(args),
        TextCommand::Hot(args) => hot::run(args),
        TextCommand::Propose(args) => propose::run(args),
        TextCommand::Matters(args) => matters::run(args),
        TextCommand::Replies(args) => replies::run(args),
    }
}
