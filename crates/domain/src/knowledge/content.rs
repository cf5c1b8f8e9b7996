//! What an entry says, and the format check before it is reviewed (SR-18: 内容准确、格式规范).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Section;
use crate::{
    calendar::Day,
    rulebook::Rulebook,
    ticket::{Ctx, Refusal},
};

const TITLE_LEAST: usize = 4;
const TITLE_MOST: usize = 100;
const TEXT_MOST: usize = 20_000;
const LINE_MOST: usize = 2_000;
const SOURCES_MOST: usize = 10;
const WORDS_MOST: usize = 20;
const FILE_NAME_MOST: usize = 120;

/// What only a text that must not leave the house bears.
const MARKS: [&str; 8] =
    ["绝密★", "机密★", "秘密★", "绝密☆", "机密☆", "秘密☆", "内部文件，不得外传", "内部资料，注意保存"];

/// A document that an entry rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = KnowledgeSource))]
pub struct Source {
    /// Name and number of the document.
    pub name: String,
    /// Where it can be read, if it can.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
}

/// What a service guide (服务指南) says besides its text; the lines that QD-2 names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = ServiceGuide))]
pub struct Guide {
    /// 办事流程
    pub process: String,
    /// 申报材料
    pub materials: String,
    /// 审批条件
    pub conditions: String,
    /// 法律依据
    pub law: String,
    /// 收费说明
    pub fee: String,
    /// 收费依据
    pub fee_basis: String,
    /// 办理单位
    pub office: String,
    /// 地点
    pub place: String,
    /// 受理时间
    pub hours: String,
    /// 联系电话
    pub phone: String,
}

/// A new policy that concerns the public (ZS-34).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = NewPolicy))]
pub struct Policy {
    /// The day on which it is published; before it nobody outside is told.
    #[cfg_attr(feature = "schema", schema(value_type = String, format = Date))]
    pub public_on: Date,
    /// This is the official text, not the one announced before.
    #[serde(default)]
    pub official: bool,
}

/// A file that goes with a version (a form to fill in, the document itself): submitted, reviewed and published with it. The content is in
/// the file store; who submits names the file, and the rest is told by what was uploaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = KnowledgeFile))]
pub struct File {
    /// Which file: its key in the file store, 32 characters.
    pub file: String,
    #[serde(default)]
    pub name: String,
    /// By the content, not by the name.
    #[serde(default)]
    pub media: String,
    /// Bytes.
    #[serde(default)]
    pub size: u64,
    /// SM3 of the content: 64 hexadecimal digits.
    #[serde(default)]
    pub sm3: String,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = KnowledgeContent))]
pub struct Content {
    pub section: Section,
    /// In the daily column the question.
    pub title: String,
    /// In the daily column the answer.
    pub text: String,
    /// For service guides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guide: Option<Guide>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// What goes with it, in the order in which it is listed. A new version says anew which files it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// Other words by which people ask for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<String>,
    /// Citizens may read it themselves.
    #[serde(default)]
    pub open: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = Date))]
    pub effective_on: Option<Date>,
    /// The last day on which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, format = Date))]
    pub expires_on: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
}

impl Guide {
    /// Its lines with their names, in the order of the text.
    pub fn lines(&self) -> [(&'static str, &'static str, &str); 10] {
        [
            ("process", "办事流程", &self.process),
            ("materials", "申报材料", &self.materials),
            ("conditions", "审批条件", &self.conditions),
            ("law", "法律依据", &self.law),
            ("fee", "收费说明", &self.fee),
            ("fee_basis", "收费依据", &self.fee_basis),
            ("office", "办理单位", &self.office),
            ("place", "办理地点", &self.place),
            ("hours", "受理时间", &self.hours),
            ("phone", "联系电话", &self.phone),
        ]
    }
}

impl Content {
    /// Everything it says besides its title, for search and for comparing versions.
    pub fn body(&self) -> String {
        let guide = self.guide.iter().flat_map(Guide::lines).filter(|(.., said)| !said.is_empty());
        let guide = guide.map(|(_, name, said)| format!("{name}：{said}"));
        let sources = self.sources.iter().map(|s| s.name.clone());
        let files = self.files.iter().map(|f| f.name.clone());
        std::iter::once(self.text.clone()).chain(guide).chain(sources).chain(files).collect::<Vec<_>>().join("\n")
    }
}

/// The format check: what is left of blanks at the ends, or what is wrong with the first field that is.
///
/// # Errors
/// Names the field and says how to write it; under the rulebook's article where it has one.
pub fn check(content: &Content, ctx: &Ctx<'_>) -> Result<Content, Refusal> {
    let mut tidy = content.clone();
    tidy.title = line("title", "标题", &content.title, TITLE_LEAST, TITLE_MOST)?;
    tidy.text = line("text", "内容", &content.text, 1, TEXT_MOST)?;
    if content.section == Section::Daily && !tidy.title.ends_with(['？', '?']) {
        return Err(Refusal::input("title", "日常知识一问一答：标题须是一个问题，以“？”结尾"));
    }
    if content.section == Section::Hotline && content.open {
        return Err(Refusal::input("open", "“热线管理员”栏目只供热线内部使用，不能对公众开放"));
    }
    tidy.guide = guide(content)?;
    if content.sources.len() > SOURCES_MOST || content.words.len() > WORDS_MOST {
        return Err(Refusal::input(
            "sources",
            format!("依据文件最多{SOURCES_MOST}份，其他说法最多{WORDS_MOST}个；请精简"),
        ));
    }
    for source in &mut tidy.sources {
        source.name = line("sources", "依据文件名称", &source.name, 2, TITLE_MOST)?;
        let web = |a: &str| a.starts_with("https://") || a.starts_with("http://");
        if !source.address.is_empty() && (!web(&source.address) || source.address.chars().count() > 300) {
            return Err(Refusal::input("sources", "依据文件的网址须以 https:// 或 http:// 开头"));
        }
    }
    for word in &mut tidy.words {
        *word = line("words", "其他说法", word, 1, 40)?;
    }
    for (i, file) in tidy.files.iter_mut().enumerate() {
        file.name = line("files", "附件名称", &file.name, 1, FILE_NAME_MOST)?;
        if content.files[..i].iter().any(|before| before.file == file.file) {
            return Err(Refusal::input("files", format!("附件“{}”重复，请删去一个", file.name)));
        }
        if content.files[..i].iter().any(|before| before.name.trim() == file.name) {
            return Err(Refusal::input("files", format!("有两个附件都叫“{}”，请改名后重新上传", file.name)));
        }
    }
    dates(content, ctx)?;
    secret(&tidy, ctx.rulebook)?;
    Ok(tidy)
}

fn line(field: &'static str, name: &str, said: &str, least: usize, most: usize) -> Result<String, Refusal> {
    let said = said.trim();
    let length = said.chars().count();
    if length < least {
        let message = if least > 1 { format!("{name}至少{least}字") } else { format!("请填写{name}") };
        return Err(Refusal::input(field, message));
    }
    if length > most {
        return Err(Refusal::input(field, format!("{name}过长，最多{most}字")));
    }
    if said.chars().any(|c| (c.is_control() && !matches!(c, '\n' | '\t' | '\r')) || c == '\u{fffd}') {
        return Err(Refusal::input(field, format!("{name}中有乱码或不能显示的字符，请删去后再报送")));
    }
    Ok(said.replace("\r\n", "\n"))
}

fn guide(content: &Content) -> Result<Option<Guide>, Refusal> {
    let Some(guide) = &content.guide else {
        return match content.section {
            Section::Guide => {
                Err(Refusal::input("guide", "服务指南须填写办事流程、申报材料、办理地点、受理时间和联系电话"))
            }
            _ => Ok(None),
        };
    };
    if content.section != Section::Guide {
        return Err(Refusal::input("guide", "只有服务指南栏目填写办事指南各项"));
    }
    let missing = guide.lines().into_iter().find(|(field, _, said)| {
        matches!(*field, "process" | "materials" | "place" | "hours" | "phone") && said.trim().is_empty()
    });
    if let Some((_, name, _)) = missing {
        return Err(Refusal::input("guide", format!("服务指南须写明{name}")));
    }
    if let Some((_, name, _)) = guide.lines().into_iter().find(|(.., said)| said.chars().count() > LINE_MOST) {
        return Err(Refusal::input("guide", format!("{name}过长，最多{LINE_MOST}字")));
    }
    Ok(Some(guide.clone()))
}

fn dates(content: &Content, ctx: &Ctx<'_>) -> Result<(), Refusal> {
    let today = Day::of(ctx.now).date();
    let in_reach = |date: Date| (2000..=2098).contains(&date.year());
    let policy = content.policy.as_ref().map(|p| p.public_on);
    for (field, date) in
        [("effective_on", content.effective_on), ("expires_on", content.expires_on), ("policy", policy)]
    {
        if date.is_some_and(|d| !in_reach(d)) {
            return Err(Refusal::input(field, "日期须在2000年至2098年之间"));
        }
    }
    let Some(until) = content.expires_on else { return Ok(()) };
    if until < today {
        return Err(Refusal::input("expires_on", "有效期已过；请填写今后的日期，长期有效的留空"));
    }
    if content.effective_on.is_some_and(|from| from > until) {
        return Err(Refusal::input("expires_on", "失效日期不能早于生效日期"));
    }
    Ok(())
}

/// A text with a mark of secrecy is never taken in, whoever says that it was checked.
fn secret(content: &Content, book: &Rulebook) -> Result<(), Refusal> {
    let said = format!("{}\n{}", content.title, content.body());
    let plain: String = said.chars().filter(|c| !c.is_whitespace()).collect();
    let Some(mark) = MARKS.iter().find(|mark| plain.contains(**mark)) else { return Ok(()) };
    let message = format!("内容带有“{mark}”字样，涉密、内部文件不得录入知识库；请交本单位保密审查");
    match &book.knowledge {
        Some(rule) => Err(Refusal::rule("marked-secret", message, book, rule)),
        None => Err(Refusal { rule: "marked-secret", ..Refusal::input("text", message) }),
    }
}
