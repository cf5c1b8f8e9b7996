//! Every rule of a rulebook as a readable row, in the order of the articles.

use std::collections::BTreeMap;

use jiesu_domain::{
    Amount, Kind, Rulebook,
    rulebook::{AtMost, Cited, ExtensionDays, ExtensionRule, LimitRule, ReturnNeed, When},
};
use serde::Serialize;

/// In the place of an article, where only our reading carries the rule.
const NOT_SAID: &str = "条文未规定";

/// One rule in words.
pub(super) struct Row {
    pub(super) article: String,
    pub(super) rule: String,
    pub(super) parameters: String,
    pub(super) readings: Vec<String>,
}

/// All rules; those without an article at the end.
pub(super) fn rows(book: &Rulebook) -> Vec<Row> {
    let mut list = Rows(vec![Row {
        article: NOT_SAID.into(),
        rule: "工作日的计算".into(),
        parameters: counting(book),
        readings: book.counting.assume.clone(),
    }]);
    list.intake(book);
    book.limit.iter().for_each(|l| list.add(l, format!("{}时限", l.clock), limit(l)));
    list.handling(book);
    list.ending(book);
    for m in &book.message {
        list.add(m, format!("短信：{}时", m.on), m.text.clone());
    }
    list.0.sort_by_key(|r| article_order(&r.article));
    list.0
}

struct Rows(Vec<Row>);

impl Rows {
    fn add(&mut self, cited: &impl Cited, rule: impl Into<String>, parameters: impl Into<String>) {
        let article = match cited.article().trim() {
            "" => NOT_SAID.to_owned(),
            article => article.to_owned(),
        };
        self.0.push(Row {
            article,
            rule: rule.into(),
            parameters: parameters.into(),
            readings: cited.readings().to_vec(),
        });
    }

    fn intake(&mut self, book: &Rulebook) {
        let a = &book.accept;
        self.add(a, "受理范围", format!("{}；类别：{}", a.scope, kinds(&a.kinds)));
        for r in &book.refusal {
            let earlier = if r.names_earlier { "；须写明原工单" } else { "" };
            let settled = if r.settled { "；限于原工单已定案的" } else { "" };
            self.add(r, format!("不予受理：{}", r.id), format!("{}；{}{earlier}{settled}", r.name, r.advice));
        }
        let levels: Vec<&str> = book.referral.levels.iter().map(|r| r.zh()).collect();
        self.add(&book.referral, "逐级汇报", levels.join(" → "));
        let e = &book.emergency;
        let call = if e.call_recorded { "；派发时须记录电话通知" } else { "" };
        let parameters =
            format!("{}；限{}类；可联动 {}{call}", e.matters.join("、"), kinds(&e.kinds), e.lines.join("、"));
        self.add(e, "突发事件工单", parameters);
        if let Some(rule) = &book.withdrawal {
            self.add(rule, "撤回诉求", "诉求人可以撤回");
        }
        for m in &book.malicious {
            let refer = if m.refer { "；可以移交公安机关" } else { "" };
            self.add(m, format!("恶意拨打：{}", m.id), format!("{}{refer}", m.name));
        }
        if let Some(rule) = &book.transfer {
            self.add(rule, "转其他地区", rule.to.join("、"));
        }
        if let Some(rule) = &book.risk {
            self.add(rule, "风险报告", format!("报告{}", rule.to.join("、")));
        }
    }

    fn routing(&mut self, book: &Rulebook) {
        if let Some(rule) = &book.consultation {
            let binding = if rule.binding { "；确定的单位须接收" } else { "" };
            self.add(rule, "会商", format!("{}{binding}", rule.levels.join("、")));
        }
        if let Some(rule) = &book.approval {
            self.add(rule, "领导审定", "拟办意见报领导审定后派单");
        }
        for copy in &book.copy {
            self.add(copy, format!("抄送：{}", copy.name), copy.to.zh());
        }
        if let Some(rule) = &book.whistle {
            self.add(rule, rule.name.clone(), if rule.judged { "召集单位评价响应情况" } else { "召集协同" });
        }
        if let Some(rule) = &book.raise {
            self.add(rule, "提级办理", "超期或督办中的可以提级");
        }
        if let Some(rule) = &book.supplement {
            self.add(rule, "补充核实", zh(&rule.pending));
        }
        if let Some(rule) = &book.report_up {
            self.add(rule, "报请协调", rule.to.join("、"));
        }
        if let Some(rule) = &book.contact {
            self.add(rule, "联系诉求人", format!("无人接听的拨打{}次后可以书面答复", rule.calls));
        }
    }

    fn handling(&mut self, book: &Rulebook) {
        if let Some(special) = &book.special_law {
            self.add(special, "特别规定", "其他法律、法规、规章等另有时限的从其规定");
        }
        let d = &book.dispatch;
        let mut parts = vec![if d.lead_waits { "主办等待协办结果" } else { "主办不等待协办结果" }.to_owned()];
        if !d.never_lead.is_empty() {
            let never: Vec<&str> = d.never_lead.iter().map(|k| k.zh()).collect();
            parts.push(format!("{}不能主办", never.join("、")));
        }
        self.add(d, "派单", parts.join("；"));
        self.add(&book.returns, "退单", returns(book));
        for e in &book.extension {
            self.add(e, format!("延期：{}", e.id), extension(e));
        }
        if let Some(rule) = &book.longer {
            self.add(rule, "延长办理", format!("{}类可以声明延长为{}", kinds(&rule.kinds), rule.is));
        }
        self.routing(book);
        self.add(&book.reply, "答复", "办理结果答复诉求人");
        let contact = if book.confidential.unit_may_contact { "可以" } else { "不可以" };
        self.add(&book.confidential, "保密工单", format!("承办单位{contact}直接联系诉求人"));
        self.add(&book.closure, "办结", "申请并审核");
        for g in &book.closure_ground {
            self.add(g, format!("办结理由：{}", g.id), g.name.clone());
        }
    }

    fn ending(&mut self, book: &Rulebook) {
        self.add(&book.follow_up, "回访", format!("联系不上的，最多{}次", book.follow_up.attempts));
        let from = book.redo.ledger_from;
        self.add(&book.redo, "重办", format!("核实为承办单位责任的发回重办；第{from}次不满意起列入督办台账"));
        for g in &book.redo_ground {
            self.add(g, format!("发回重办：{}", g.id), g.name.clone());
        }
        for g in &book.no_redo {
            self.add(g, format!("不再发回重办：{}", g.id), g.name.clone());
        }
        if let Some(rule) = &book.settled {
            self.add(rule, "定案", "同一事实和理由不再派发，按定案意见答复");
        }
        for e in &book.exempt {
            self.add(e, format!("不纳入考核：{}", e.id), e.name.clone());
        }
        if let Some(rule) = &book.exclusion {
            self.add(rule, "申请不纳入考核", "申请、审核、一次申诉");
        }
        for s in &book.supervise {
            let times = s.times.map_or_else(String::new, |n| format!("；{n}次"));
            let fault = if s.fault_needed { "；须认定承办单位责任" } else { "" };
            self.add(s, format!("督办：{}", s.id), format!("{}{times}{fault}", s.name));
        }
        for m in &book.measure {
            self.add(m, format!("督办方式：{}", m.id), m.name.clone());
        }
        if let Some(rule) = &book.urging {
            self.add(rule, "催办", "催促承办单位办理并答复");
        }
        for c in &book.conduct {
            self.add(c, format!("问责情形：{}", c.id), c.name.clone());
        }
        let a = &book.archive;
        self.add(a, "归档", format!("{}；录音至少保存{}年", a.keeps.join("、"), a.recordings_years));
    }
}

fn counting(book: &Rulebook) -> String {
    let end = match book.counting.end_of_day.as_deref() {
        None => "24:00",
        Some("same clock time") => "起算的同一钟点",
        Some(time) => time,
    };
    format!("起始日{}；期间届满于最后一日{end}", zh(&book.counting.start_day))
}

fn returns(book: &Rulebook) -> String {
    let r = &book.returns;
    let mut parts = Vec::new();
    let names = |needs: &[ReturnNeed], and: &str| needs.iter().map(|n| n.zh()).collect::<Vec<_>>().join(and);
    let (all, one) = (names(&r.needs, "、"), names(&r.needs_one_of, "或"));
    if !all.is_empty() {
        parts.push(format!("须有{all}"));
    }
    if !one.is_empty() {
        parts.push(format!("须有{one}"));
    }
    let (late, pending) = (zh(&r.late), zh(&r.pending));
    parts.extend([late, pending, zh(&r.again)]);
    parts.join("；")
}

fn limit(rule: &LimitRule) -> String {
    let mut s = format!("自{}：{}", zh(&rule.from), amounts(rule));
    s.push_str(&conditions(&rule.when));
    if !rule.over.is_empty() {
        s.push_str(&format!("；先于规则 {}", rule.over.join("、")));
    }
    s
}

/// `（同一事项3次及以上且疑难、复杂）`; empty where it holds always.
fn conditions(w: &When) -> String {
    let flag = |on: Option<bool>, yes: &str, no: &str| on.map(|on| if on { yes.to_owned() } else { no.to_owned() });
    let when: Vec<String> = [
        Some(kinds(&w.kinds)).filter(|k| !k.is_empty()),
        w.contacts_at_least.map(|n| format!("同一事项{n}次及以上")),
        flag(w.difficult, "疑难、复杂", "非疑难、复杂"),
        flag(w.urgent, "突发事件工单", "普通工单"),
        flag(w.redo, "重办", "首次办理"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if when.is_empty() { String::new() } else { format!("（{}）", when.join("且")) }
}

fn extension(rule: &ExtensionRule) -> String {
    let when = conditions(&rule.when);
    if rule.times == 0 {
        return format!("不延期{when}");
    }
    let days = if rule.days == ExtensionDays::Working { "工作日" } else { "自然日" };
    let most = match rule.at_most {
        AtMost::OriginalLimit => zh(&"original-limit"),
        AtMost::Days(n) => format!("每次不超过{n}个{days}"),
    };
    format!("最多{}次；{most}{when}", rule.times)
}

/// `咨询2个工作日，求助、建议、意见5个工作日`.
fn amounts(rule: &LimitRule) -> String {
    if let Some(amount) = rule.is {
        return amount.to_string();
    }
    let mut groups: Vec<(Amount, Vec<Kind>)> = Vec::new();
    let by_kind: &BTreeMap<Kind, Amount> = &rule.by_kind;
    for (kind, amount) in by_kind {
        match groups.iter_mut().find(|(a, _)| a == amount) {
            Some((_, kinds)) => kinds.push(*kind),
            None => groups.push((*amount, vec![*kind])),
        }
    }
    groups.iter().map(|(amount, of)| format!("{}{amount}", kinds(of))).collect::<Vec<_>>().join("，")
}

fn kinds(kinds: &[Kind]) -> String {
    kinds.iter().map(|k| k.zh()).collect::<Vec<_>>().join("、")
}

/// The rulebook's own small codes in Chinese; one not listed yet is shown as it is written in the file.
fn zh(code: &impl Serialize) -> String {
    let code = serde_json::to_value(code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    match code.as_str() {
        "registration" => "登记",
        "referral" => "汇报",
        "dispatch" => "派发",
        "sign" => "签收",
        "request" => "申请",
        "reply" => "答复",
        "closure" => "办结",
        "rating" => "评价",
        "conclusion" => "办理结束",
        "left-out" => "不计入",
        "counted" => "计入",
        "original-limit" => "不超过原办理时限",
        "refused-unless-opened" => "逾期不予受理，热线中心可以开放",
        "accepted" => "逾期视为接受",
        "runs" => "审核期间照常计时",
        "paused" => "审核期间停止计时",
        "free" => "不同意后可以再次申请",
        "opened" => "不同意后原则上不得再次申请，热线中心可以开放",
        "never" => "不同意后不得再次申请",
        _ => return code,
    }
    .to_owned()
}

/// Number of the article, then of the item: `第十三条（三）` is (13, 3); none is last.
fn article_order(article: &str) -> (u32, u32) {
    let number = article.strip_prefix('第').and_then(|s| s.split_once('条')).and_then(|(n, _)| numeral(n));
    let item = article.split_once('（').and_then(|(_, s)| s.split_once('）')).and_then(|(n, _)| numeral(n));
    (number.unwrap_or(u32::MAX), item.unwrap_or(0))
}

/// Chinese numerals up to 999: `一百零五`, `二十七`, `十`.
fn numeral(s: &str) -> Option<u32> {
    let (mut total, mut digit) = (0, None);
    for c in s.chars() {
        match c {
            '百' => total += digit.take().unwrap_or(1) * 100,
            '十' => total += digit.take().unwrap_or(1) * 10,
            '零' => {}
            c => digit = Some("一二三四五六七八九".chars().position(|d| d == c)? as u32 + 1),
        }
    }
    Some(total + digit.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_are_ordered() {
        assert_eq!(article_order("第十三条（三）"), (13, 3));
        assert_eq!(article_order("第十三条（二）、第二十条"), (13, 2));
        assert_eq!(article_order("第二十七条（一）"), (27, 1));
        assert_eq!(article_order("第一百零五条"), (105, 0));
        assert!(article_order(NOT_SAID) > article_order("第九十九条"));
    }
}
