//! Every field of every command in Chinese, in the order in which a form asks for it. A test holds this table against the commands: a
//! field without a label does not pass, nor does a label without a field.

use jiesu_domain::ticket::Action;

/// How a field is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// By its type alone: a line of text, a number, yes or no, a word of a vocabulary, lines, a group.
    Plain,
    /// Several lines of text.
    Long,
    /// A number and what it counts, e.g. `5 working days`.
    Limit,
    /// One of a list, or several of it where the field is a list.
    Of(&'static str),
    /// Any text; the list only helps.
    Like(&'static str),
    /// One text for each of a list.
    Each(&'static str),
    /// The server fills it in.
    Never,
}

/// A field's name, label, and how it is asked for.
pub(super) type Row = (&'static str, &'static str, Ask);

use Ask::{Each, Like, Limit, Long, Never, Of, Plain};

/// The fields of a command.
pub(super) fn of(action: Action) -> &'static [Row] {
    use Action as A;
    match action {
        // ── intake ──
        A::AttachAppeal => &[
            ("channel", "来电来信渠道", Plain),
            ("follow_up_by", "希望的回访方式", Plain),
            ("note", "补充内容", Long),
            ("same_as", "同一人此前的诉求", Never),
            ("from", "并入前的工单编号", Never),
        ],
        A::LinkEarlier => &[("number", "原工单编号", Plain), ("note", "认定说明", Long)],
        A::MarkDifficult => &[("reason", "疑难、复杂的理由", Long)],
        A::MarkMajor => &[("reason", "列为重大的理由", Long)],
        A::ReferUp => &[("question", "需要认定的问题", Long)],
        A::Accept => &[("note", "认定意见", Long)],
        A::Refuse => &[
            ("class", "不予受理的情形", Of("refusals")),
            ("explanation", "向诉求人所作的解释", Long),
            ("help", "对诉求人的帮助", Plain),
        ],
        A::AnswerAtOnce => &[
            ("answer", "答复内容", Long),
            ("entry", "知识条目编号", Plain),
            ("by_opinion_of", "依据哪一工单的定案意见", Like("settled-earlier")),
        ],
        A::HandOver => &[("call", "通话", Plain), ("ends", "对方已接手，本中心不再办理", Plain)],
        A::JoinTo => &[("number", "并入的工单编号", Plain), ("reason", "并入的理由", Long)],
        A::Withdraw => &[("appeal", "哪位诉求人", Of("appeals")), ("reason", "撤回的理由", Long)],
        A::RecordMalicious => &[
            ("conduct", "情形", Of("malicious")),
            ("note", "情况说明", Long),
            ("evidence", "证据（录音、通话记录、文字），每行一项", Plain),
        ],
        A::ReferMalicious => &[
            ("no", "哪一条记录", Of("malicious-records")),
            ("to", "移交的公安机关", Plain),
            ("note", "移交说明", Long),
        ],
        A::ReportRisk => &[("to", "报告对象", Like("risk-targets")), ("text", "风险情况", Long)],
        A::Transfer => &[("to", "转往的热线或部门", Like("transfer-targets")), ("reason", "转办的理由", Long)],
        A::TakeBack => &[("reason", "退回的理由", Long)],
        A::EndTransfer => &[("result", "对方的办理结果（将告知诉求人）", Long)],

        // ── dispatch ──
        A::Consult => &[("level", "会商机制", Of("consultation-levels")), ("question", "会商的问题", Long)],
        A::ConcludeConsultation => &[
            ("lead", "确定的主办单位", Of("leads")),
            ("assists", "协办单位", Of("units")),
            ("opinion", "会商意见", Long),
        ],
        A::SubmitOpinion => {
            &[("opinion", "拟办意见", Long), ("lead", "主办单位", Of("leads")), ("assists", "协办单位", Of("units"))]
        }
        A::ReviewOpinion => &[("approve", "同意", Plain), ("note", "审定意见或退回的理由", Long)],
        A::Dispatch => &[
            ("entry", "派单目录事项", Of("entries")),
            ("lead", "主办单位", Of("leads")),
            ("assists", "协办单位", Of("units")),
            ("note", "派单说明、职责依据", Long),
            ("office", "建议承办机构", Plain),
            ("points", "诉求要点，每行一项", Plain),
            ("assists_within", "协办时限", Limit),
            ("special", "另定时限", Plain),
            ("call", "电话通知承办单位", Plain),
            ("new_facts", "新情况、新理由", Long),
        ],
        A::Sign | A::ReportIn | A::Archive => &[],
        A::AssignInside => &[("office", "承办科室", Plain), ("handler", "经办人", Plain)],
        A::Whistle => &[("units", "请哪些单位", Of("units")), ("matter", "需要协办的事项", Long)],
        A::JudgeWhistle => {
            &[("unit", "报到单位", Of("whistled")), ("answered", "响应有效", Plain), ("note", "评议意见", Long)]
        }
        A::Raise => &[("to", "提级后的主办单位", Of("leads")), ("reason", "提级办理的理由", Long)],

        // ── return and extension ──
        A::AskReturn => &[
            ("reason", "退单理由", Long),
            ("basis", "退回依据", Long),
            ("redirect", "转办建议", Like("leads")),
            ("leader_sheet", "领导签署意见（文号或名称、签署人）", Plain),
        ],
        A::OpenReturn => &[("reason", "开放退单的理由", Long)],
        A::ReviewReturn => &[("approve", "同意退单", Plain), ("note", "审核意见", Long)],
        A::AskExtension => &[
            ("days", "延期天数", Plain),
            ("reason", "延期理由", Long),
            ("basis", "依据", Long),
            ("told", "与诉求人解释沟通的情况", Long),
            ("force_majeure", "因不可抗力", Plain),
        ],
        A::ReviewExtension => &[("approve", "同意延期", Plain), ("note", "审核意见", Long)],
        A::DeclareLonger => &[("reason", "延长办理的理由", Long)],

        // ── handling, reply, closure ──
        A::RecordContact => &[
            ("by", "联系方式", Plain),
            ("reached", "已联系上", Plain),
            ("explained", "已作政策解释", Plain),
            ("note", "联系情况", Long),
        ],
        A::AskSupplement => &[("what", "需要补充核实的内容", Long)],
        A::Supplement => &[("text", "补充的内容", Long)],
        A::ReportUp => &[("to", "报请的对象", Of("report-up-targets")), ("text", "难以协调解决的情况", Long)],
        A::ReportProgress => &[("text", "阶段性工作情况", Long), ("reason", "不能按期办结的理由", Long)],
        A::DeliverAssist => &[("text", "协办结果", Long), ("explanation", "逾期的理由", Long)],
        A::DraftReply => &[
            ("text", "答复内容", Long),
            ("answers", "逐项答复", Each("points")),
            ("long_term", "需要较长时间解决的，工作措施", Plain),
        ],
        A::AuditReply => &[("without_assists", "协办逾期、先行答复的说明", Long)],
        A::ReopenReply => &[("reason", "重新起草的理由", Long)],
        A::RelayReply => &[("by", "答复方式", Plain), ("reached", "已联系上", Plain), ("note", "答复情况", Long)],
        A::AskClosure => &[("ground", "办结理由", Of("closure-grounds")), ("statement", "办理情况说明", Long)],
        A::ReviewClosure => &[("approve", "同意办结", Plain), ("note", "审核意见", Long)],

        // ── follow-up ──
        A::FollowUp => &[
            ("appeal", "哪位诉求人", Of("appeals")),
            ("by", "回访方式", Plain),
            ("reached", "已联系上", Plain),
            ("rating", "诉求人的评价", Plain),
            ("note", "回访情况", Long),
        ],
        A::Rate => RATE,
        A::RateByText => &[("appeal", "哪位诉求人", Of("appeals")), ("text", "短信内容", Long)],
        A::VerifyRating => &[
            ("appeal", "哪位诉求人", Of("appeals")),
            ("finding", "核实结论", Plain),
            ("ground", "重办或不再重办的情形", Of("verify-grounds")),
            ("exempt", "不纳入考核的情形", Of("exemptions")),
            ("reason", "核实情况", Long),
        ],
        A::AskSettlement => &[
            ("ground", "定案的情形", Of("settle-grounds")),
            ("proof", "定案证明材料", Long),
            ("opinion", "办结意见（用于答复重复诉求）", Long),
        ],
        A::ReviewSettlement => &[("approve", "同意定案", Plain), ("note", "审核意见", Long)],
        A::EndTracking => &[("solved", "已解决", Plain), ("note", "跟踪结果", Long)],
        A::Hold => &[("reason", "限制销毁的理由", Long)],
        A::LiftHold => &[("reason", "解除限制的理由", Long)],

        // ── supervision ──
        A::ProposeSupervision => &[("ground", "督办事由", Of("supervise-grounds")), ("note", "情况说明", Long)],
        A::OpenSupervision => &[("no", "哪一条线索", Of("ledger")), ("fault", "承办单位的责任", Long)],
        A::DismissSupervision => &[("no", "哪一条线索", Of("ledger")), ("reason", "不予督办的理由", Long)],
        A::TakeMeasure => &[
            ("no", "哪一条督办", Of("ledger")),
            ("measure", "督办方式", Of("measures")),
            ("notice", "督办要求", Long),
            ("rectify_within", "整改期限", Limit),
        ],
        A::ReportRectification => &[("no", "哪一条督办", Of("ledger")), ("text", "整改情况", Long)],
        A::EndSupervision => &[("no", "哪一条督办", Of("ledger")), ("result", "督办结果", Long)],
        A::Urge => &[("unit", "催办的单位（不选则为主办单位）", Of("ticket-units")), ("note", "催办内容", Long)],
        A::AnswerUrging => &[("no", "哪一次催办", Of("urgings")), ("text", "办理情况或理由", Long)],
        A::RecordInstruction => &[("from", "批示、交办的领导或机关", Plain), ("text", "批示内容", Long)],
        A::MarkMedia => &[("outlet", "媒体", Plain), ("note", "曝光情况", Long)],
        A::RecordConduct => &[
            ("conduct", "问责情形", Of("conducts")),
            ("unit", "单位（不选则为主办单位）", Of("ticket-units")),
            ("evidence", "事实和证据", Long),
        ],
        A::ConfirmConduct => &[("no", "哪一条情形", Of("conduct-records")), ("note", "认定意见", Long)],
        A::DismissConduct => &[("no", "哪一条情形", Of("conduct-records")), ("reason", "排除的理由", Long)],
        A::AskExclusion => &[
            ("ground", "不纳入考核的情形", Of("exemptions")),
            ("reason", "申请理由", Long),
            ("evidence", "证据", Long),
        ],
        A::ReviewExclusion => {
            &[("no", "哪一件申请", Of("exclusions")), ("approve", "同意不纳入考核", Plain), ("note", "审核意见", Long)]
        }
        A::AppealExclusion => &[("no", "哪一件申请", Of("exclusions")), ("reason", "申诉理由", Long)],
        A::DecideExclusion => {
            &[("no", "哪一件申请", Of("exclusions")), ("approve", "同意不纳入考核", Plain), ("note", "裁定意见", Long)]
        }

        // Not commands on a ticket, or not for people.
        A::Register | A::AttachFile | A::TimePassed | A::Recount | A::TakeHistory => &[],
    }
}

const RATE: &[Row] = &[
    ("appeal", "哪位诉求人", Of("appeals")),
    ("result", "对办理结果", Plain),
    ("attitude", "对服务态度", Plain),
    ("solved", "问题是否解决", Plain),
    ("comment", "意见", Long),
];

/// The fields of a group, by the name of its schema.
pub(super) fn group(schema: &str) -> &'static [Row] {
    match schema {
        "Help" => &[("by", "帮助方式", Plain), ("to", "转接去向或联系方式", Plain)],
        "Call" => &[("to", "通话对象", Like("lines")), ("note", "通话情况", Long)],
        "SpecialLimit" => &[("limit", "时限", Limit), ("law", "依据的法律法规和条款", Plain)],
        "LongTerm" => &[("measures", "工作措施", Long), ("expected", "预计完成日期", Plain)],
        "Rate" => RATE,
        _ => &[],
    }
}
