//! Files of a ticket as they are listed, and what may be added to them.

use jiesu_domain::{
    Instant,
    access::{self, Known},
    ticket::{Attached, FileCheck, FilePurpose, Ticket},
};
use jiesu_store::AttachmentRow;
use serde::Serialize;
use utoipa::ToSchema;

use super::line::unit_name;
use crate::{
    app::{App, plain_name},
    files,
    limits::size_words,
};

/// A file of the ticket. What this person must not know of it is absent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FileView {
    pub no: u32,
    pub purpose: FilePurpose,
    pub purpose_name: &'static str,
    /// It shows who appeals, or is not this unit's: neither its name nor its content is given out.
    pub hidden: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<KnownFile>,
}

/// What is known of a file to who may know it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KnownFile {
    pub name: String,
    pub media: String,
    /// `图片`, `PDF`, …
    pub sort: &'static str,
    pub size: u64,
    /// `1.5MB`.
    pub size_words: String,
    /// SM3 of the content, as in the journal.
    pub sm3: String,
    /// Who sent it in.
    pub by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_name: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    pub check: FileCheck,
    pub check_name: &'static str,
    /// Whether it can be taken out now.
    pub open: bool,
}

/// A purpose to choose from.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PurposeChoice {
    pub purpose: FilePurpose,
    pub name: &'static str,
}

/// What this person may add, and within which limits.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FileRules {
    pub purposes: Vec<PurposeChoice>,
    /// Most bytes of one file.
    pub most: u64,
    /// What may be sent in, and how much of it, in words.
    pub words: String,
    /// Extensions for the browser's chooser.
    pub accept: String,
}

pub(super) fn file_views(
    app: &App,
    actor: &jiesu_domain::Actor,
    ticket: &Ticket,
    rows: &[AttachmentRow],
) -> Vec<FileView> {
    let units = app.units();
    let view = |file: &Attached| {
        let row = rows.iter().find(|r| r.file == i64::from(file.no));
        let known = access::knows_file(actor, ticket, file, &units);
        let row = row.filter(|_| known != Known::Nothing);
        let unit = file.unit.as_deref().map(|u| unit_name(&units, u));
        FileView {
            no: file.no,
            purpose: file.purpose,
            purpose_name: file.purpose.zh(),
            hidden: row.is_none(),
            known: row.map(|row| known_file(app, file, row, known, unit)),
        }
    };
    ticket.files.iter().map(view).collect()
}

fn known_file(app: &App, file: &Attached, row: &AttachmentRow, known: Known, unit_name: Option<String>) -> KnownFile {
    let own = |name: &String| if known == Known::Whole { name.clone() } else { plain_name(file, name) };
    let check: FileCheck = row.state.parse().unwrap_or(FileCheck::Waiting);
    KnownFile {
        name: row.name.as_ref().map_or_else(|| "（已删除的文件名）".into(), own),
        media: file.media.clone(),
        sort: files::sort_of(&file.media),
        size: file.size,
        size_words: size_words(file.size),
        sm3: file.sm3.clone(),
        by: app.account_name(&row.account),
        unit_name,
        at: row.at,
        check,
        check_name: check.zh(),
        open: check.open(),
    }
}

pub(super) fn file_rules(app: &App, actor: &jiesu_domain::Actor, ticket: &Ticket) -> FileRules {
    let limits = app.limits();
    let fits =
        |p: &&FilePurpose| access::may_attach(actor.role, **p) && (ticket.confidential || **p != FilePurpose::Redacted);
    let choice = |p: &FilePurpose| PurposeChoice { purpose: *p, name: p.zh() };
    FileRules {
        purposes: FilePurpose::ALL.iter().filter(fits).map(choice).collect(),
        most: limits.file,
        words: format!(
            "可上传{}；单个不超过{}，一件工单最多{}个、合计不超过{}",
            files::ALLOWED,
            size_words(limits.file),
            limits.files,
            size_words(limits.files_size)
        ),
        accept: files::accept(),
    }
}
