//! Two versions side by side.

use std::{
    error::Error,
    io::{self, Write},
    path::Path,
};

use jiesu_domain::{
    Catalogue,
    catalogue::{Change, ChangeKind, changes},
};

use super::find;
use crate::law::{Law, read_text};

/// `办法 旧版 新版`, or two files.
pub(super) fn diff(out: &mut impl Write, law: &Law, what: &[String]) -> Result<(), Box<dyn Error>> {
    match what {
        [rulebook, old, new] => {
            let one = |text: &str| -> Result<&Catalogue, String> {
                let number = text.parse().map_err(|_| format!("“{text}”不是版号；应写作 1、2"))?;
                find(law, rulebook, Some(number))
            };
            told(out, law, one(old)?, one(new)?)?;
        }
        [old, new] => {
            let (old, new) = (file(old)?, file(new)?);
            let (was, is) = (&old.catalogue.rulebook, &new.catalogue.rulebook);
            if was != is {
                return Err(format!("两个文件不是同一部办法的目录：{was}、{is}").into());
            }
            told(out, law, &old, &new)?;
        }
        // clap takes two or three.
        _ => return Err("须写明办法、旧版、新版，或两个文件".into()),
    }
    Ok(())
}

fn file(path: &str) -> Result<Catalogue, Box<dyn Error>> {
    let text = read_text(Path::new(path))?;
    Ok(Catalogue::parse(path, &text)?)
}

fn told(out: &mut impl Write, law: &Law, old: &Catalogue, new: &Catalogue) -> io::Result<()> {
    let (was, is) = (&old.catalogue, &new.catalogue);
    writeln!(
        out,
        "派单目录 {}：第{}版（{}起）→ 第{}版（{}起）",
        is.rulebook, was.version, was.in_force, is.version, is.in_force
    )?;
    list(out, &between(law, old, new))
}

/// What changes, with the units of today by name.
pub(super) fn between(law: &Law, old: &Catalogue, new: &Catalogue) -> Vec<Change> {
    let units = law.units(&new.catalogue.rulebook);
    changes(old, new, |id| units.get(id).map_or_else(|| id.to_owned(), |u| u.name.clone()))
}

pub(super) fn list(out: &mut impl Write, changes: &[Change]) -> io::Result<()> {
    if changes.is_empty() {
        return writeln!(out, "没有变动");
    }
    let count = |kind: ChangeKind| changes.iter().filter(|c| c.kind == kind).count();
    let counts: Vec<String> = ChangeKind::ALL.iter().map(|k| format!("{k}{}个", count(*k))).collect();
    writeln!(out, "{}", counts.join("，"))?;
    changes.iter().try_for_each(|c| writeln!(out, "  {}", c.text))
}
