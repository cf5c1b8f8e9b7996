//! What is attached to a ticket: what for, of which kind and with which digest. Names and contents are kept apart, under `(ticket, no)`.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// What a file is attached for.
    FilePurpose, "附件用途" {
        Appeal = "appeal" "诉求材料",
        Supplement = "supplement" "补充材料",
        Redacted = "redacted" "脱敏材料",
        Reply = "reply" "答复材料",
        Proof = "proof" "办结证明",
        Return = "return" "退单依据",
        Extension = "extension" "延期依据",
        Evidence = "evidence" "其他佐证",
    }
}

impl FilePurpose {
    /// It comes from the appellant, and may show who that is.
    pub const fn of_appellant(self) -> bool {
        matches!(self, FilePurpose::Appeal | FilePurpose::Supplement)
    }

    /// It comes from a unit.
    pub const fn of_unit(self) -> bool {
        !self.of_appellant() && !matches!(self, FilePurpose::Redacted)
    }
}

words! {
    /// What the virus scan says of a file.
    FileCheck, "查毒情况" {
        Waiting = "waiting" "正在查毒",
        Clean = "clean" "已查毒",
        Infected = "infected" "发现病毒",
        Unchecked = "unchecked" "未查毒",
    }
}

impl FileCheck {
    /// Whether the file can be taken out.
    pub const fn open(self) -> bool {
        matches!(self, FileCheck::Clean | FileCheck::Unchecked)
    }
}

/// A file of the ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Attached {
    /// From 1.
    pub no: u32,
    pub purpose: FilePurpose,
    /// Media type as its content shows it.
    pub media: String,
    /// Bytes.
    pub size: u64,
    /// SM3 of the content: with the journal's chain it proves that the file is the one that was attached.
    pub sm3: String,
    /// The unit it comes from; none: the centre or the appellant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}
