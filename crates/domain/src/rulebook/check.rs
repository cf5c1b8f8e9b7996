//! What a rulebook must hold beyond its format: every rule has a source, no question two answers, every name it uses exists.

use std::collections::BTreeSet;

use super::{Cited, LimitRule, Rulebook, Start, Subject, SuperviseGround};
use crate::{Kind, clock::ClockKind, limit::Measure};

/// A fault and where it stands.
pub(super) struct Fault {
    pub path: Vec<String>,
    pub message: String,
}

/// Placeholders that a message text may use.
const PLACEHOLDERS: &[&str] = &["place", "number", "code", "unit", "due", "reply", "advice", "days"];

/// Seconds since midnight of `17:30`; `24:00` is a whole day.
pub(super) fn second_of_day(time: &str) -> Option<i64> {
    let (h, m) = time.split_once(':')?;
    let (h, m): (i64, i64) = (h.parse().ok()?, m.parse().ok()?);
    ((0..=24).contains(&h) && (0..60).contains(&m) && h * 60 + m <= 24 * 60).then_some(h * 3600 + m * 60)
}

pub(super) fn faults(book: &Rulebook) -> Vec<Fault> {
    let mut out = Faults { book, list: Vec::new() };
    out.head();
    out.sources();
    out.limits();
    out.answers();
    out.rest();
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
        let singles: [(&str, &dyn Cited); 13] = [
            ("accept", &book.accept),
            ("referral", &book.referral),
            ("emergency", &book.emergency),
            ("dispatch", &book.dispatch),
            ("return", &book.returns),
            ("extension", &book.extension),
            ("reply", &book.reply),
            ("confidential", &book.confidential),
            ("closure", &book.closure),
            ("follow_up", &book.follow_up),
            ("redo", &book.redo),
            ("measures", &book.measures),
            ("archive", &book.archive),
        ];
        singles.iter().for_each(|(name, rule)| check(&[name], *rule));
        if let Some(special) = &book.special_law {
            check(&["special_law"], special);
        }
        let indexed = |i: usize| i.to_string();
        book.refusal.iter().enumerate().for_each(|(i, r)| check(&["refusal", &indexed(i)], r));
        book.limit.iter().enumerate().for_each(|(i, r)| check(&["limit", &indexed(i)], r));
        book.exempt.iter().enumerate().for_each(|(i, r)| check(&["exempt", &indexed(i)], r));
        book.supervise.iter().enumerate().for_each(|(i, r)| check(&["supervise", &indexed(i)], r));
        book.message.iter().enumerate().for_each(|(i, r)| check(&["message", &indexed(i)], r));
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
                if over == &rule.id || !self.book.limit.iter().any(|r| &r.id == over) {
                    self.add(&["limit", &at, "over"], format!("over 所指的规则“{over}”不存在"));
                }
            }
        }
        for clock in ClockKind::ALL.iter().filter(|c| !matches!(c, ClockKind::Rectify)) {
            for kind in self.book.accept.kinds.iter().copied() {
                if self.book.limit(*clock, &Subject { kind: Some(kind), contacts: 1, ..Subject::default() }).is_none() {
                    self.add(&["limit"], format!("没有规则回答：{}类的“{clock}”时限", kind.zh()));
                    break;
                }
            }
        }
    }

    /// Two rules that answer one question, unless one says that it goes over the other. Every case the conditions can tell apart is tried.
    fn answers(&mut self) {
        let mut told = BTreeSet::new();
        for subject in subjects(self.book) {
            for clock in ClockKind::ALL {
                let applies: Vec<&LimitRule> =
                    self.book.limit.iter().filter(|r| r.clock == *clock && r.amount(&subject).is_some()).collect();
                let left: Vec<&&LimitRule> =
                    applies.iter().filter(|r| !applies.iter().any(|o| o.over.contains(&r.id))).collect();
                if let [first, second, ..] = left.as_slice()
                    && told.insert((first.id.clone(), second.id.clone()))
                {
                    let i = self.book.limit.iter().position(|r| r.id == second.id).unwrap_or(0).to_string();
                    let (a, b) = (first.id.clone(), second.id.clone());
                    self.add(
                        &["limit", &i],
                        format!("规则“{a}”与“{b}”回答同一问题（{clock}时限），须用 over 写明以何者为准"),
                    );
                }
            }
        }
    }

    fn rest(&mut self) {
        let book = self.book;
        for (i, class) in book.refusal.iter().enumerate() {
            if book.refusal[..i].iter().any(|c| c.id == class.id) {
                self.add(&["refusal", &i.to_string(), "id"], format!("不予受理情形的 id “{}”重复", class.id));
            }
        }
        for (i, rule) in book.supervise.iter().enumerate() {
            let needs = rule.ground == SuperviseGround::Unsatisfied;
            if needs && rule.times.is_none_or(|t| t == 0) {
                self.add(&["supervise", &i.to_string()], "“多次回访不满意”须写明 times（次数）");
            }
        }
        for (i, message) in book.message.iter().enumerate() {
            for name in placeholders(&message.text) {
                if !PLACEHOLDERS.contains(&name) {
                    let known = PLACEHOLDERS.join("、");
                    self.add(
                        &["message", &i.to_string(), "text"],
                        format!("短信文本中的“{{{name}}}”不认识；可用：{known}"),
                    );
                }
            }
        }
        for (i, a) in book.assume.iter().enumerate() {
            if book.assume[..i].iter().any(|b| b.id == a.id) {
                self.add(&["assume", &i.to_string(), "id"], format!("理解的 id “{}”重复", a.id));
            }
        }
        if book.accept.kinds.iter().any(|k| !k.dispatchable()) {
            self.add(&["accept", "kinds"], "感谢、撤诉、骚扰、无效只作记录，不能列为受理类别");
        }
        if book.follow_up.attempts == 0 {
            self.add(&["follow_up", "attempts"], "回访次数至少1次");
        }
    }
}

/// A clock whose rule starts where this clock cannot start.
fn wrong_start(rule: &LimitRule) -> Option<String> {
    let may: &[Start] = match rule.clock {
        ClockKind::Referral => &[Start::Referral],
        ClockKind::Dispatch => &[Start::Registration],
        ClockKind::Sign | ClockKind::Handle | ClockKind::Assist => &[Start::Dispatch],
        ClockKind::Return => &[Start::Sign, Start::Dispatch],
        ClockKind::ReturnReview | ClockKind::ExtensionReview | ClockKind::ClosureReview => &[Start::Request],
        ClockKind::FollowUp => &[Start::Closure],
        ClockKind::Verify => &[Start::Rating],
        ClockKind::Archive => &[Start::Conclusion],
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
    for n in book.limit.iter().filter_map(|r| r.when.contacts_at_least) {
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

/// Names between braces.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}
