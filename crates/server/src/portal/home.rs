//! The first page, and the page that says what the limits are and on which article or reading each rests.

use std::{collections::BTreeSet, sync::Arc};

use askama::Template;
use axum::{extract::State, response::Response};
use jiesu_domain::{
    Rulebook,
    clock::ClockKind,
    rulebook::{AtMost, Cited, ExtensionBy, ExtensionDays, ExtensionRule, LimitRule, Subject},
};

use super::{
    page::{Errors, Failure, Line, Site, emergency_lines, public_html},
    progress::Query,
};
use crate::app::App;

#[derive(Template)]
#[template(path = "portal/home.html")]
struct HomePage {
    site: Site,
    place: String,
    scope: String,
    scope_article: String,
    matters: String,
    lines: Vec<Line>,
    refused: Vec<String>,
    query: Query,
    errors: Errors,
}

/// `GET /`
pub(super) async fn home(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    let book = app.rulebook();
    public_html(&HomePage {
        site: Site::of(&app, "home"),
        place: book.rulebook.place.clone(),
        scope: book.accept.scope.clone(),
        scope_article: book.accept.article().to_owned(),
        matters: book.emergency.matters.join("、"),
        lines: emergency_lines(book),
        refused: book.refusal.iter().map(|r| r.name.clone()).collect(),
        query: Query::default(),
        errors: Errors::default(),
    })
}

/// A limit, who owes it, and why.
struct Limit {
    what: String,
    amount: String,
    from: &'static str,
    article: String,
}

#[derive(Template)]
#[template(path = "portal/about.html")]
struct AboutPage {
    site: Site,
    answer: Vec<Limit>,
    others: Vec<Limit>,
    /// One for each sort of ticket that the text tells apart.
    extensions: Vec<Extended>,
    /// Question, answer, what it leans on, and whether it fills in a number that the text leaves open.
    readings: Vec<Reading>,
    calendar: Vec<String>,
    /// Empty for a draft: it is not in force, however we use it.
    in_force: String,
}

/// An extension, as a citizen is told of it.
struct Extended {
    words: String,
    article: String,
}

struct Reading {
    question: String,
    answer: String,
    like: String,
    default: bool,
}

/// `GET /about`
pub(super) async fn about(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    let book = app.rulebook();
    let (mut answer, mut others, mut cited) = (Vec::new(), Vec::new(), BTreeSet::new());
    let mut put = |list: &mut Vec<Limit>, what: String, found: Option<(&LimitRule, jiesu_domain::Amount)>| {
        if let Some((rule, amount)) = found {
            cited.extend(rule.assume.iter().cloned());
            list.push(limit(what, rule, amount));
        }
    };
    let kinds = &book.accept.kinds;
    for kind in kinds {
        let subject = Subject { kind: Some(*kind), contacts: 1, ..Subject::default() };
        put(&mut answer, kind.to_string(), book.limit(ClockKind::Handle, &subject));
    }
    let hard = Subject { kind: kinds.first().copied(), contacts: 3, difficult: true, ..Subject::default() };
    put(&mut answer, "同一事项反映3次及以上的疑难、复杂事项".into(), book.limit(ClockKind::Handle, &hard));
    let plain = Subject { kind: kinds.first().copied(), contacts: 1, ..Subject::default() };
    let rows = [
        (ClockKind::Dispatch, "热线中心派给承办单位"),
        (ClockKind::Sign, "承办单位签收"),
        (ClockKind::FollowUp, "热线中心回访您"),
        (ClockKind::Verify, "您不满意的，热线中心核实"),
    ];
    for (kind, what) in rows {
        put(&mut others, what.into(), book.limit(kind, &plain));
    }
    cited.extend(book.counting.assume.iter().cloned());
    for rule in [&book.redo.assume, &book.confidential.assume, &book.follow_up.assume] {
        cited.extend(rule.iter().cloned());
    }
    cited.extend(book.extension.iter().flat_map(|e| e.assume.iter().cloned()));
    cited.extend(book.message.iter().flat_map(|m| m.assume.iter().cloned()));
    public_html(&AboutPage {
        site: Site::of(&app, "about"),
        answer,
        others,
        extensions: extensions(book),
        readings: readings(book, &cited),
        calendar: calendar(&app),
        in_force: in_force(book),
    })
}

fn limit(what: String, rule: &LimitRule, amount: jiesu_domain::Amount) -> Limit {
    use jiesu_domain::rulebook::Start;
    let from = match rule.from {
        Start::Registration => "登记起",
        Start::Referral => "汇报起",
        Start::Dispatch => "派出起",
        Start::Sign => "签收起",
        Start::Request => "申请起",
        Start::Reply => "答复起",
        Start::Closure => "办结起",
        Start::Rating => "评价起",
        Start::Conclusion => "办理结束起",
        Start::Publication => "发布之日",
    };
    let article = match rule.article() {
        "" => "条文未规定，为本热线的理解".to_owned(),
        article => article.to_owned(),
    };
    Limit { what, amount: amount.to_string(), from, article }
}

fn extensions(book: &Rulebook) -> Vec<Extended> {
    let words = |rule: &ExtensionRule| {
        let kinds: Vec<&str> = rule.when.kinds.iter().map(|k| k.zh()).collect();
        let of = if kinds.is_empty() { String::new() } else { format!("{}类：", kinds.join("、")) };
        let of = if rule.when.urgent == Some(true) { format!("突发事件：{of}") } else { of };
        if rule.times == 0 {
            return format!("{of}不延期");
        }
        let asked = match rule.by {
            ExtensionBy::Review => "在到期前申请，经热线中心同意",
            ExtensionBy::Notice => "在到期前向您说明理由",
        };
        let most = match (rule.at_most, rule.days) {
            (AtMost::OriginalLimit, _) => "所延时间不超过原时限".to_owned(),
            (AtMost::Days(n), ExtensionDays::Working) => format!("每次不超过{n}个工作日"),
            (AtMost::Days(n), ExtensionDays::Calendar) => format!("每次不超过{n}日"),
        };
        format!("{of}{asked}，最多{}次，{most}", rule.times)
    };
    book.extension.iter().map(|rule| Extended { words: words(rule), article: rule.article().to_owned() }).collect()
}

fn readings(book: &Rulebook, cited: &BTreeSet<String>) -> Vec<Reading> {
    let cited = book.assume.iter().filter(|a| cited.contains(&a.id));
    cited
        .map(|a| Reading {
            question: a.question.clone(),
            answer: a.answer.clone(),
            like: a.like.clone().unwrap_or_default(),
            default: a.default,
        })
        .collect()
}

fn in_force(book: &Rulebook) -> String {
    match book.rulebook.status {
        None => book.rulebook.in_force.strftime("%Y年%-m月%-d日").to_string(),
        Some(_) => String::new(),
    }
}

/// Titles of the holiday notices that days are counted by now.
fn calendar(app: &App) -> Vec<String> {
    let year = jiesu_domain::calendar::Day::of(app.clock.now()).date().year();
    let titles = [year, year + 1].into_iter().filter_map(|y| app.law.calendar().source(y));
    titles.map(|(title, _)| title.to_owned()).collect()
}
