//! Files: who may attach what, and until when. How large they may be and of which type is the centre's setting, not the law.

use super::{
    Attached, Event, FilePurpose, Refusal, Stage, Ticket, command::AttachFile, decide::Ctx, deciding::Deciding,
    deciding::unit_of,
};
use crate::access;

/// Longest media type that a registry knows, with room to spare.
const MEDIA_MOST: usize = 127;

/// Open until nothing is done about the ticket any more; to a unit while the ticket is its business.
pub(super) fn ready(ticket: &Ticket, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let open = matches!(
        ticket.stage,
        Stage::Registered(_) | Stage::Working(_) | Stage::Closed(_) | Stage::Checking(_) | Stage::Concluded(_)
    );
    if !open {
        return Err(Refusal::not_now("ended", format!("工单现为“{}”，不再接收附件", ticket.state())));
    }
    if ctx.actor.role.of_unit() && !ticket.concerns(unit_of(ctx)?) {
        return Err(Refusal::not_now("not-taking-part", "本单位现在不是承办单位，不能上传附件"));
    }
    Ok(())
}

pub(super) fn attach(d: &mut Deciding<'_>, file: &AttachFile) -> Result<(), Refusal> {
    let actor = d.ctx.actor;
    if !access::may_attach(actor.role, file.purpose) {
        return Err(Refusal::input("purpose", format!("{}不能上传“{}”，请另选用途", actor.role, file.purpose)));
    }
    if file.purpose == FilePurpose::Redacted && !d.ticket()?.confidential {
        return Err(Refusal::input("purpose", "“脱敏材料”只用于保密工单；其他工单请选“诉求材料”或“补充材料”"));
    }
    let digest = file.sm3.len() == 64 && file.sm3.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !digest {
        return Err(Refusal::input("sm3", "文件的 SM3 摘要应为64位小写十六进制"));
    }
    if file.size == 0 {
        return Err(Refusal::input("size", "文件是空的，请重新选择"));
    }
    if file.media.is_empty() || file.media.len() > MEDIA_MOST || !file.media.is_ascii() {
        return Err(Refusal::input("media", "文件类型不认识"));
    }
    let no = d.ticket()?.files.last().map_or(0, |f| f.no) + 1;
    let unit = actor.unit.clone().filter(|_| actor.role.of_unit());
    let (purpose, media, size, sm3) = (file.purpose, file.media.clone(), file.size, file.sm3.clone());
    d.push(Event::FileAttached(Attached { no, purpose, media, size, sm3, unit }))
}
