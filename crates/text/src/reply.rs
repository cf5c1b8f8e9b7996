//! What an auditor may want to look at in a reply: hints, each with the sentence it rests on, never a verdict. What a reply must not hold at all
//! (blanks, special characters) is a rule and is refused elsewhere.

use std::{collections::BTreeSet, ops::Range};

use crate::{
    citation,
    classify::characters,
    is_han,
    personal::{self, Personal},
};

/// What a hint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HintKind {
    /// Besides greetings, thanks and dates it says nothing.
    Empty,
    /// It only says that somebody else was told to look at it, or whom to ask.
    OnlyPassedOn,
    /// It says whose business it is not: a reason to return a ticket, not an answer.
    ReturnReason,
    /// It rests on regulations that it does not name.
    Unnamed,
    /// The number of a document is not written as it should be (GB/T 9704-2012, 7.2.5).
    Number,
    /// A title's 《 or 》 stands alone.
    Marks,
    /// Hardly a word of the appeal is in it.
    Unrelated,
    /// It tells who somebody else is.
    Personal,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    pub kind: HintKind,
    /// The sentence of the reply, in bytes; all of it where no one sentence is meant.
    pub at: Range<usize>,
    /// What it rests on: the words in the reply; for [`HintKind::Unrelated`] the title of the appeal.
    pub words: String,
}

/// The appeal that is answered.
#[derive(Debug, Clone, Copy)]
pub struct Appeal<'a> {
    pub title: &'a str,
    pub detail: &'a str,
    /// Names and numbers of the appellant, which may be in the reply.
    pub own: &'a [&'a str],
    /// The present year: no document is of a later one.
    pub year: u32,
}

/// Words of a sentence that greets, thanks or announces and says nothing about the matter.
const COURTESY: [&str; 34] = [
    "您好",
    "你好",
    "收悉",
    "感谢",
    "谢谢",
    "致以",
    "祝您",
    "祝你",
    "此致",
    "敬礼",
    "答复如下",
    "回复如下",
    "情况如下",
    "特此回复",
    "特此答复",
    "专此回复",
    "如下回复",
    "如有疑问",
    "欢迎您",
    "欢迎致电",
    "欢迎继续",
    "高度重视",
    "尊敬的",
    "网友",
    "敬请谅解",
    "敬请理解",
    "支持与理解",
    "理解与支持",
    "理解和支持",
    "关心和支持",
    "关注和支持",
    "衷心",
    "再次感谢",
    "联系电话",
];
/// Words of a sentence that hands the matter on.
const PASSED: [&str; 26] = [
    "已转",
    "已交由",
    "已交办",
    "已批转",
    "已反馈给",
    "已将您",
    "转至",
    "转交",
    "转给",
    "转由",
    "转相关",
    "转有关",
    "批转",
    "交由相关",
    "交由有关",
    "交相关",
    "已向相关",
    "已责成",
    "请耐心等",
    "请您耐心等",
    "耐心等待",
    "等待回复",
    "待调查",
    "建议您向",
    "建议您直接",
    "请咨询",
];
/// Beside these words a sentence tells of something that was found or done.
const FOUND: [&str; 24] = [
    "经查",
    "经核",
    "经调查",
    "经了解",
    "据了解",
    "据查",
    "核实",
    "现场",
    "规定",
    "已完成",
    "已经完成",
    "整改",
    "安排",
    "计划",
    "目前",
    "因为",
    "由于",
    "根据",
    "按照",
    "办理了",
    "予以",
    "不符合",
    "属实",
    "解决",
];
/// How it is said that something is not the unit's; and what of it, within so many characters behind.
const NOT_OURS: [&str; 13] = [
    "不属于我",
    "不属我",
    "不属于本",
    "不属于",
    "不在我",
    "不归我",
    "不归属",
    "非我",
    "无权管",
    "没有管辖权",
    "无管辖权",
    "没有执法权",
    "不是我",
];
const BUSINESS: [&str; 10] =
    ["职责", "职能", "管辖", "受理范围", "我区管理范围", "业务范围", "职权", "执法权", "我局管理", "我县管理"];
const BEHIND: usize = 18;
/// Regulations without a name.
const VAGUE: [&str; 22] = [
    "有关规定",
    "相关规定",
    "有关政策",
    "相关政策",
    "有关文件",
    "相关文件",
    "有关法律",
    "相关法律",
    "法律法规",
    "国家规定",
    "国家政策",
    "上级规定",
    "上级政策",
    "上级文件",
    "文件精神",
    "政策规定",
    "文件规定",
    "文件要求",
    "上级要求",
    "现行政策",
    "现有政策",
    "规定要求",
];
/// A sentence rests on something if it says so.
const RESTS: [&str; 8] = ["根据", "按照", "依据", "依照", "不符合", "符合", "遵照", "按"];
/// Characters that are in any text.
const COMMON: &str = "的了是在我你您他她们和与及或也都不有没就这那哪为什么吗呢吧啊请问能否可以如何怎样怎么多少何时谁个一二三四五六七八九十上下中来去到会要说对于从被把让给很更最再又还但而且因此所以如果只后前时日月年，";
/// A reply of fewer characters that say something says nothing.
const LITTLE: usize = 10;
/// A shorter reply may answer without a word of the question.
const SHORT: usize = 60;
/// A title of fewer pairs cannot be looked for.
const PAIRS: usize = 4;

/// What to look at, in the order of the reply.
pub fn hints(appeal: Appeal<'_>, reply: &str) -> Vec<Hint> {
    let sentences = sentences(reply);
    let mut hints = Vec::new();
    let whole = 0..reply.len();
    let saying: Vec<&Range<usize>> = sentences.iter().filter(|at| !is_courtesy(&reply[(*at).clone()])).collect();
    let said: usize = saying.iter().map(|at| letters(&reply[(*at).clone()])).sum();
    if said < LITTLE {
        hints.push(Hint { kind: HintKind::Empty, at: whole.clone(), words: reply.trim().to_owned() });
        return hints;
    }
    let first_passed = saying.iter().find_map(|at| has(&reply[(*at).clone()], &PASSED).map(|w| ((*at).clone(), w)));
    let is_passed = |at: &&Range<usize>| {
        let sentence = &reply[(*at).clone()];
        has(sentence, &PASSED).is_some() && has(sentence, &FOUND).is_none() || letters(sentence) < LITTLE
    };
    if let Some((at, words)) = first_passed
        && saying.iter().all(is_passed)
    {
        hints.push(Hint { kind: HintKind::OnlyPassedOn, at, words: words.to_owned() });
        return hints;
    }
    for at in &sentences {
        let sentence = &reply[at.clone()];
        if let Some(words) = not_ours(sentence) {
            hints.push(Hint { kind: HintKind::ReturnReason, at: at.clone(), words: words.to_owned() });
        }
    }
    if !cites(reply)
        && let Some((at, words)) = sentences.iter().find_map(|at| rests_on_unnamed(&reply[at.clone()]).map(|w| (at, w)))
    {
        hints.push(Hint { kind: HintKind::Unnamed, at: at.clone(), words: words.to_owned() });
    }
    if said >= SHORT && is_unrelated(appeal, reply) {
        hints.push(Hint { kind: HintKind::Unrelated, at: whole, words: appeal.title.trim().to_owned() });
    }
    let sentence = |at: &Range<usize>| sentences.iter().find(|s| s.start <= at.start && at.end <= s.end).cloned();
    let written =
        |kind, at: Range<usize>| Hint { kind, words: reply[at.clone()].to_owned(), at: sentence(&at).unwrap_or(at) };
    hints.extend(citation::numbers(reply, appeal.year).into_iter().map(|(at, _)| written(HintKind::Number, at)));
    hints.extend(citation::unpaired(reply).into_iter().map(|at| written(HintKind::Marks, at)));
    hints.extend(of_others(appeal, reply, &sentences));
    hints.sort_by_key(|h| (h.at.start, h.kind));
    hints
}

/// Documents that a text cites: 《…》, and numbers such as 赣府发〔2024〕3号.
pub fn cited(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (open, close) in [('《', '》'), ('〔', '号'), ('﹝', '号'), ('[', '号')] {
        for (from, _) in text.match_indices(open) {
            let most = text[from..].char_indices().nth(60).map_or(text.len(), |(at, _)| from + at);
            let Some(length) = text[from..most].find(close) else { continue };
            let inside = &text[from + open.len_utf8()..from + length];
            let is_title = open == '《' && !inside.is_empty();
            // What stands before the year is the office's abbreviation.
            let before: usize = text[..from]
                .chars()
                .rev()
                .take_while(|c| is_han(*c) && !"和及与按据照的".contains(*c))
                .take(8)
                .map(char::len_utf8)
                .sum();
            if is_title {
                found.push(from..from + length + close.len_utf8());
            } else if open != '《' && inside.chars().filter(char::is_ascii_digit).count() >= 5 {
                found.push(from - before..from + length + close.len_utf8());
            }
        }
    }
    found.sort_by_key(|r| r.start);
    found
}

fn cites(text: &str) -> bool {
    let documents = cited(text);
    let book = documents.iter().any(|at| !text[at.clone()].contains("栏目") && !text[at.clone()].contains("问政"));
    book || text.contains("号文")
        || text
            .match_indices("条")
            .any(|(at, _)| text[..at].ends_with(|c: char| "一二三四五六七八九十百0123456789".contains(c)))
}

/// From the words that say so to what of it.
fn not_ours(sentence: &str) -> Option<&str> {
    NOT_OURS.iter().find_map(|not| {
        let from = sentence.find(not)?;
        let behind = &sentence[from..];
        let most = behind.char_indices().nth(not.chars().count() + BEHIND).map_or(behind.len(), |(at, _)| at);
        let end = BUSINESS.iter().filter_map(|what| Some(behind[..most].find(what)? + what.len())).min()?;
        Some(&behind[..end])
    })
}

fn rests_on_unnamed(sentence: &str) -> Option<&'static str> {
    has(sentence, &RESTS)?;
    has(sentence, &VAGUE)
}

fn has(sentence: &str, words: &[&'static str]) -> Option<&'static str> {
    words.iter().find(|w| sentence.contains(**w)).copied()
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| is_han(*c)).count()
}

/// Greets or thanks, or is only a date, an address or a number.
fn is_courtesy(sentence: &str) -> bool {
    let short = letters(sentence) < 45;
    let date = letters(sentence) <= 4;
    date || short
        && has(sentence, &COURTESY).is_some()
        && has(sentence, &FOUND).is_none()
        && has(sentence, &PASSED).is_none()
}

/// Bytes of each sentence with its end, blanks around it left out.
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut push = |range: Range<usize>| {
        let piece = &text[range.clone()];
        let from = range.start + (piece.len() - piece.trim_start().len());
        let to = range.start + piece.trim_end().len();
        if from < to && piece.chars().any(char::is_alphanumeric) {
            found.push(from..to);
        }
    };
    for (at, c) in text.char_indices() {
        let announced = c == '：' && text[..at].ends_with("如下");
        if announced || "。！？；!?;\n\r".contains(c) || c == ' ' && text[..at].ends_with(['：', '下']) {
            push(start..at + c.len_utf8());
            start = at + c.len_utf8();
        }
    }
    push(start..text.len());
    found
}

/// Pairs of characters that carry something.
fn pairs(text: &str) -> BTreeSet<[char; 2]> {
    let characters: Vec<char> = characters(text).map(|(c, _)| c).collect();
    let telling = |pair: &[char]| pair.iter().all(|c| c.is_alphanumeric() && !COMMON.contains(*c));
    characters.windows(2).filter(|p| telling(p)).map(|p| [p[0], p[1]]).collect()
}

fn shared(of: &BTreeSet<[char; 2]>, with: &BTreeSet<[char; 2]>) -> usize {
    of.iter().filter(|p| with.contains(*p)).count()
}

/// Whether no pair of the title and hardly one of the detail is in the reply.
fn is_unrelated(appeal: Appeal<'_>, reply: &str) -> bool {
    let replied = pairs(reply);
    let titled = pairs(appeal.title);
    let detailed = pairs(appeal.detail);
    titled.len() >= PAIRS
        && shared(&titled, &replied) == 0
        && shared(&detailed, &replied) * 20 < titled.len() + detailed.len()
}

/// What tells who somebody other than the appellant is: numbers of identity, mobile phones, whole names with a title.
fn of_others(appeal: Appeal<'_>, reply: &str, sentences: &[Range<usize>]) -> Vec<Hint> {
    let is_others = |found: &personal::Found| {
        let piece = &reply[found.at.clone()];
        let is_own = appeal.own.iter().any(|own| !own.is_empty() && (piece.contains(own) || own.contains(piece)));
        let tells = match found.what {
            Personal::IdNumber | Personal::Card | Personal::Plate => true,
            Personal::Phone => {
                piece.trim_start_matches("86").starts_with('1') && !names_an_office(&reply[..found.at.start])
            }
            Personal::Name => piece.chars().count() > 1 && is_private(&reply[..found.at.start], &reply[found.at.end..]),
            Personal::Email => false,
        };
        tells && !is_own
    };
    let sentence = |at: &Range<usize>| sentences.iter().find(|s| s.start <= at.start && at.end <= s.end).cloned();
    let hint = |found: personal::Found| Hint {
        kind: HintKind::Personal,
        at: sentence(&found.at).unwrap_or(found.at.clone()),
        words: reply[found.at].to_owned(),
    };
    personal::find(reply, &[]).into_iter().filter(is_others).map(hint).collect()
}

/// Somebody who is named as a private person: officials and contacts are named to be asked.
fn is_private(before: &str, behind: &str) -> bool {
    let titles = ["先生", "女士", "小姐", "太太", "大爷", "大妈", "大娘", "阿姨"];
    let cues = ["户主", "当事人", "业主", "村民", "投诉人", "举报人", "反映人", "诉求人"];
    titles.iter().any(|t| behind.starts_with(t)) || cues.iter().any(|c| before.ends_with(c))
}

/// The words before a number say that it is for asking.
fn names_an_office(before: &str) -> bool {
    let from = before.char_indices().rev().nth(11).map_or(0, |(at, _)| at);
    ["联系电话", "咨询电话", "服务电话", "监督电话", "投诉电话", "举报电话", "办公电话", "热线", "致电"]
        .iter()
        .any(|w| before[from..].contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPEAL: Appeal<'_> = Appeal {
        title: "翠竹园小区楼下烧烤店油烟扰民",
        detail: "翠竹园楼下烧烤店油烟直排，请问什么时候能处理？",
        own: &["李小红", "13900001234", ""],
        year: 2026,
    };

    /// Kinds with the marked sentence.
    fn hinted(reply: &str) -> Vec<(HintKind, &str)> {
        hints(APPEAL, reply).into_iter().map(|h| (h.kind, &reply[h.at])).collect()
    }

    #[test]
    fn a_reply_that_says_something_has_no_hint() {
        let reply = "您好！您的留言已收悉。经查，翠竹园小区楼下烧烤店未安装油烟净化器，我局依据《大气污染防治法》责令其6月5日前整改，\
                     6月6日复查已安装到位。感谢您的监督！2026年6月8日";
        assert_eq!(hinted(reply), []);
    }

    #[test]
    fn how_documents_are_cited_is_looked_at() {
        let reply = "经查，烧烤店未装净化器。依据饶府办字[2025]11号文件，责令其6月5日前整改。《大气污染防治法第八十一条另有处罚。";
        assert_eq!(
            hinted(reply),
            [
                (HintKind::Number, "依据饶府办字[2025]11号文件，责令其6月5日前整改。"),
                (HintKind::Marks, "《大气污染防治法第八十一条另有处罚。"),
            ]
        );
    }

    #[test]
    fn courtesy_and_passing_on_are_no_answer() {
        let empty = "网友：您好！您的留言已收悉。感谢您对我们工作的理解与支持！2026年6月8日";
        assert_eq!(hinted(empty), [(HintKind::Empty, empty)]);
        let passed = "您好！您的留言已收悉。您反映的油烟问题已转城管局调查处理，请耐心等待。";
        assert_eq!(hinted(passed), [(HintKind::OnlyPassedOn, "您反映的油烟问题已转城管局调查处理，请耐心等待。")]);
        let and_done = "您反映的油烟问题已转城管局。经城管局现场核实，烧烤店已于6月5日停止露天烧烤并清洗烟道。";
        assert_eq!(hinted(and_done), []);
        assert_eq!(hinted("   "), [(HintKind::Empty, "   ")]);
    }

    #[test]
    fn a_reason_to_return_is_marked_where_it_stands() {
        let reply = "经了解，该烧烤店油烟问题由城管部门处理。该事项不属于我局职责范围，建议向城管局反映。翠竹园其余商户已排查。";
        assert_eq!(hinted(reply), [(HintKind::ReturnReason, "该事项不属于我局职责范围，建议向城管局反映。")]);
        assert_eq!(hinted("经查，该烧烤店的油烟管道不属于违法建设，翠竹园物业已经清洗，现场检查无异味。"), []);
    }

    #[test]
    fn a_basis_without_a_name_is_marked_and_one_with_a_name_is_not() {
        let vague = "经查，根据有关规定，该烧烤店可以在翠竹园底层经营，油烟排放检测合格。";
        assert_eq!(hinted(vague), [(HintKind::Unnamed, vague)]);
        assert_eq!(
            hinted("经查，根据有关规定（赣环发〔2025〕12号），该烧烤店可以在翠竹园底层经营，油烟排放检测合格。"),
            []
        );
        let text = "按《餐饮业油烟排放标准》和赣府发〔2024〕3号文办理";
        assert_eq!(
            cited(text).into_iter().map(|at| &text[at]).collect::<Vec<_>>(),
            ["《餐饮业油烟排放标准》", "赣府发〔2024〕3号"]
        );
    }

    #[test]
    fn others_are_not_named_and_the_appellant_may_be() {
        let reply =
            "经查，翠竹园烧烤店当事人王大力已签订整改承诺，油烟净化器6月5日装好，已电话告知李小红女士（13900001234）。";
        let found = hints(APPEAL, reply);
        assert_eq!(
            found.iter().map(|h| (h.kind, h.words.as_str())).collect::<Vec<_>>(),
            [(HintKind::Personal, "王大力")]
        );
    }

    #[test]
    fn a_reply_to_something_else_is_marked() {
        let reply = "经查，您所述工地夜间施工已取得许可，施工时间为晚上八点至十点，建设单位承诺调整混凝土浇筑时段，并在围挡处公示联系人，减少对附近住户休息的影响，后续将加强巡查。";
        assert_eq!(hinted(reply), [(HintKind::Unrelated, reply)]);
    }

    #[test]
    fn any_text_is_cut_on_characters() {
        for text in ["", "。", "？！\n", "如下：甲。乙", "𠀀；é", "《", "〔2024", "不属于"] {
            sentences(text).into_iter().chain(cited(text)).for_each(|at| _ = &text[at]);
            hints(APPEAL, text);
        }
    }
}
