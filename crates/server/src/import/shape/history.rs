//! What the source did with a message: whether it is handled, and what is told of it.

use jiesu_domain::{Instant, calendar::Day, ticket::Imported, words::Satisfaction};

use super::Shape;
use crate::import::{
    clean,
    map::{HandledRule, HistoryRule, SatisfactionRule},
    read::Row,
};

impl Shape {
    /// `None` for a row that is still open.
    pub(super) fn history(&self, row: &Row, received: Instant, now: Instant) -> Result<Option<Imported>, String> {
        let Some(rule) = &self.map.history else { return Ok(None) };
        let reply = rule.reply.as_deref().map(|column| clean::text(&self.cell(row, column).text()));
        let reply = reply.filter(|text| !text.is_empty());
        let handled = rule.handled.as_ref().map_or(Ok(false), |rule| self.handled(row, rule))?;
        if !handled && reply.is_none() {
            return Ok(None);
        }
        let past = |column: &Option<String>, what| column.as_ref().map_or(Ok(None), |c| self.past(row, c, what, now));
        let replied_at = past(&rule.replied_at, "答复时间")?;
        // By the day: some sources give a reply no time of day.
        if replied_at.is_some_and(|at| Day::of(at) < Day::of(received)) {
            return Err("答复时间早于收到时间".into());
        }
        Ok(Some(Imported {
            unit: self.unit(row, rule)?,
            assigned_at: past(&rule.assigned_at, "交办时间")?,
            deadline: rule.deadline.as_ref().map_or(Ok(None), |c| self.time(row, c, "办理期限"))?,
            reply,
            replied_at,
            satisfaction: rule.satisfaction.as_ref().map_or(Ok(None), |rule| self.satisfaction(row, rule))?,
        }))
    }

    fn handled(&self, row: &Row, rule: &HandledRule) -> Result<bool, String> {
        let state = self.line(row, Some(&rule.column));
        if rule.values.contains(&state) {
            return Ok(true);
        }
        if rule.open.is_empty() || rule.open.contains(&state) {
            return Ok(false);
        }
        Err("办理状态的值不在对照表中".into())
    }

    fn unit(&self, row: &Row, rule: &HistoryRule) -> Result<Option<String>, String> {
        let code = self.line(row, rule.unit.as_deref());
        if code.is_empty() {
            return Ok(None);
        }
        match &self.names {
            None => Ok(Some(code)),
            Some(names) => names
                .get(&code)
                .map(|name| Some(clean::line(name)))
                .ok_or_else(|| "单位编号在单位名称文件中没有".into()),
        }
    }

    fn satisfaction(&self, row: &Row, rule: &SatisfactionRule) -> Result<Option<Satisfaction>, String> {
        let code = self.line(row, Some(&rule.column));
        if code.is_empty() || rule.none.contains(&code) {
            return Ok(None);
        }
        rule.values.get(&code).copied().map(Some).ok_or_else(|| "满意度的值不在对照表中".into())
    }
}
