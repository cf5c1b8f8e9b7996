//! What a rulebook must hold beyond its format: every rule has a source, no question two answers, every name it uses exists.

use std::collections::BTreeSet;

use super::{Cited, ExtensionBy, ExtensionRule, LimitRule, MessageOn, MessageRule, Rulebook, Start, Subject, Trigger};
use crate::{Kind, access, clock::ClockKind, limit::Measure, ticket::Action};

/// A fault and where it stands.
pub(super) struct Fault {
    pub path: Vec<String>,
    pub message: String,
}

/// Placeholders that have a value on an occasion; any other would leave a gap in what the appellant reads.
fn placeholders_on(on: MessageOn) -> &'static [&'static str] {
    match on {
        MessageOn::Registered => &["place", "number", "code"],
        MessageOn::Refused => &["place", "number", "code", "advice"],
        MessageOn::Answered => &["place", "number", "code", "answer"],
        MessageOn::Transferred | MessageOn::Joined => &["place", "number", "code", "to"],
        MessageOn::TransferEnded => &["place", "number", "code", "result"],
        MessageOn::Withdrawn => &["place", "number", "code"],
        MessageOn::Dispatched | MessageOn::Redo => &["place", "number", "code", "unit", "due"],
        MessageOn::ExtensionGranted => &["place", "number", "code", "unit", "due", "days", "reason"],
        MessageOn::ReplyAudited => &["place", "number", "code", "unit", "reply"],
        MessageOn::Closed | MessageOn::AskAgain => &["place", "number", "code", "unit"],
        MessageOn::Tracked => &["place", "number", "code", "unit", "result"],
    }
}

/// Seconds since midnight of `17:30`; `24:00` is a whole day. A day cannot end when it begins.
pub(super) fn second_of_day(time: &str) -> Option<i64> {
    let number =
        |s: &str| (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse::<i64>().ok()).flatten();
    let (h, m) = time.split_once(':')?;
    let (h, m) = (number(h)?, number(m)?);
    (m < 60 && (1..=24 * 60).contains(&(h * 60 + m))).then_some(h * 3600 + m * 60)
}

pub(super) fn faults(book: &Rulebook) -> Vec<Fault> {
    let mut out = Faults { book, list: Vec::new() };
    out.head();
    out.sources();
    out.limits();
    out.answers();
    out.extensions();
    out.intake();
    out.outcome();
    out.messages();
    out.readings();
    out.list
}

struct Faults<'a> {
    book: &'a Rulebook,
    list: Vec<Fault>,
}

impl Faults<'_> {
    fn add(&mut self, path: &[&str], message: impl Into<String>) {
        self.list.push(Fault { path: path.iter().map(|s| (*s).to_owned()).collect(), message: message.into() });
    }

    fn head(&mut self) {
        let head = &self.book.rulebook;
        if head.id.is_empty() || !head.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') {
            self.add(&["rulebook", "id"], "id 只用小写字母与连字符");
        }
        if head.prefix.len() != 2 || !head.prefix.bytes().all(|b| b.is_ascii_uppercase()) {
            self.add(&["rulebook", "prefix"], "prefix 须为两个大写字母");
        }
        if head.version == 0 {
            self.add(&["rulebook", "version"], "version 从1起");
        }
        let counting = &self.book.counting;
        match counting.end_of_day.as_deref() {
            None | Some("same clock time") => {}
            Some(time) if second_of_day(time).is_some() => {}
            Some(time) => self
                .add(&["counting", "end_of_day"], format!("“{time}”不是时刻；应为“24:00”“17:30”或“same clock time”")),
        }
    }

    /// Every rule names an article, or a reading that exists.
    fn sources(&mut self) {
        let book = self.book;
        let mut check = |path: &[&str], rule: &dyn Cited| {
            if rule.article().trim().is_empty() && rule.readings().is_empty() {
                self.add(path, "规则没有出处：写明 article（条文），文本未规定的写明 assume（理解）");
            }
            for id in rule.readings() {
                if book.reading(id).is_none() {
                    let mut at = path.to_vec();
                    at.push("assume");
                    self.add(&at, format!("assume 中的“{id}”不在本办法的理解（[[assume]]）之中"));
                }
            }
        };
        for (path, rule) in book.rules() {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            check(&path, rule);
        }
        for id in &book.counting.assume {
            if book.reading(id).is_none() {
                self.add(&["counting", "assume"], format!("assume 中的“{id}”不在本办法的理解（[[assume]]）之中"));
            }
        }
    }

    fn limits(&mut self) {
        let mut ids = BTreeSet::new();
        for (i, rule) in self.book.limit.iter().enumerate() {
            let at = i.to_string();
            if !ids.insert(rule.id.as_str()) {
                self.add(&["limit", &at, "id"], format!("时限规则的 id “{}”重复", rule.id));
            }
            if rule.is.is_some() != rule.by_kind.is_empty() {
                self.add(&["limit", &at], "时限规则须写明 is 或 by_kind，且只写其一");
            }
            if let Some(from) = wrong_start(rule) {
                self.add(&["limit", &at, "from"], from);
            }
            for over in &rule.over {
                match self.book.limit.iter().find(|r| &r.id == over && r.id != rule.id) {
                    None => self.add(&["limit", &at, "over"], format!("over 所指的规则“{over}”不存在")),
                    Some(other) if other.clock != rule.clock => {
                        self.add(&["limit", &at, "over"], format!("over 所指的规则“{over}”不是“{}”时限", rule.clock));
                    }
                    Some(_) => {}
                }
            }
        }
    }

    /// Each question has one answer: two rules need an `over`, and no case may be left without any. Every case that the conditions can
    /// tell apart is tried.
    fn answers(&mut self) {
        let book = self.book;
        let mut told = BTreeSet::new();
        for subject in subjects(book) {
            for clock in ClockKind::ALL {
                let applies: Vec<&LimitRule> =
                    book.limit.iter().filter(|r| r.clock == *clock && r.amount(&subject).is_some()).collect();
                let left: Vec<&&LimitRule> =
                    applies.iter().filter(|r| !applies.iter().any(|o| o.over.contains(&r.id))).collect();
                match left.as_slice() {
                    [] if asked(book, *clock, &subject) && told.insert((clock.code().to_owned(), String::new())) => {
                        self.unanswered(*clock, &subject, &applies);
                    }
                    [first, second, ..] if told.insert((first.id.clone(), second.id.clone())) => {
                        let at = book.limit.iter().position(|r| r.id == second.id).unwrap_or(0).to_string();
                        let (a, b) = (&first.id, &second.id);
                        let fault = format!("规则“{a}”与“{b}”回答同一问题（{clock}时限），须用 over 写明以何者为准");
                        self.add(&["limit", &at], fault);
                    }
                    _ => {}
                }
            }
        }
    }

    fn unanswered(&mut self, clock: ClockKind, subject: &Subject, applies: &[&LimitRule]) {
        let kind = subject.kind.map_or("", Kind::zh);
        let urgent = if subject.urgent { "突发事件" } else { "" };
        let why = match applies {
            [] => String::new(),
            rules => {
                let ids: Vec<&str> = rules.iter().map(|r| r.id.as_str()).collect();
                format!("（{}互以 over 取代）", ids.join("、"))
            }
        };
        self.add(&["limit"], format!("没有规则回答：{kind}类{urgent}工单的“{clock}”时限{why}"));
    }

    fn intake(&mut self) {
        let book = self.book;
        if book.accept.kinds.is_empty() {
            self.add(&["accept", "kinds"], "受理类别不能为空");
        }
        if book.accept.kinds.iter().any(|k| !k.dispatchable()) {
            self.add(&["accept", "kinds"], "感谢、撤诉、骚扰、无效只作记录，不能列为受理类别");
        }
        if let Some(kind) = book.emergency.kinds.iter().find(|k| !book.accept.kinds.contains(k)) {
            self.add(&["emergency", "kinds"], format!("“{kind}”不在受理类别之中"));
        }
        for (i, class) in book.refusal.iter().enumerate() {
            if book.refusal[..i].iter().any(|c| c.id == class.id) {
                self.add(&["refusal", &i.to_string(), "id"], format!("不予受理情形的 id “{}”重复", class.id));
            }
        }
        let levels = &book.referral.levels;
        for (i, role) in levels.iter().enumerate() {
            if levels[..i].contains(role) {
                self.add(&["referral", "levels"], format!("“{role}”列了两次"));
            }
            // Whoever is asked must be able to answer, or the ticket would be stuck there.
            if !access::may(*role, Action::Accept) {
                self.add(&["referral", "levels"], format!("“{role}”没有认定受理的权限，不能作为汇报的一级"));
            }
        }
    }

    /// Within a list each id stands once.
    fn ids<T>(&mut self, list: &str, rules: &[T], id: fn(&T) -> &str, what: &str) {
        let mut seen = BTreeSet::new();
        for (i, rule) in rules.iter().enumerate() {
            if id(rule).trim().is_empty() {
                self.add(&[list, &i.to_string(), "id"], format!("{what}的 id 为空"));
            } else if !seen.insert(id(rule)) {
                self.add(&[list, &i.to_string(), "id"], format!("{what}的 id “{}”重复", id(rule)));
            }
        }
    }

    fn outcome(&mut self) {
        let book = self.book;
        self.ids("malicious", &book.malicious, |r| &r.id, "恶意来电情形");
        self.ids("copy", &book.copy, |r| &r.id, "抄送规则");
        self.ids("extension", &book.extension, |r| &r.id, "延期规则");
        self.ids("closure_ground", &book.closure_ground, |r| &r.id, "办结理由");
        self.ids("redo_ground", &book.redo_ground, |r| &r.id, "重办情形");
        self.ids("no_redo", &book.no_redo, |r| &r.id, "不再重办的情形");
        self.ids("exempt", &book.exempt, |r| &r.id, "不纳入考核的情形");
        self.ids("supervise", &book.supervise, |r| &r.id, "督办事由");
        self.ids("measure", &book.measure, |r| &r.id, "督办方式");
        self.ids("conduct", &book.conduct, |r| &r.id, "问责情形");
        let counted = |found_by: Option<Trigger>, times: Option<u32>| match (found_by, times) {
            (Some(t), None | Some(0)) if t.counts() => Some(format!("“{t}”须写明 times（次数，从1起）")),
            (Some(t), Some(_)) if !t.counts() => Some(format!("“{t}”不计次数，请删去 times")),
            (None, Some(_)) => Some("次数“times”须与触发条件“found_by”同写".to_owned()),
            _ => None,
        };
        for (i, rule) in book.supervise.iter().enumerate() {
            if let Some(fault) = counted(rule.found_by, rule.times) {
                self.add(&["supervise", &i.to_string(), "times"], fault);
            }
        }
        for (i, rule) in book.conduct.iter().enumerate() {
            if let Some(fault) = counted(rule.found_by, rule.times) {
                self.add(&["conduct", &i.to_string(), "times"], fault);
            }
        }
        for (i, rule) in book.exempt.iter().enumerate() {
            let ground = rule.closed_as.as_ref();
            if let Some(ground) = ground.filter(|g| !book.closure_ground.iter().any(|c| &c.id == *g)) {
                self.add(&["exempt", &i.to_string(), "closed_as"], format!("办结理由中没有“{ground}”"));
            }
            if rule.on_application && book.exclusion.is_none() {
                self.add(&["exempt", &i.to_string(), "on_application"], "没有 [exclusion]（申请程序），不能限于申请");
            }
        }
        if book.closure_ground.is_empty() {
            self.add(&["closure"], "办结理由（[[closure_ground]]）不能为空");
        }
        if book.settled.as_ref().is_some_and(|s| s.by_proof) && !book.no_redo.iter().any(|g| g.settles) {
            self.add(&["settled", "by_proof"], "没有可以定案的情形（[[no_redo]] settles = true）");
        }
        if book.follow_up.attempts == 0 {
            self.add(&["follow_up", "attempts"], "回访次数至少1次");
        }
        if book.redo.ledger_from == 0 {
            self.add(&["redo", "ledger_from"], "ledger_from 从1起");
        }
        self.lists();
    }

    /// Lists that a person chooses from, or that a rule cannot do without.
    fn lists(&mut self) {
        let book = self.book;
        let lists: [(&str, &str, Option<&Vec<String>>); 4] = [
            ("consultation", "levels", book.consultation.as_ref().map(|c| &c.levels)),
            ("transfer", "to", book.transfer.as_ref().map(|c| &c.to)),
            ("risk", "to", book.risk.as_ref().map(|c| &c.to)),
            ("report_up", "to", book.report_up.as_ref().map(|c| &c.to)),
        ];
        for (section, key, list) in lists {
            if list.is_some_and(|l| l.is_empty() || l.iter().any(|s| s.trim().is_empty())) {
                self.add(&[section, key], "至少写明一项，不能为空");
            }
        }
        if book.approval.as_ref().is_some_and(|a| a.when.is_empty()) {
            self.add(&["approval", "when"], "写明哪些工单须经审定");
        }
        if book.consultation.as_ref().is_some_and(|c| !c.before_dispatch && !c.on_return) {
            self.add(&["consultation"], "before_dispatch 与 on_return 至少一项为 true");
        }
        self.knowledge();
        if let Some(longer) = &book.longer {
            self.longer(longer.kinds.as_slice(), longer.is);
        }
        if book.contact.as_ref().is_some_and(|c| c.calls == 0) {
            self.add(&["contact", "calls"], "calls 从1起");
        }
    }

    fn knowledge(&mut self) {
        let book = self.book;
        let Some(rule) = &book.knowledge else { return };
        match (rule.announced_at_least, rule.announced_at_most) {
            (None, None) => {}
            (Some(least), Some(most))
                if [least, most].iter().all(|a| a.measure == Measure::WorkingDays) && least.n <= most.n => {}
            _ => self.add(
                &["knowledge", "announced_at_least"],
                "announced_at_least 与 announced_at_most 须同写，以工作日计，前者不大于后者",
            ),
        }
        for (key, id) in [("not_updated", &rule.not_updated), ("wrong", &rule.wrong)] {
            if let Some(id) = id.as_ref().filter(|id| !book.conduct.iter().any(|c| c.id == **id)) {
                self.add(&["knowledge", key], format!("问责情形（[[conduct]]）中没有“{id}”"));
            }
        }
    }

    /// A declared limit is longer than the one it takes the place of, and of the same sort.
    fn longer(&mut self, kinds: &[Kind], is: crate::Amount) {
        for kind in kinds {
            let subject = Subject { kind: Some(*kind), contacts: 1, ..Subject::default() };
            let plain = self.book.limit(ClockKind::Handle, &subject).map(|(_, amount)| amount);
            if let Some(amount) = plain.filter(|a| a.measure != is.measure || a.n >= is.n) {
                self.add(
                    &["longer", "is"],
                    format!("{kind}类的办理时限为{amount}，声明延长后应更长，且以同一方式计算"),
                );
            }
        }
    }

    /// One extension rule for each ticket: two need an `over`.
    fn extensions(&mut self) {
        let book = self.book;
        let mut told = BTreeSet::new();
        for subject in subjects(book) {
            let applies: Vec<&ExtensionRule> = book.extension.iter().filter(|r| r.when.holds(&subject)).collect();
            let left: Vec<&&ExtensionRule> =
                applies.iter().filter(|r| !applies.iter().any(|o| o.over.contains(&r.id))).collect();
            if let [first, second, ..] = left.as_slice()
                && told.insert((first.id.clone(), second.id.clone()))
            {
                let at = book.extension.iter().position(|r| r.id == second.id).unwrap_or(0).to_string();
                let fault = format!("延期规则“{}”与“{}”适用于同一工单，须用 over 写明以何者为准", first.id, second.id);
                self.add(&["extension", &at], fault);
            }
        }
    }

    fn messages(&mut self) {
        let book = self.book;
        for (i, message) in book.message.iter().enumerate() {
            let at = i.to_string();
            if book.message[..i].iter().any(|m| m.id == message.id) {
                self.add(&["message", &at, "id"], format!("短信的 id “{}”重复", message.id));
            }
            self.placeholders(message, &at);
        }
    }

    fn placeholders(&mut self, message: &MessageRule, at: &str) {
        let path = ["message", at, "text"];
        let known = placeholders_on(message.on);
        let mut rest = message.text.as_str();
        while let Some(brace) = rest.find(['{', '}']) {
            let Some((name, after)) = rest[brace..].strip_prefix('{').and_then(|r| r.split_once('}')) else {
                return self.add(&path, "短信文本中的花括号不成对");
            };
            if name.contains('{') {
                return self.add(&path, "短信文本中的花括号不成对");
            }
            if !known.contains(&name) {
                let known = known.join("、");
                self.add(&path, format!("“{{{name}}}”在“{}”短信中不能使用；可用：{known}", message.on));
            }
            if name == "days" && ["个", "日", "天", "工作日"].iter().any(|sort| after.starts_with(sort)) {
                self.add(&path, "“{days}”已写明是几个工作日还是几日，其后不要再写“个工作日”或“日”");
            }
            rest = after;
        }
    }

    fn readings(&mut self) {
        let book = self.book;
        for (i, a) in book.assume.iter().enumerate() {
            if book.assume[..i].iter().any(|b| b.id == a.id) {
                self.add(&["assume", &i.to_string(), "id"], format!("理解的 id “{}”重复", a.id));
            }
        }
    }
}

/// Whether a ticket of this sort can come to this question here.
fn asked(book: &Rulebook, clock: ClockKind, subject: &Subject) -> bool {
    let known = match clock {
        ClockKind::Rectify => false,
        clock if clock.of_knowledge() => false,
        ClockKind::Consultation => book.consultation.is_some(),
        ClockKind::Approval => book.approval.is_some(),
        ClockKind::Transfer => book.transfer.is_some(),
        ClockKind::ReportIn => book.whistle.is_some(),
        ClockKind::Supplement => book.supplement.is_some(),
        ClockKind::Opinion => book.report_up.is_some(),
        ClockKind::Relay => book.confidential.clerk_replies,
        ClockKind::Track => book.closure_ground.iter().any(|g| g.tracked),
        ClockKind::Settle => book.settled.as_ref().is_some_and(|s| s.by_proof),
        ClockKind::Urging => book.urging.is_some(),
        ClockKind::Exclusion => book.exclusion.is_some(),
        ClockKind::ExtensionReview => book.extension_for(subject).is_some_and(|r| r.by == ExtensionBy::Review),
        _ => true,
    };
    known
        && subject
            .kind
            .is_some_and(|k| book.accept.kinds.contains(&k) && (!subject.urgent || book.emergency.kinds.contains(&k)))
}

/// A clock whose rule starts where this clock cannot start.
fn wrong_start(rule: &LimitRule) -> Option<String> {
    let may: &[Start] = match rule.clock {
        ClockKind::Referral => &[Start::Referral],
        ClockKind::Dispatch => &[Start::Registration],
        ClockKind::Sign | ClockKind::Handle | ClockKind::Assist => &[Start::Dispatch],
        ClockKind::Return => &[Start::Sign, Start::Dispatch],
        ClockKind::ReturnReview
        | ClockKind::ExtensionReview
        | ClockKind::ClosureReview
        | ClockKind::Consultation
        | ClockKind::Approval
        | ClockKind::Transfer
        | ClockKind::ReportIn
        | ClockKind::Supplement
        | ClockKind::Opinion
        | ClockKind::Settle
        | ClockKind::Urging
        | ClockKind::Exclusion => &[Start::Request],
        ClockKind::Relay => &[Start::Reply],
        ClockKind::FollowUp | ClockKind::Track => &[Start::Closure],
        ClockKind::Verify => &[Start::Rating],
        ClockKind::Archive => &[Start::Conclusion],
        ClockKind::Question | ClockKind::Correction => &[Start::Request],
        ClockKind::Knowledge => &[Start::Request, Start::Reply],
        ClockKind::PolicyText => &[Start::Publication],
        ClockKind::Rectify => &[],
    };
    if rule.clock == ClockKind::Archive && rule.is.is_some_and(|a| a.measure == Measure::Minutes) {
        return Some("归档时限不以分钟计".into());
    }
    (!may.contains(&rule.from)).then(|| format!("“{}”时限不能从这里起算", rule.clock))
}

/// Every subject that the conditions of this rulebook can tell apart.
fn subjects(book: &Rulebook) -> Vec<Subject> {
    let mut counts: BTreeSet<u32> = BTreeSet::from([1]);
    let whens = book.limit.iter().map(|r| &r.when).chain(book.extension.iter().map(|r| &r.when));
    for n in whens.filter_map(|when| when.contacts_at_least) {
        counts.extend([n.saturating_sub(1).max(1), n, n.saturating_add(1)]);
    }
    let mut all = Vec::new();
    for kind in Kind::ALL {
        for contacts in &counts {
            for bits in 0..8u8 {
                let (urgent, difficult, redo) = (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0);
                all.push(Subject { kind: Some(*kind), urgent, difficult, contacts: *contacts, redo });
            }
        }
    }
    all
}
