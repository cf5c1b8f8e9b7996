//! Worked examples, counted by the same code that sets a ticket's limits: two starts on the eve of a long holiday.

use jiesu_domain::{
    Amount, Calendar, Instant, Kind, Rulebook,
    calendar::{CalendarError, Day},
    clock::{Clock, ClockKind, ClockStatus},
    describe,
    limit::{self, Counting, EndOfDay, Measure},
    rulebook::{
        ExtensionDays, LimitRule, Subject, labels,
        parameters::{by_kind, kinds_words},
    },
};
use toml::Table;

use crate::app::ticket_number;

/// Thursday 30 April 2026, 09:00: the Labour Day holiday begins the next day.
const BEFORE_LABOUR_DAY: Instant = Instant::constant(1_777_510_800, 0);
/// Wednesday 30 September 2026, 09:00: the National Day holiday begins the next day.
const BEFORE_NATIONAL_DAY: Instant = Instant::constant(1_790_730_000, 0);

pub(super) const STARTS: [Instant; 2] = [BEFORE_LABOUR_DAY, BEFORE_NATIONAL_DAY];

/// What an example is worked out with.
pub(super) struct Desk<'a> {
    pub book: &'a Rulebook,
    pub cal: &'a Calendar,
}

/// The amounts of a limit, each with the kinds it is for; no kinds: for all.
pub(super) fn amounts(rule: &LimitRule) -> Vec<(String, Amount)> {
    if let Some(amount) = rule.is {
        return vec![(String::new(), amount)];
    }
    let table: Table =
        rule.by_kind.iter().filter_map(|(k, a)| Some((k.code().to_owned(), toml::Value::try_from(a).ok()?))).collect();
    by_kind(&table).into_iter().flatten().map(|(amount, kinds)| (kinds_words(&kinds), amount)).collect()
}

impl Desk<'_> {
    /// A limit of this rule as it would stand on a ticket.
    pub fn clock(&self, rule: &LimitRule, amount: Amount, from: Instant) -> Result<Clock, CalendarError> {
        let due = limit::due(self.cal, self.book.counting(), from, amount, &[])?;
        Ok(Clock {
            id: 1,
            kind: rule.clock,
            unit: None,
            from,
            amount,
            due: due.at,
            provisional: due.provisional,
            calendar: self.cal.version().to_owned(),
            basis: self.book.limit_basis(rule, amount),
            status: ClockStatus::Running,
            expired: false,
            extensions: Vec::new(),
            pauses: Vec::new(),
        })
    }

    /// Examples of a rule; empty where none would say more than its parameters.
    pub fn of(&self, section: &str, rule: &Table) -> Result<Vec<String>, CalendarError> {
        let number = |key: &str| rule.get(key).and_then(toml::Value::as_integer);
        Ok(match section {
            "limit" => match rule
                .get("id")
                .and_then(toml::Value::as_str)
                .and_then(|id| self.book.limit.iter().find(|l| l.id == id))
            {
                Some(found) => self.limit(found)?,
                None => Vec::new(),
            },
            "counting" => self.counting()?,
            "extension" => self.extension(rule)?,
            "longer" => self.longer(rule)?,
            "return" => self.window(rule)?,
            "follow_up" => number("attempts")
                .map(|n| format!("连续{n}次无人接听的，第{n}次后结束回访，按未评价处理"))
                .into_iter()
                .collect(),
            "contact" => number("calls")
                .filter(|n| *n > 0)
                .map(|n| format!("第{n}次无人接听后，可以书面答复"))
                .into_iter()
                .collect(),
            "redo" => number("ledger_from")
                .map(|n| from_the_nth(n, "不满意", "只发回重办", "重办并列入督办台账"))
                .into_iter()
                .collect(),
            "supervise" | "conduct" => {
                number("times").map(|n| from_the_nth(n, "", "不列入", "列入")).into_iter().collect()
            }
            "archive" => number("recordings_years").map(kept).into_iter().collect(),
            "message" => self.message(rule).into_iter().collect(),
            _ => Vec::new(),
        })
    }

    fn limit(&self, rule: &LimitRule) -> Result<Vec<String>, CalendarError> {
        let mut lines = Vec::new();
        for (kinds, amount) in amounts(rule) {
            let kinds = if kinds.is_empty() { kinds } else { format!("{kinds}：") };
            for from in STARTS {
                lines.push(format!(
                    "{kinds}{}",
                    describe::sentence(self.cal, self.book, &self.clock(rule, amount, from)?)?
                ));
            }
        }
        if let Some(n) = rule.when.contacts_at_least.filter(|n| *n > 1) {
            lines.push(format!("同一事项第{}次反映不适用，第{n}次起适用", n - 1));
        }
        Ok(lines)
    }

    fn counting(&self) -> Result<Vec<String>, CalendarError> {
        let counting = self.book.counting();
        let line = |from| {
            let due = |n| {
                limit::due(self.cal, counting, from, Amount::working_days(n), &[]).map(|d| describe::due_words(d.at))
            };
            Ok(format!("{}起算：1个工作日至{}，2个工作日至{}", describe::instant_words(from), due(1)?, due(2)?))
        };
        STARTS.into_iter().map(line).collect()
    }

    /// The handling limit of a ticket that a rule's conditions fit, from the first start.
    fn handling(&self, kinds: &[Kind], urgent: bool) -> Option<(Kind, Amount)> {
        let kind =
            kinds.iter().chain(&self.book.accept.kinds).find(|k| !urgent || self.book.emergency.kinds.contains(k))?;
        let subject = Subject { kind: Some(*kind), urgent, contacts: 1, ..Subject::default() };
        self.book.limit(ClockKind::Handle, &subject).map(|(_, amount)| (*kind, amount))
    }

    fn extension(&self, rule: &Table) -> Result<Vec<String>, CalendarError> {
        if rule.get("times").and_then(toml::Value::as_integer) == Some(0) {
            return Ok(vec!["不予延期".to_owned()]);
        }
        let when = rule.get("when").and_then(toml::Value::as_table);
        let urgent = when.and_then(|w| w.get("urgent")).and_then(toml::Value::as_bool).unwrap_or(false);
        let kinds = when.map(kinds_of).unwrap_or_default();
        let Some((kind, amount)) = self.handling(&kinds, urgent) else { return Ok(Vec::new()) };
        let days = match rule.get("at_most").and_then(toml::Value::as_integer) {
            Some(days) => u32::try_from(days).unwrap_or(1),
            None if amount.measure == Measure::WorkingDays => amount.n,
            None => 1,
        };
        let calendar_days = rule.get("days").and_then(toml::Value::as_str) == Some("calendar");
        let more = Amount {
            n: days.max(1),
            measure: if calendar_days { Measure::CalendarDays } else { Measure::WorkingDays },
        };
        let counting = self.book.counting();
        let line = |from| {
            let due = limit::due(self.cal, counting, from, amount, &[])?.at;
            let later = limit::due(
                self.cal,
                Counting { start_day_counts: false, ..counting },
                within(counting, due),
                more,
                &[],
            )?
            .at;
            let (due, later, day) =
                (describe::due_words(due), describe::due_words(later), describe::date_words(Day::of(from)));
            Ok(format!("{kind}类{day}派发，原到期{due}；延期{more}，至{later}"))
        };
        STARTS.into_iter().map(line).collect()
    }

    fn longer(&self, rule: &Table) -> Result<Vec<String>, CalendarError> {
        let longer: Option<Amount> = rule.get("is").and_then(toml::Value::as_str).and_then(|s| s.parse().ok());
        let (Some(longer), Some((kind, amount))) = (longer, self.handling(&kinds_of(rule), false)) else {
            return Ok(Vec::new());
        };
        let line = |from| {
            let due = |a| limit::due(self.cal, self.book.counting(), from, a, &[]).map(|d| describe::due_words(d.at));
            let day = describe::date_words(Day::of(from));
            Ok(format!("{kind}类{day}派发，原到期{}；延长后至{}", due(amount)?, due(longer)?))
        };
        STARTS.into_iter().map(line).collect()
    }

    /// What holds on both sides of the end of the window in which a return may be asked.
    fn window(&self, rule: &Table) -> Result<Vec<String>, CalendarError> {
        let kind = self.book.accept.kinds.first().copied();
        let subject = Subject { kind, contacts: 1, ..Subject::default() };
        let Some((window, amount)) = self.book.limit(ClockKind::Return, &subject) else { return Ok(Vec::new()) };
        let late = rule
            .get("late")
            .and_then(toml::Value::as_str)
            .and_then(|late| labels::code("late", late))
            .unwrap_or_default();
        let line = |from| {
            let due = describe::due_words(self.clock(window, amount, from)?.due);
            Ok(format!("{}开始计算的，{due}以前可以申请；{due}起申请的，{late}", describe::instant_words(from)))
        };
        STARTS.into_iter().map(line).collect()
    }

    /// The text as an appellant would read it.
    fn message(&self, rule: &Table) -> Option<String> {
        let text = rule.get("text").and_then(toml::Value::as_str)?;
        let head = &self.book.rulebook;
        let number = ticket_number(&head.prefix, "20260430", 1);
        let due = self.handling(&[], false).and_then(|(_, amount)| {
            let due = limit::due(self.cal, self.book.counting(), BEFORE_LABOUR_DAY, amount, &[]).ok()?;
            Some(describe::due_words(due.at))
        });
        let counted = self.book.extension.iter().find(|rule| rule.times > 0).map(|rule| rule.days);
        let days = if counted == Some(ExtensionDays::Calendar) { "2日" } else { "2个工作日" };
        let samples = [
            ("{place}", head.place.as_str()),
            ("{number}", number.as_str()),
            ("{code}", "K7M2Q9"),
            ("{unit}", "某局"),
            ("{due}", due.as_deref().unwrap_or("5月7日24时")),
            ("{days}", days),
            ("{reply}", "已派人到场处理。"),
            ("{advice}", "告知有管辖权的部门"),
            ("{reason}", "等待配件到货"),
            ("{answer}", "可在网上预约办理。"),
            ("{to}", "某市12345"),
            ("{result}", "已办结"),
        ];
        Some(samples.iter().fold(text.to_owned(), |text, (placeholder, sample)| text.replace(placeholder, sample)))
    }
}

/// An instant in the day on which a limit ends, from which more days are counted.
fn within(counting: Counting, due: Instant) -> Instant {
    match counting.end_of_day {
        EndOfDay::SameClockTime => due,
        _ => Instant::from_second(due.as_second() - 1).unwrap_or(due),
    }
}

fn kinds_of(table: &Table) -> Vec<Kind> {
    let kinds = table.get("kinds").and_then(toml::Value::as_array).into_iter().flatten();
    kinds.filter_map(|k| k.as_str()?.parse().ok()).collect()
}

fn from_the_nth(n: i64, what: &str, before: &str, from: &str) -> String {
    if n <= 1 {
        format!("第1次{what}即{from}")
    } else {
        format!("第{}次{what}{before}；第{n}次{what}起{from}", n - 1)
    }
}

fn kept(years: i64) -> String {
    let day = Day::of(BEFORE_LABOUR_DAY).date();
    let until = i64::from(day.year()) + years;
    format!("{}年4月30日的录音，至少保存到{until}年4月30日", day.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_starts_are_the_eves_they_are_said_to_be() {
        assert_eq!(STARTS.map(describe::instant_words), ["2026年4月30日 09:00", "2026年9月30日 09:00"]);
        assert_eq!(STARTS.map(|s| Day::of(s).weekday_zh()), ["周四", "周三"]);
    }

    #[test]
    fn what_counts_is_told_on_both_sides_of_its_number() {
        assert_eq!(from_the_nth(2, "不满意", "只发回重办", "列入"), "第1次不满意只发回重办；第2次不满意起列入");
        assert_eq!(from_the_nth(1, "", "不列入", "列入"), "第1次即列入");
        assert_eq!(kept(3), "2026年4月30日的录音，至少保存到2029年4月30日");
    }
}
