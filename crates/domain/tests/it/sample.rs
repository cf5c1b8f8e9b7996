//! For each action, things a person might say: what is good wherever the action is open, and what is not. They come from the rulebook and
//! the ticket, so that every rulebook can be lived, checked and simulated with them.

use jiesu_domain::{
    Actor, Channel, Role,
    clock::ClockKind,
    rulebook::UnitKind,
    ticket::{
        Action, AttachFile, Command, Ctx, Dispatch, FilePurpose, Finding, Help, HelpKind, Imported, LedgerState,
        LongTerm, SpecialLimit, Stage, Ticket, UnitInfo, Units,
    },
    words::{Contact, Satisfaction},
};

use super::support::*;

/// A small town: a department, a second one, a company, a street with its district, a committee.
pub fn units() -> Units {
    let unit = |id: &str, name: &str, kind, parent: Option<&str>| {
        let info = UnitInfo { name: name.into(), kind, parent: parent.map(str::to_owned), active: true };
        (id.to_owned(), info)
    };
    Units::from([
        unit("chengguan", "城市管理局", UnitKind::Department, Some("zhengfu")),
        unit("gongan", "公安局", UnitKind::Department, Some("zhengfu")),
        unit("shuiwu", "水务公司", UnitKind::Enterprise, None),
        unit("jiedao", "东市街道办事处", UnitKind::Town, Some("zhengfu")),
        unit("zhengfu", "区人民政府", UnitKind::District, None),
        unit("juweihui", "万寿社区居民委员会", UnitKind::Committee, Some("jiedao")),
        unit("centre", "12345热线中心", UnitKind::Centre, None),
        UnitInfo { name: "原工商局".into(), kind: UnitKind::Department, parent: None, active: false }.called("closed"),
    ])
}

trait Called {
    fn called(self, id: &str) -> (String, UnitInfo);
}

impl Called for UnitInfo {
    fn called(self, id: &str) -> (String, UnitInfo) {
        (id.to_owned(), self)
    }
}

/// Everybody: each role, and the unit's roles for those who may have to do with a ticket, and for a stranger.
pub fn everybody() -> Vec<Actor> {
    let mut all = Vec::new();
    for role in Role::ALL {
        if role.of_unit() {
            all.extend(
                ["chengguan", "gongan", "shuiwu", "jiedao", "zhengfu", "juweihui"].map(|unit| of_unit(*role, unit)),
            );
        }
        all.push(of_centre(*role)); // for a unit's roles: an account that was given no unit
    }
    // Another manager: what one has reviewed another decides.
    all.push(Actor { id: "second-manager".into(), ..of_centre(Role::CentreManager) });
    all
}

fn text() -> String {
    "情况属实".to_owned()
}

/// A reply that every rulebook takes.
pub fn good_reply() -> String {
    "您好！关于您反映的路灯问题，办理情况为已修复。5月6日通过07342661234电话联系您并告知处理结果。".to_owned()
}

fn long_term() -> LongTerm {
    LongTerm { measures: "列入年度改造计划".into(), expected: jiff::civil::date(2099, 12, 31) }
}

fn history() -> Imported {
    Imported {
        unit: Some("城管局".into()),
        assigned_at: None,
        deadline: None,
        reply: Some("已答复".into()),
        replied_at: None,
        satisfaction: None,
    }
}

fn dispatches(ticket: &Ticket) -> Vec<Command> {
    let full = |lead: &str, assists: &[&str]| Dispatch {
        lead: lead.into(),
        assists: assists.iter().map(|a| (*a).to_owned()).collect(),
        note: "按职责派发".into(),
        call: Some(call()),
        new_facts: Some("有新情况".into()),
        ..Dispatch::default()
    };
    let law = Some(SpecialLimit { limit: "20 days".parse().unwrap(), law: "某条例第三十条".into() });
    let mut all = vec![
        full("chengguan", &[]),
        full("chengguan", &["gongan"]),
        full("jiedao", &["shuiwu"]),
        Dispatch { special: law, ..full("gongan", &["chengguan", "shuiwu"]) },
        Dispatch { points: vec!["修路灯".into(), "赔偿".into()], ..full("chengguan", &[]) },
        Dispatch { call: None, note: String::new(), new_facts: None, ..full("chengguan", &[]) },
        full("nobody", &[]),
        full("closed", &[]),
        full("chengguan", &["chengguan"]),
        full("centre", &[]),
        full("juweihui", &[]),
    ];
    if let Stage::Registered(waiting) = &ticket.stage {
        let opinion = waiting.opinion.as_ref().map(|o| (&o.lead, &o.assists));
        let named = waiting.named.as_ref().map(|n| (&n.lead, &n.assists));
        for (lead, assists) in opinion.into_iter().chain(named) {
            all.push(full(lead, &assists.iter().map(String::as_str).collect::<Vec<_>>()));
        }
    }
    all.into_iter().map(Command::Dispatch).collect()
}

/// The inputs tried for an action; at least one of them is good wherever the action is open.
pub fn inputs(action: Action, ticket: &Ticket, ctx: &Ctx<'_>) -> Vec<Command> {
    at_the_desk(action, ticket, ctx)
        .or_else(|| in_hand(action, ticket, ctx))
        .unwrap_or_else(|| afterwards(action, ticket, ctx))
}

fn file(purpose: FilePurpose) -> AttachFile {
    AttachFile { purpose, media: "image/jpeg".into(), size: 1, sm3: "0123456789abcdef".repeat(4) }
}

fn at_the_desk(action: Action, ticket: &Ticket, ctx: &Ctx<'_>) -> Option<Vec<Command>> {
    use Action as A;
    let book = ctx.rulebook;
    Some(match action {
        A::Register | A::TakeHistory => {
            vec![Command::TakeHistory { received_at: at("2026-01-01 00:00"), history: Some(history()) }]
        }
        A::AttachFile => FilePurpose::ALL.iter().map(|p| Command::AttachFile(file(*p))).collect(),
        A::AttachAppeal => [None, Some(1), Some(99)]
            .map(|same_as| Command::AttachAppeal {
                channel: Channel::Web,
                follow_up_by: Contact::Sms,
                note: None,
                same_as,
                from: None,
            })
            .to_vec(),
        A::LinkEarlier => ["SR-20250101-000001-1", "SR-20250101-000002-1", "SR-20250101-000003-1", ""]
            .map(|number| Command::LinkEarlier { number: number.into(), note: String::new() })
            .into_iter()
            .chain([Command::LinkEarlier { number: format!("X-{}", ticket.earlier.len()), note: text() }])
            .collect(),
        A::MarkDifficult => {
            vec![Command::MarkDifficult { reason: text() }, Command::MarkDifficult { reason: " ".into() }]
        }
        A::MarkMajor => vec![Command::MarkMajor { reason: text() }],
        A::ReferUp => vec![Command::ReferUp { question: text() }],
        A::Accept => vec![Command::Accept { note: String::new() }],
        A::Refuse => {
            let refuse = |class: &str, by, to: &str| {
                let help = Help { by, to: to.into() };
                Command::Refuse { class: class.into(), explanation: text(), help }
            };
            let helps = HelpKind::ALL.iter();
            let each = helps.flat_map(|h| book.refusal.iter().map(move |c| refuse(&c.id, *h, "市中级人民法院立案庭")));
            each.chain([refuse("nothing", HelpKind::Explained, ""), refuse("secret", HelpKind::Transferred, "")])
                .collect()
        }
        A::AnswerAtOnce => {
            let answer = |by: Option<&str>| Command::AnswerAtOnce {
                answer: text(),
                entry: None,
                by_opinion_of: by.map(str::to_owned),
            };
            vec![answer(None), answer(Some("SR-20250101-000001-1"))]
        }
        A::HandOver => [false, true].map(|ends| Command::HandOver { call: call(), ends }).to_vec(),
        A::JoinTo => vec![Command::JoinTo { number: "SR-20250101-000009-1".into(), reason: text() }],
        A::Withdraw => {
            let each = ticket.appeals.iter().map(|a| Some(a.no)).chain([None, Some(99)]);
            each.map(|appeal| Command::Withdraw { appeal, reason: text() }).collect()
        }
        A::RecordMalicious => book
            .malicious
            .iter()
            .map(|m| m.id.as_str())
            .chain(["nothing"])
            .flat_map(|id| {
                [vec!["录音R-1".to_owned()], Vec::new()].map(|evidence| Command::RecordMalicious {
                    conduct: id.into(),
                    note: text(),
                    evidence,
                })
            })
            .collect(),
        A::ReferMalicious => {
            (1..=3).map(|no| Command::ReferMalicious { no, to: "东市派出所".into(), note: text() }).collect()
        }
        A::ReportRisk => vec![Command::ReportRisk { to: "应急管理局".into(), text: text() }],
        A::Transfer => vec![Command::Transfer { to: "邻市12345".into(), reason: text() }],
        A::TakeBack => vec![Command::TakeBack { reason: text() }],
        A::EndTransfer => vec![Command::EndTransfer { result: text() }],
        A::Consult => {
            let levels = book.consultation.iter().flat_map(|c| c.levels.iter().map(String::as_str));
            levels.chain(["无此机制"]).map(|level| Command::Consult { level: level.into(), question: text() }).collect()
        }
        A::ConcludeConsultation => ["chengguan", "gongan", "nobody"]
            .map(|lead| Command::ConcludeConsultation { lead: lead.into(), assists: Vec::new(), opinion: text() })
            .to_vec(),
        A::SubmitOpinion => {
            let lead = |lead: &str, assists: &[&str]| Command::SubmitOpinion {
                opinion: text(),
                lead: lead.into(),
                assists: assists.iter().map(|a| (*a).to_owned()).collect(),
            };
            vec![lead("chengguan", &[]), lead("gongan", &["chengguan"]), lead("gongan", &[]), lead("nobody", &[])]
        }
        A::ReviewOpinion => [true, false].map(|approve| Command::ReviewOpinion { approve, note: text() }).to_vec(),
        A::Dispatch => dispatches(ticket),
        _ => return None,
    })
}

fn in_hand(action: Action, ticket: &Ticket, ctx: &Ctx<'_>) -> Option<Vec<Command>> {
    use Action as A;
    let book = ctx.rulebook;
    let several = |units: &[&str]| units.iter().map(|u| (*u).to_owned()).collect::<Vec<_>>();
    Some(match action {
        A::Sign => vec![Command::Sign {}],
        A::AssignInside => vec![Command::AssignInside { office: "市政科".into(), handler: "经办人甲".into() }],
        A::Whistle => ["chengguan", "gongan", "shuiwu", "jiedao", "zhengfu", "juweihui"]
            .map(|u| Command::Whistle { units: several(&[u]), matter: text() })
            .into_iter()
            .chain([Command::Whistle { units: Vec::new(), matter: text() }])
            .collect(),
        A::ReportIn => vec![Command::ReportIn {}],
        A::JudgeWhistle => ["chengguan", "gongan", "shuiwu", "jiedao", "zhengfu", "juweihui"]
            .map(|unit| Command::JudgeWhistle { unit: unit.into(), answered: true, note: text() })
            .to_vec(),
        A::Raise => ["zhengfu", "gongan"].map(|to| Command::Raise { to: to.into(), reason: text() }).to_vec(),
        A::AskReturn => {
            let sheet = Some("签署意见.pdf".to_owned());
            vec![
                Command::AskReturn {
                    reason: "不属本单位职责范围内的事项".into(),
                    basis: Some("三定方案".into()),
                    redirect: Some("公安局".into()),
                    leader_sheet: sheet,
                },
                Command::AskReturn { reason: text(), basis: None, redirect: Some(" ".into()), leader_sheet: None },
            ]
        }
        A::OpenReturn => vec![Command::OpenReturn { reason: text() }],
        A::ReviewReturn => [true, false].map(review_return).to_vec(),
        A::AskExtension => [1, 3, 5, 0, 300]
            .map(|days| Command::AskExtension {
                days,
                reason: text(),
                basis: Some(text()),
                told: Some(text()),
                force_majeure: true,
            })
            .into_iter()
            .chain([ask_extension(1)])
            .collect(),
        A::ReviewExtension => [true, false].map(review_extension).to_vec(),
        A::DeclareLonger => vec![Command::DeclareLonger { reason: text() }],
        A::RecordContact => [(true, true), (false, true), (true, false), (false, false)]
            .map(|(reached, explained)| Command::RecordContact { by: Contact::Phone, reached, explained, note: text() })
            .to_vec(),
        A::AskSupplement => vec![Command::AskSupplement { what: text() }],
        A::Supplement => vec![Command::Supplement { text: text() }],
        A::ReportUp => {
            let to = book.report_up.iter().flat_map(|r| r.to.iter().map(String::as_str)).chain(["无此机关"]);
            to.map(|to| Command::ReportUp { to: to.into(), text: text() }).collect()
        }
        A::ReportProgress => vec![Command::ReportProgress { text: text(), reason: text() }],
        A::DeliverAssist => {
            [Some(text()), None].map(|explanation| Command::DeliverAssist { text: text(), explanation }).to_vec()
        }
        A::DraftReply => {
            let answers = ticket.points.iter().map(|_| text()).collect();
            let not_ours = "不属本单位职责范围内的事项".to_owned() + &good_reply();
            vec![
                Command::DraftReply { text: good_reply(), answers, long_term: Some(long_term()) },
                Command::DraftReply { text: good_reply(), answers: Vec::new(), long_term: None },
                Command::DraftReply {
                    text: not_ours,
                    answers: ticket.points.iter().map(|_| text()).collect(),
                    long_term: None,
                },
                draft(""),
            ]
        }
        A::AuditReply => vec![audit(), Command::AuditReply { without_assists: Some("协办单位逾期".into()) }],
        A::ReopenReply => vec![Command::ReopenReply { reason: text() }],
        A::RelayReply => {
            [true, false].map(|reached| Command::RelayReply { by: Contact::Phone, reached, note: text() }).to_vec()
        }
        A::AskClosure => {
            let ids = book.closure_ground.iter().map(|g| g.id.as_str()).chain(["nothing"]);
            ids.map(|ground| Command::AskClosure { ground: ground.into(), statement: text() }).collect()
        }
        A::ReviewClosure => [true, false].map(review_closure).to_vec(),
        _ => return None,
    })
}

fn afterwards(action: Action, ticket: &Ticket, ctx: &Ctx<'_>) -> Vec<Command> {
    use Action as A;
    let book = ctx.rulebook;
    let appeals: Vec<u32> = ticket.appeals.iter().map(|a| a.no).collect();
    let rated = |appeal: u32, result| jiesu_domain::ticket::Rate {
        appeal: Some(appeal),
        attitude: Some(result),
        solved: Some(true),
        ..rating(result)
    };
    match action {
        A::FollowUp => {
            let ways = [Contact::Phone, Contact::Sms];
            let results = [Some(Satisfaction::Satisfied), Some(Satisfaction::Unsatisfied), None];
            let each = appeals.iter().flat_map(|no| ways.iter().flat_map(move |by| results.map(|r| (*no, *by, r))));
            each.map(|(no, by, result)| Command::FollowUp {
                appeal: Some(no),
                by,
                reached: result.is_some(),
                note: String::new(),
                rating: result.map(|r| rated(no, r)),
            })
            .chain([nobody_answers()])
            .collect()
        }
        A::Rate => {
            let each = appeals.iter().flat_map(|no| Satisfaction::ALL.iter().map(move |s| (*no, *s)));
            each.map(|(no, s)| Command::Rate(rated(no, s))).chain([rate(Satisfaction::Satisfied)]).collect()
        }
        A::RateByText => {
            let texts = ["1", "３。", "基本满意", "还行吧"];
            let each = appeals.iter().flat_map(|no| texts.map(|t| (*no, t)));
            each.map(|(no, t)| Command::RateByText { appeal: Some(no), text: t.into() }).collect()
        }
        A::VerifyRating => verifications(ctx),
        A::AskSettlement => {
            let ids = book.no_redo.iter().map(|g| g.id.as_str()).chain(["nothing"]);
            ids.map(|ground| Command::AskSettlement { ground: ground.into(), proof: text(), opinion: text() }).collect()
        }
        A::ReviewSettlement => {
            [true, false].map(|approve| Command::ReviewSettlement { approve, note: text() }).to_vec()
        }
        A::EndTracking => [true, false].map(|solved| Command::EndTracking { solved, note: text() }).to_vec(),
        A::Archive => vec![Command::Archive {}],
        A::Hold => vec![Command::Hold { reason: text() }],
        A::LiftHold => vec![Command::LiftHold { reason: text() }],
        A::TimePassed => vec![Command::TimePassed],
        A::Recount => vec![Command::Recount],
        action => watching(action, ticket, ctx),
    }
}

fn verifications(ctx: &Ctx<'_>) -> Vec<Command> {
    let book = ctx.rulebook;
    let verify = |finding, ground: Option<&str>, exempt: Option<&str>| Command::VerifyRating {
        appeal: None,
        finding,
        ground: ground.map(str::to_owned),
        exempt: exempt.map(str::to_owned),
        reason: text(),
    };
    let redo = book.redo_ground.iter().map(|g| verify(Finding::UnitFault, Some(&g.id), None));
    let none = book.no_redo.iter().map(|g| verify(Finding::NoFault, Some(&g.id), None));
    let exempt = book.exempt.iter().map(|e| verify(Finding::Exempt, None, Some(&e.id)));
    let bare = [Finding::UnitFault, Finding::NoFault, Finding::Exempt].map(|f| verify(f, None, None));
    redo.chain(none).chain(exempt).chain(bare).collect()
}

fn watching(action: Action, ticket: &Ticket, ctx: &Ctx<'_>) -> Vec<Command> {
    use Action as A;
    let book = ctx.rulebook;
    let entries = 1..=ticket.supervision.len().max(1) as u32;
    match action {
        A::ProposeSupervision => {
            let ids = book.supervise.iter().map(|r| r.id.as_str()).chain(["nothing"]);
            ids.map(|ground| Command::ProposeSupervision { ground: ground.into(), note: text() }).collect()
        }
        A::OpenSupervision => entries.map(|no| Command::OpenSupervision { no, fault: text() }).collect(),
        A::DismissSupervision => entries.map(|no| Command::DismissSupervision { no, reason: text() }).collect(),
        A::TakeMeasure => entries
            .flat_map(|no| {
                let ids = book.measure.iter().map(|m| m.id.as_str()).chain(["nothing"]);
                ids.map(move |measure| Command::TakeMeasure {
                    no,
                    measure: measure.into(),
                    notice: text(),
                    rectify_within: jiesu_domain::Amount::working_days(3),
                })
            })
            .collect(),
        A::ReportRectification => entries.map(|no| Command::ReportRectification { no, text: text() }).collect(),
        A::EndSupervision => entries.map(|no| Command::EndSupervision { no, result: text() }).collect(),
        A::Urge => {
            let units = ["chengguan", "gongan", "shuiwu", "jiedao", "zhengfu", "juweihui"].map(|u| Some(u.to_owned()));
            units.into_iter().chain([None]).map(|unit| Command::Urge { unit, note: text() }).collect()
        }
        A::AnswerUrging => {
            (1..=ticket.urgings.len().max(1) as u32).map(|no| Command::AnswerUrging { no, text: text() }).collect()
        }
        A::RecordInstruction => vec![Command::RecordInstruction { from: "市领导".into(), text: text() }],
        A::MarkMedia => vec![Command::MarkMedia { outlet: "市电视台".into(), note: text() }],
        A::RecordConduct => {
            let ids = book.conduct.iter().map(|c| c.id.as_str()).chain(["nothing"]);
            ids.map(|id| Command::RecordConduct { conduct: id.into(), unit: None, evidence: text() }).collect()
        }
        A::ConfirmConduct => {
            (1..=ticket.conducts.len().max(1) as u32).map(|no| Command::ConfirmConduct { no, note: text() }).collect()
        }
        A::DismissConduct => {
            (1..=ticket.conducts.len().max(1) as u32).map(|no| Command::DismissConduct { no, reason: text() }).collect()
        }
        action => exclusions(action, ticket, ctx),
    }
}

fn exclusions(action: Action, ticket: &Ticket, ctx: &Ctx<'_>) -> Vec<Command> {
    let numbers = 1..=ticket.exclusions.len().max(1) as u32;
    let both = |no| [(no, true), (no, false)];
    match action {
        Action::AskExclusion => {
            let ids = ctx.rulebook.exempt.iter().map(|e| e.id.as_str()).chain(["nothing"]);
            ids.map(|id| Command::AskExclusion { ground: id.into(), reason: text(), evidence: text() }).collect()
        }
        Action::ReviewExclusion => {
            numbers.flat_map(both).map(|(no, approve)| Command::ReviewExclusion { no, approve, note: text() }).collect()
        }
        Action::AppealExclusion => numbers.map(|no| Command::AppealExclusion { no, reason: text() }).collect(),
        Action::DecideExclusion => {
            numbers.flat_map(both).map(|(no, approve)| Command::DecideExclusion { no, approve, note: text() }).collect()
        }
        action => panic!("no input for {action}"),
    }
}

/// Whether what is missing for an action lies in the world and not in the input: open in principle, good for nobody just now.
pub fn may_be_vain(action: Action, ticket: &Ticket, ctx: &Ctx<'_>) -> bool {
    match action {
        // Only grounds whose facts are there can be used.
        Action::AskExclusion | Action::RecordMalicious | Action::ReferMalicious => true,
        // The person who reviewed cannot decide.
        Action::DecideExclusion => true,
        // Every unit of the sample town is in already.
        Action::Whistle => ticket.units().len() >= 5,
        // The assists are neither done nor late, or one of them lacks an explanation that no input here gives.
        Action::Consult | Action::Urge => ctx.actor.unit.is_some(),
        // A clerk has to have spoken first.
        Action::ReviewClosure => false,
        Action::ReportRectification => {
            !ticket.supervision.iter().any(|e| matches!(e.state, LedgerState::Measured { rectification: None, .. }))
        }
        Action::Raise => ticket.open_clock(ClockKind::Handle, None).is_none(),
        _ => false,
    }
}
