//! The form of an appeal, and what follows when it is sent.
//!
//! The confirmation is rendered as the answer to the POST itself: the number and the query code stand in no address, no cookie and no
//! memory of this process, and a reload or a double click sends the same form, whose key gives the same number and code again. The
//! key is a digest of a random token of the form and of everything that was typed, so that somebody who goes "back" to the form on a
//! shared computer and types another appeal gets a ticket of their own and never sees that of the person before.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use jiesu_domain::{
    Actor, Channel, Kind, Rulebook,
    clock::ClockKind,
    rulebook::{MessageOn, Subject},
    ticket::Register,
    words::Contact,
};
use serde::Deserialize;

use super::{
    form::{self, Posted},
    page::{Errors, Failure, Line, Site, emergency_lines, html},
};
use crate::{
    app::{App, Appellant, ExecuteError, Executed, NewTicket, digest, random_token},
    files,
    limits::size_words,
    view::mask_phone,
};

const NAME_MOST: usize = 50;
/// Ways in which an appellant can be asked afterwards that a web form can promise.
const CONTACTS: [(Contact, &str); 3] = [
    (Contact::Phone, "电话：打电话了解情况、回访结果"),
    (Contact::Sms, "短信：用短信答复、回访"),
    (Contact::Web, "网上：您凭编号和查询码在本网站查看答复、评价"),
];

/// The form as typed. Personal data: never logged, echoed only to who sent it.
#[derive(Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    token: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    content: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    confidential: String,
    #[serde(default)]
    contact: String,
}

struct KindChoice {
    code: &'static str,
    name: &'static str,
    hint: &'static str,
    limit: String,
}

#[derive(Template)]
#[template(path = "portal/submit.html")]
struct SubmitPage<'a> {
    site: Site,
    kinds: Vec<KindChoice>,
    contacts: Vec<(&'static str, &'static str)>,
    lines: Vec<Line>,
    matters: String,
    unit_may_contact: bool,
    /// What may be attached, in words and for the chooser.
    files: String,
    accept: String,
    typed: &'a Typed,
    errors: Errors,
}

#[derive(Template)]
#[template(path = "portal/submitted.html")]
struct SubmittedPage {
    site: Site,
    number: String,
    code: String,
    /// The number a message went to, masked.
    sms: Option<String>,
    dispatch: String,
    handle: String,
    web: bool,
    files: usize,
    /// Files that came and could not be kept.
    lost: usize,
}

/// `GET /submit`
pub(super) async fn form(State(app): State<Arc<App>>) -> Result<Response, Failure> {
    let typed = Typed { token: random_token(), contact: Contact::Phone.code().into(), ..Typed::default() };
    page(&app, StatusCode::OK, &typed, Errors::default())
}

/// `POST /submit`
pub(super) async fn submit(
    State(app): State<Arc<App>>,
    Posted { fields: mut typed, files, wrong }: Posted<Typed>,
) -> Result<Response, Failure> {
    // Browsers send line ends as CR LF; limits count what people see.
    typed.content = typed.content.replace("\r\n", "\n");
    let mut errors = Errors::default();
    let new = read(app.rulebook(), &typed, &mut errors);
    if !(typed.token.len() == 64 && typed.token.bytes().all(|b| b.is_ascii_hexdigit())) {
        typed.token = random_token();
        errors.add("", "页面放置太久，请核对后再提交一次，已填写的内容还在");
    }
    wrong.into_iter().for_each(|why| errors.add("files", why));
    let Some(new) = new.filter(|_| !errors.any()) else {
        // A browser never fills a chooser again.
        if !files.is_empty() && errors.of("files").is_none() {
            errors.add("files", "请重新选择要附的文件：改正内容后，浏览器不会保留已选的文件");
        }
        return page(&app, StatusCode::UNPROCESSABLE_ENTITY, &typed, errors);
    };
    let actor = Actor::citizen();
    let key = typed.key(&files);
    match app.register(&actor, &new, Some((actor.id.clone(), key.clone()))).await {
        Ok(done) => {
            let files = attach(&app, &done.ticket, &key, &files).await;
            confirm(&app, &new, done, files)
        }
        Err(ExecuteError::Refused(refusal)) => {
            let errors = Errors::refused(&["kind", "title", "content", "place"], &refusal);
            page(&app, StatusCode::UNPROCESSABLE_ENTITY, &typed, errors)
        }
        Err(error) => Err(error.into()),
    }
}

/// How many files a ticket got, and how many it should have got.
#[derive(Clone, Copy)]
struct Files {
    taken: usize,
    sent: usize,
}

/// Attaches what came with the form, each file once however often the form is sent. The ticket stands by now: a file that fails is told.
async fn attach(app: &App, number: &str, key: &str, files: &[form::Sent]) -> Files {
    let mut taken = 0;
    for (n, file) in files.iter().enumerate() {
        let key = digest(&format!("{key}:{n}"))[..32].to_owned();
        match app.attach_at_once(&Actor::citizen(), number, file.content(&key)).await {
            Ok(()) => taken += 1,
            Err(error) => tracing::error!(ticket = number, %error, "a file of a form was not attached"),
        }
    }
    Files { taken, sent: files.len() }
}

impl Typed {
    /// Equal for the same form with the same contents, and for nothing else.
    fn key(&self, files: &[form::Sent]) -> String {
        let fields = [
            &self.token,
            &self.kind,
            &self.title,
            &self.content,
            &self.place,
            &self.name,
            &self.phone,
            &self.confidential,
            &self.contact,
        ];
        // The lengths keep fields apart whatever is typed in them.
        let fields = fields.map(|f| format!("{}:{f}", f.len())).concat();
        let files: String = files.iter().map(|f| format!("{}:{}{}", f.name.len(), f.name, f.sm3)).collect();
        digest(&(fields + &files))
    }
}

/// What was typed as a new ticket; `None` with errors at their fields. Lengths are judged by the domain.
fn read(book: &Rulebook, typed: &Typed, errors: &mut Errors) -> Option<NewTicket> {
    let kind = typed.kind.parse().ok().filter(|k: &Kind| book.accept.kinds.contains(k));
    if kind.is_none() {
        errors.add("kind", "请选择诉求类别，拿不准的选“求助”");
    }
    for (field, value, message) in
        [("title", &typed.title, "请填写标题，一句话说明是什么事"), ("content", &typed.content, "请填写诉求内容")]
    {
        if value.trim().is_empty() {
            errors.add(field, message);
        }
    }
    if typed.name.trim().chars().count() > NAME_MOST {
        errors.add("name", format!("称呼过长，最多{NAME_MOST}字"));
    }
    let contact = typed.contact.parse().ok().filter(|c| CONTACTS.iter().any(|(known, _)| known == c));
    if contact.is_none() {
        errors.add("contact", "请选择怎样联系、回访您");
    }
    phone(typed, contact, errors);
    if errors.any() {
        return None;
    }
    let given = |s: &str| Some(s.trim().to_owned()).filter(|s| !s.is_empty());
    Some(NewTicket {
        register: Register {
            kind: kind?,
            urgent: false,
            confidential: !typed.confidential.is_empty(),
            title: typed.title.clone(),
            content: typed.content.clone(),
            place: given(&typed.place),
            category: None,
            channel: Channel::Web,
            follow_up_by: contact?,
            earlier: Vec::new(),
        },
        appellant: Appellant { name: given(&typed.name), phone: given(&typed.phone), ..Appellant::default() },
        received_at: None,
        source: None,
        history: None,
    })
}

/// A number is needed only by who wants to be called or written to.
fn phone(typed: &Typed, contact: Option<Contact>, errors: &mut Errors) {
    let folded = jiesu_text::fold(typed.phone.trim());
    if folded.is_empty() {
        if matches!(contact, Some(Contact::Phone | Contact::Sms)) {
            errors.add("phone", "请填写电话，否则无法用电话或短信答复您；不想留电话的，请选择“网上”");
        }
        return;
    }
    let allowed = folded.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')'));
    let digits = folded.bytes().filter(u8::is_ascii_digit).count();
    if !allowed || !(7..=15).contains(&digits) {
        errors.add("phone", "电话号码不对，请填写手机号，或带区号的固定电话，如 0793-8123456");
    }
}

fn page(app: &App, status: StatusCode, typed: &Typed, errors: Errors) -> Result<Response, Failure> {
    let book = app.rulebook();
    let limit = |kind: Kind| {
        let subject = Subject { kind: Some(kind), contacts: 1, ..Subject::default() };
        book.limit(ClockKind::Handle, &subject).map_or_else(String::new, |(_, amount)| format!("{amount}内办结"))
    };
    let choice = |k: &Kind| KindChoice { code: k.code(), name: k.zh(), hint: hint(*k), limit: limit(*k) };
    html(
        status,
        &SubmitPage {
            site: Site::of(app, "submit"),
            kinds: book.accept.kinds.iter().map(choice).collect(),
            contacts: CONTACTS.iter().map(|(c, words)| (c.code(), *words)).collect(),
            lines: emergency_lines(book),
            matters: book.emergency.matters.join("、"),
            unit_may_contact: book.confidential.unit_may_contact,
            files: format!(
                "最多{}个，每个不超过{}；可以是照片、录音、录像、PDF、Office文档和纯文本",
                app.limits().portal_files,
                size_words(app.limits().portal_file)
            ),
            accept: files::accept(),
            typed,
            errors,
        },
    )
}

fn hint(kind: Kind) -> &'static str {
    match kind {
        Kind::Consultation => "想了解政策、手续或公共服务信息",
        Kind::Help => "遇到困难，希望有关单位帮助解决",
        Kind::Complaint => "认为某个单位或经营者做得不对，损害了您的利益",
        Kind::Report => "发现违法违规的行为，希望查处",
        Kind::Suggestion => "对公共管理和服务有改进的想法",
        Kind::Opinion => "对公共管理和服务有看法要反映",
        Kind::Criticism => "对行政机关或其工作人员提出批评",
        Kind::Efficacy => "行政机关不作为、慢作为、乱作为",
        Kind::Thanks | Kind::Withdrawal | Kind::Harassment | Kind::Invalid => "",
    }
}

fn confirm(app: &App, new: &NewTicket, done: Executed, files: Files) -> Result<Response, Failure> {
    let book = app.rulebook();
    let subject = Subject { kind: Some(new.register.kind), contacts: 1, ..Subject::default() };
    let amount = |clock| book.limit(clock, &subject).map_or_else(String::new, |(_, amount)| amount.to_string());
    let told = book.message.iter().any(|m| m.on == MessageOn::Registered);
    let page = SubmittedPage {
        site: Site::of(app, ""),
        number: done.ticket,
        code: done.query_code.unwrap_or_default(),
        sms: new.appellant.phone.as_ref().filter(|_| told).map(|p| mask_phone(p)),
        dispatch: amount(ClockKind::Dispatch),
        handle: amount(ClockKind::Handle),
        web: new.register.follow_up_by == Contact::Web,
        files: files.taken,
        lost: files.sent - files.taken,
    };
    html(if done.replayed { StatusCode::OK } else { StatusCode::CREATED }, &page)
}
