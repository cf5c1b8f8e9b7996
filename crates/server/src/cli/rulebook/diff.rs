//! Two versions of a rulebook in words, and the tickets of a centre rehearsed under the new one.

mod tickets;

use std::{
    borrow::Cow,
    error::Error,
    io::{self, Write},
    path::Path,
};

use clap::Args;
use jiesu_domain::{
    Rulebook,
    rulebook::{Change, ChangeKind, changes},
};

use super::find;
use crate::{
    cli::terminal::unless_gone,
    config::Settings,
    law::{FileKind, Law, read_text},
};

#[derive(Debug, Args)]
#[command(after_help = "\
两版可以写作办法文件，或办法编号（即最新一版），或“编号 旧版 新版”：
  jiesu rulebook diff rulebooks/shangrao.toml 修改稿.toml
  jiesu rulebook diff shangrao 修改稿.toml --data /var/lib/jiesu
  jiesu rulebook diff shangrao 1 2 --data /var/lib/jiesu

数据目录（或 --database）中有数据库的，另将未归档的工单逐件改按新版演练：时限提前还是推后，哪些变为超期，
哪些操作可以做或不能再做，哪些情况新版不能表达。数据库只读，不写入任何内容；工单只写编号。
在办工单仍按派发时的版本办理，所以这只是演练。

退出码：0 已比较；2 参数或办法文件有误。")]
pub(super) struct DiffArgs {
    #[arg(value_name = "旧版 新版", num_args = 2..=3, required = true, help = "两个办法文件或编号，或“编号 旧版 新版”")]
    what: Vec<String>,
    /// 演练时最多逐件列出多少件
    #[arg(long, value_name = "件数", default_value_t = 50)]
    limit: usize,
}

pub(super) fn diff(law: &Law, settings: &Settings, args: &DiffArgs) -> Result<(), Box<dyn Error>> {
    let (old, new) = both(law, &args.what)?;
    let (was, is) = (&old.rulebook.id, &new.rulebook.id);
    if was != is {
        return Err(format!("两版不是同一部办法：{was}、{is}").into());
    }
    let mut out = Vec::new();
    told(&mut out, &old, &new)?;
    // Before the tickets, which may take a while.
    unless_gone(io::stdout().lock().write_all(&out))?;
    let rehearsed = tickets::rehearse(law, settings, &old, &new, args.limit)?;
    unless_gone(io::stdout().lock().write_all(rehearsed.as_bytes()))?;
    Ok(())
}

fn both<'l>(law: &'l Law, what: &[String]) -> Result<(Cow<'l, Rulebook>, Cow<'l, Rulebook>), Box<dyn Error>> {
    match what {
        [id, old, new] => {
            let one = |text: &str| -> Result<Cow<'l, Rulebook>, String> {
                let number = text.parse().map_err(|_| format!("“{text}”不是版号；应写作 1、2"))?;
                find(law, id, Some(number)).map(Cow::Borrowed)
            };
            Ok((one(old)?, one(new)?))
        }
        [old, new] => Ok((one(law, old)?, one(law, new)?)),
        // clap takes two or three.
        _ => Err("须写明旧版和新版".into()),
    }
}

/// A file, or the newest version of a rulebook by its id.
fn one<'l>(law: &'l Law, what: &str) -> Result<Cow<'l, Rulebook>, Box<dyn Error>> {
    let path = Path::new(what);
    if !what.ends_with(".toml") && !path.exists() {
        return Ok(Cow::Borrowed(find(law, what, None)?));
    }
    if FileKind::of(path) != FileKind::Rulebook {
        return Err(format!("{what}：不是办法文件，不能比较").into());
    }
    Ok(Cow::Owned(Rulebook::parse(what, &read_text(path)?)?))
}

fn told(out: &mut impl Write, old: &Rulebook, new: &Rulebook) -> io::Result<()> {
    let (was, is) = (&old.rulebook, &new.rulebook);
    writeln!(
        out,
        "办法 {}：第{}版（{}起施行）→ 第{}版（{}起施行）",
        is.id, was.version, was.in_force, is.version, is.in_force
    )?;
    let changes = changes(old, new);
    if changes.is_empty() {
        return writeln!(out, "没有变动");
    }
    let count = |kind: ChangeKind| changes.iter().filter(|c| c.kind == kind).count();
    let counts: Vec<String> = ChangeKind::ALL.iter().map(|kind| format!("{kind}{}处", count(*kind))).collect();
    writeln!(out, "{}", counts.join("，"))?;
    changes.iter().try_for_each(|Change { text, .. }| writeln!(out, "  {text}"))?;
    if is.version <= was.version {
        writeln!(out, "提示：内容有变动而版号没有增加；施行前请将 version 改为{}以上", was.version + 1)?;
    }
    Ok(())
}
