//! `jiesu centre`: which centre stands under which.

use std::{error::Error, io, process::ExitCode};

use clap::{Args, Subcommand};
use jiesu_domain::organisation::{Centres, below};

use super::{
    online::{PlaceArgs, block_on, open_app},
    terminal::unless_gone,
};
use crate::{clock::Clock, config::Given};

#[derive(Debug, Args)]
#[command(after_help = "\
省、市、县三级。上级热线的中心主任、数据分析员和领导在“各级热线”中看到下级的件数，看不到下级的任何工单；下级看不到上级和同级的件数。")]
pub struct CentreArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(subcommand)]
    pub command: CentreCommand,
}

#[derive(Debug, Subcommand)]
pub enum CentreCommand {
    /// 列出本库中的热线
    List,
    /// 写明本热线的上级；写入审计日志
    Under {
        /// 上级热线的编号，见 jiesu centre list
        #[arg(value_name = "上级热线编号", required_unless_present = "none")]
        centre: Option<String>,
        /// 不再有上级
        #[arg(long, conflicts_with = "centre")]
        none: bool,
    },
}

/// Runs it.
///
/// # Errors
/// The database cannot be opened, or the centre cannot stand there; nothing is changed then.
pub fn run(given: &Given, args: &CentreArgs) -> Result<ExitCode, Box<dyn Error>> {
    let settings = given.settle()?;
    block_on(async {
        let app = open_app(&settings, args.place.of(&settings), Clock::new(settings.clock)).await?;
        if let CentreCommand::Under { centre, .. } = &args.command {
            app.stand_under(centre.as_deref()).await?;
        }
        let centres = app.centres().await?;
        app.store.close().await?;
        unless_gone(list(&mut io::stdout().lock(), &centres))?;
        Ok(ExitCode::SUCCESS)
    })
}

fn list(out: &mut impl io::Write, centres: &Centres) -> io::Result<()> {
    for (id, top) in centres.iter().filter(|(_, c)| c.under.is_none()) {
        writeln!(out, "{}（{id}）", top.name)?;
        for (id, level) in below(id, centres) {
            let under = centres[id].under.as_deref().and_then(|u| centres.get(u)).map_or("", |u| u.name.as_str());
            writeln!(out, "{}{}（{id}），上级{under}", "  ".repeat(level), centres[id].name)?;
        }
    }
    Ok(())
}
