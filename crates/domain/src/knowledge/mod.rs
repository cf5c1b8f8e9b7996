//! The knowledge base (知识库): what units provide so that a seat can answer at once (QD-2, SR-18, ZS-34).
//!
//! An entry is its journal, as a ticket is: [`decide`] judges a command against the rulebook, the calendar and the entry, [`evolve`] folds
//! the events, [`Entry::next_wakeup`] says when time itself does something. A question to a unit, an entry that a dispatch asks for and a
//! new policy that is announced are entries in an early state, with the clocks that run on them.

mod command;
mod content;
mod decide;
mod entry;
mod event;
mod sample;
mod sees;

use crate::words::words;

pub use command::Command;
pub use content::{Content, File, Guide, Policy, Source, check as check_content};
pub use decide::{decide, ready};
pub use entry::{Checked, Entry, ErrorReport, ErrorState, Found, Pending, Published, Question, evolve};
pub use event::{Event, Notice};
pub use sample::drawn;
pub use sees::{Audience, Sight, may, sees, works_on};

words! {
    /// The columns of the knowledge base (QD-2). The last one is for the hotline's own staff.
    Section, "知识栏目" {
        Organisation = "organisation" "相关机构",
        Law = "law" "法律法规",
        Daily = "daily" "日常知识",
        Guide = "guide" "服务指南",
        Other = "other" "其他信息",
        Hotline = "hotline" "热线管理员",
    }
}

words! {
    /// Where an entry stands.
    EntryState, "知识状态" {
        /// A unit was asked and owes the answer.
        Asked = "asked" "待答复",
        /// A unit owes the entry itself.
        Owed = "owed" "待录入",
        /// It waits for the reviewer.
        Review = "review" "待审核",
        Returned = "returned" "退回修改",
        Published = "published" "已发布",
        /// Beyond the day until which it holds.
        Expired = "expired" "已过期",
        Withdrawn = "withdrawn" "已撤下",
    }
}

words! {
    /// What is done to an entry.
    Act, "知识操作" {
        Ask = "ask" "我要提问",
        Demand = "demand" "要求录入",
        Submit = "submit" "报送",
        Answer = "answer" "我要答复",
        Return = "return" "退回修改",
        Publish = "publish" "审核发布",
        Withdraw = "withdraw" "撤下",
        Renew = "renew" "确认仍有效",
        ReportError = "report-error" "报错",
        ConfirmError = "confirm-error" "核实有误",
        DismissError = "dismiss-error" "核实无误",
        Check = "check" "抽查",
        TicketReplied = "ticket-replied" "工单已答复",
        TimePassed = "time-passed" "到时",
    }
}

words! {
    /// How a unit was told that a question waits for it.
    Reminder, "提醒方式" {
        Phone = "phone" "电话",
        Sms = "sms" "短信",
        Wechat = "wechat" "微信",
    }
}
