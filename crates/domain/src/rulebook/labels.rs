//! What the keys and codes of a rulebook are called in Chinese. A test holds every shipped rulebook against these tables; a centre's own
//! file may use a key that is not here, which is then shown as it is written.

use super::{MessageOn, UnitKind};
use crate::{Kind, Role, clock::ClockKind};

/// A table of codes or keys and their names.
type Names = &'static [(&'static str, &'static str)];

const SECTIONS: Names = &[
    ("counting", "工作日的计算"),
    ("accept", "受理范围"),
    ("refusal", "不予受理"),
    ("referral", "逐级汇报"),
    ("emergency", "突发事件工单"),
    ("withdrawal", "撤回诉求"),
    ("malicious", "恶意拨打"),
    ("transfer", "转其他地区"),
    ("risk", "风险报告"),
    ("limit", "时限"),
    ("special_law", "特别规定"),
    ("consultation", "会商"),
    ("approval", "领导审定"),
    ("copy", "抄送"),
    ("dispatch", "派单"),
    ("whistle", "召集协同"),
    ("raise", "提级办理"),
    ("return", "退单"),
    ("extension", "延期"),
    ("longer", "延长办理"),
    ("contact", "联系诉求人"),
    ("supplement", "补充核实"),
    ("report_up", "报请协调"),
    ("reply", "答复"),
    ("confidential", "保密工单"),
    ("closure", "办结"),
    ("closure_ground", "办结理由"),
    ("follow_up", "回访"),
    ("redo", "重办"),
    ("redo_ground", "发回重办的情形"),
    ("no_redo", "不再发回重办的情形"),
    ("settled", "不再受理"),
    ("exempt", "不纳入考核"),
    ("exclusion", "申请不纳入考核"),
    ("supervise", "督办"),
    ("measures", "督办方式"),
    ("measure", "督办方式"),
    ("urging", "催办"),
    ("conduct", "须记录的行为"),
    ("knowledge", "知识库"),
    ("archive", "归档"),
    ("message", "短信"),
];

/// Where one key means different things, `section.key` goes before the key alone.
const KEYS: Names = &[
    // Order of this table is the order of the parameters in a row.
    ("ground", "情形"),
    ("name", "情形"),
    ("clock", "时限"),
    ("on", "时机"),
    ("found_by", "系统可以发现"),
    ("from", "起算"),
    ("follow_up.from", "可以评价"),
    ("is", "期限"),
    ("by_kind", "期限"),
    ("by_catalogue", "派单目录可以另定期限"),
    ("longer.kinds", "适用类别"),
    ("kinds", "类别"),
    ("scope", "范围"),
    ("advice", "告知内容"),
    ("help", "须提供的帮助（其一）"),
    ("names_earlier", "须写明原工单"),
    ("refusal.settled", "限于原工单已定案的"),
    ("after_reply", "仅限已答复且无新情况的"),
    ("refer", "可以移交"),
    ("levels", "层级"),
    ("consultation.levels", "参加会商的"),
    ("matters", "事项"),
    ("lines", "联动热线"),
    ("call_recorded", "派发时须记录电话通知"),
    ("before_dispatch", "派单前可以会商"),
    ("on_return", "退单时可以会商"),
    ("binding", "会商确定的单位须接收"),
    ("to", "对象"),
    ("leads", "主办单位类别"),
    ("never_lead", "不能主办的"),
    ("lead_waits", "主办等待协办结果"),
    ("late_assists_explain", "协办逾期须说明"),
    ("duty_note", "目录外派单须写明职责依据"),
    ("town_needs_office", "镇街承办的须列明所属工作机构"),
    ("whistle.by", "可以召集的单位"),
    ("judged", "召集单位评价响应情况"),
    ("needs_basis_or_redirect", "须写明依据或改派意见"),
    ("needs_leader_sheet", "须附负责人签字单"),
    ("needs", "须提供"),
    ("needs_one_of", "至少提供其一"),
    ("late", "逾期申请"),
    ("pending", "审核期间原时限"),
    ("supplement.pending", "核实期间原时限"),
    ("again_after_refusal", "不同意后可以再次申请"),
    ("again", "不同意后再次申请"),
    ("extension.times", "最多延期次数"),
    ("supervise.times", "达到次数"),
    ("conduct.times", "达到次数"),
    ("times", "次数"),
    ("at_most", "每次最长"),
    ("days", "延期按"),
    ("by", "决定方式"),
    ("before_reply", "答复前须先联系"),
    ("calls", "无人接听几次后可以书面答复"),
    ("plain", "不含空格和特殊符号"),
    ("every_point", "逐项答复"),
    ("names_contact", "须写明联系日期和电话"),
    ("unit_may_contact", "承办单位可以直接联系诉求人"),
    ("clerk_replies", "由回访员代为答复"),
    ("grounds", "理由"),
    ("long_term", "须有措施和预计期限"),
    ("explained", "须已向诉求人解释"),
    ("tracked", "办结后跟踪督办"),
    ("attempts", "未接通的，最多联系次数"),
    ("chosen_way", "首次回访须用诉求人所选方式"),
    ("asks", "另须询问"),
    ("ledger_from", "列入督办台账，自第几次不满意起"),
    ("settles", "可以凭证明定案"),
    ("whistle.others", "其他主办单位召集时称为"),
    ("after_redo", "督办重办并确认后"),
    ("by_proof", "凭证明审核定案后"),
    ("closed_as", "仅限以此理由办结的"),
    ("on_application", "须申请并附证明"),
    ("fault_needed", "须认定承办单位责任"),
    ("may", "方式"),
    ("keeps", "归档材料"),
    ("recordings_years", "录音至少保存年数"),
    ("text", "内容"),
    ("start_day", "起始日"),
    ("end_of_day", "最后一日终止于"),
    ("when", "适用"),
    ("contacts_at_least", "同一事项反映次数不少于"),
    ("difficult", "疑难、复杂"),
    ("urgent", "突发事件"),
    ("major", "重大事件"),
    ("several_units", "涉及多个单位"),
    ("over", "先于规则"),
    ("stale_after", "未更新、未确认超过此期限的列为待更新"),
    ("announced_at_least", "新政策公布前至少"),
    ("announced_at_most", "新政策公布前至多"),
    ("not_updated", "逾期未更新的，记为"),
    ("wrong", "核实有误的，记为"),
];

/// Codes, under the keys that use them. Vocabularies of the domain speak for themselves and are not repeated here.
const CODES: &[(&[&str], Names)] = &[
    (
        &["from"],
        &[
            ("registration", "登记"),
            ("referral", "汇报"),
            ("dispatch", "派发"),
            ("sign", "签收"),
            ("request", "申请"),
            ("reply", "答复"),
            ("closure", "办结"),
            ("rating", "评价"),
            ("conclusion", "办理结束"),
            ("publication", "政策公布"),
        ],
    ),
    (&["start_day"], &[("left-out", "不计入"), ("counted", "计入")]),
    (&["end_of_day"], &[("same clock time", "起算的同一钟点")]),
    (&["at_most"], &[("original-limit", "不超过原办理时限")]),
    (&["late"], &[("refused-unless-opened", "不予受理，热线中心说明理由后可以开放"), ("accepted", "视为受理")]),
    (&["pending"], &[("runs", "照常计算"), ("paused", "停止计算")]),
    (&["again"], &[("free", "期限内可以"), ("opened", "热线中心说明理由后开放"), ("never", "不可以")]),
    (&["days"], &[("working", "工作日"), ("calendar", "自然日")]),
    (&["by"], &[("review", "热线中心审核"), ("notice", "向诉求人说明并告知热线中心")]),
    (
        &["needs", "needs_one_of"],
        &[
            ("basis", "依据"),
            ("redirect", "转办建议"),
            ("leader-sheet", "领导签署意见"),
            ("told", "与诉求人沟通情况"),
            ("force-majeure", "不可抗拒等客观原因的说明"),
        ],
    ),
    (&["to"], &[("superior", "上级单位"), ("discipline", "单位纪检监察机构")]),
    (&["asks"], &[("attitude", "服务态度"), ("solved", "是否解决")]),
    (
        &["help"],
        &[
            ("transferred", "帮助转接"),
            ("contact", "告知联系方式"),
            ("explained", "作出解释"),
            ("progress", "告知办理进度或结果"),
            ("persuaded", "劝导并告知法律后果"),
        ],
    ),
    (
        &["ground", "grounds"],
        &[
            ("done", "已办理完毕"),
            ("no-policy-basis", "诉求无政策法规依据"),
            ("explained", "暂时无法解决，已作说明"),
            ("suggestion-not-adopted", "因建议没有得到采纳而不满意的建议类诉求"),
            ("overdue", "超期未办结"),
            ("unsatisfied", "多次回访不满意"),
            ("instruction", "上级交办"),
            ("media", "媒体曝光"),
            ("other", "其他"),
        ],
    ),
    (
        &["may"],
        &[
            ("special-report", "督查专报"),
            ("rectification-notice", "整改通知"),
            ("proposal", "督查建议"),
            ("interview", "约谈提醒"),
        ],
    ),
    (
        &["found_by"],
        &[
            ("overdue", "办理超期"),
            ("assist-overdue", "协办超期"),
            ("rectify-overdue", "整改超期"),
            ("unsatisfied", "不满意评价达到次数"),
            ("disputed", "对办理结果有异议"),
            ("returns", "多个单位退回"),
            ("repeated", "多次交办仍不满意"),
            ("persons", "多人反映同一事项"),
            ("contacts", "多次反映未解决"),
            ("redos", "多次发回重办"),
            ("urgings", "多次催办未答复"),
            ("return-reason", "以退单理由作为答复"),
            ("instruction", "上级交办"),
            ("media", "媒体曝光"),
        ],
    ),
];

/// A section's name; the key itself where it has none yet.
pub fn section(key: &str) -> &str {
    SECTIONS.iter().find(|(k, _)| *k == key).map_or(key, |(_, zh)| zh)
}

/// A section's place in the table, which is that of a rulebook's file.
pub(super) fn section_place(key: &str) -> usize {
    SECTIONS.iter().position(|(k, _)| *k == key).unwrap_or(usize::MAX)
}

/// A key's name and its place among the parameters; `None` where it has none yet.
pub fn key(section: &str, key: &str) -> Option<(usize, &'static str)> {
    let own = format!("{section}.{key}");
    let position = |wanted: &str| KEYS.iter().position(|(k, _)| *k == wanted);
    position(&own).or_else(|| position(key)).map(|at| (at, KEYS[at].1))
}

/// A code's name under a key; `None` for what is not a code: a text, or one that has no name yet.
pub fn code(key: &str, code: &str) -> Option<&'static str> {
    let own = CODES.iter().filter(|(keys, _)| keys.contains(&key)).flat_map(|(_, codes)| codes.iter());
    let listed = own.into_iter().find(|(c, _)| *c == code).map(|(_, zh)| *zh);
    listed.or_else(|| match key {
        "kinds" => code.parse().ok().map(Kind::zh),
        "levels" => code.parse().ok().map(Role::zh),
        "never_lead" | "leads" | "by" => code.parse().ok().map(UnitKind::zh),
        "clock" => code.parse().ok().map(ClockKind::zh),
        "on" => code.parse().ok().map(MessageOn::zh),
        _ => None,
    })
}
