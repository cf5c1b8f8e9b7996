//! Words that by themselves say that an appeal is urgent, that its appellant must not be named, or what kind it is: a small file of our own.
//! What is denied, feared, past or only talked about (`没有人受伤`, `防止起火`, `去年被淹`, `消防演练`) is not said.

use std::{collections::HashMap, sync::OnceLock};

use super::{Span, characters, clause, outermost, places};

/// What some words say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sign {
    /// Its code in `words.tsv`; of a kind, the kind's code.
    pub code: &'static str,
    /// As people call it.
    pub name: &'static str,
    /// The articles it serves; empty for kinds.
    pub basis: &'static str,
    /// The words, in their order.
    pub spans: Vec<Span>,
}

#[derive(Debug)]
struct Rule {
    of: &'static str,
    code: &'static str,
    name: &'static str,
    basis: &'static str,
    /// Each a word, or several that have to stand in one clause.
    words: Vec<Vec<Vec<char>>>,
    /// A threat is as good as a fact.
    threat: bool,
    /// Only where an official is named beside it.
    title: bool,
}

fn rules(of: &'static str) -> impl Iterator<Item = &'static Rule> {
    static RULES: OnceLock<Vec<Rule>> = OnceLock::new();
    let all = RULES.get_or_init(|| {
        let lines = include_str!("words.tsv").lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
        lines.map(rule).collect()
    });
    all.iter().filter(move |rule| rule.of == of)
}

fn rule(line: &'static str) -> Rule {
    let mut cells = line.split('\t');
    let mut cell = || cells.next().unwrap_or_default();
    let (of, code, name, basis, words, mark) = (cell(), cell(), cell(), cell(), cell(), cell());
    let words = words.split('|').map(|word| word.split('+').map(characters).collect()).collect();
    Rule { of, code, name, basis, words, threat: mark.contains("threat"), title: mark.contains("title") }
}

/// Before the word, in its clause: it is not so.
const DENIED: [&str; 10] = ["没", "无", "未", "并非", "不是", "不会", "排除", "避免", "杜绝", "谨防"];
/// It may become so, or is feared.
const FEARED: [&str; 37] = [
    "防止", "预防", "以防", "以免", "免得", "防范", "担心", "怕", "恐怕", "万一", "如果", "假如", "要是", "一旦",
    "可能", "容易", "就会", "隐患", "风险", "随时", "是否", "差点", "险些", "存在", "经常", "时有", "常有", "频繁",
    "慢性", "每次", "冒着", "有时", "多次", "每天", "长期", "几乎", "常年",
];
/// It was so.
const PAST: [&str; 15] = [
    "去年",
    "前年",
    "上次",
    "上个月",
    "上月",
    "以前",
    "之前",
    "当年",
    "曾",
    "多年前",
    "年前",
    "此前",
    "几年前",
    "历年",
    "往年",
];
/// After the word: it is talk of it, or over.
const TALK: [&str; 25] = [
    "隐患",
    "风险",
    "演练",
    "演习",
    "保险",
    "知识",
    "宣传",
    "预案",
    "报警器",
    "培训",
    "警示",
    "的可能",
    "怎么办",
    "怎么赔",
    "后怎么",
    "补贴",
    "补偿",
    "赔偿",
    "检测",
    "评估",
    "损失",
    "已修复",
    "已经修",
    "已扑灭",
    "已处理",
];

/// Who an accusation is of.
const OFFICIALS: [&str; 22] = [
    "书记",
    "主任",
    "局长",
    "镇长",
    "乡长",
    "县长",
    "市长",
    "区长",
    "村长",
    "院长",
    "校长",
    "所长",
    "队长",
    "科长",
    "处长",
    "干部",
    "法官",
    "民警",
    "警察",
    "城管队员",
    "执法人员",
    "公务员",
];
/// Characters before it among which the official is named.
const NAMED: usize = 40;
/// An emergency is said at once: what comes after so many characters tells how it came, or what else there was.
const AT_ONCE: usize = 100;

/// How far a word of these reaches.
const BEFORE: usize = 10;
const CLOSE: usize = 5;
const AFTER: usize = 4;
const YEAR: usize = 30;

impl Rule {
    /// `at`: where each character stands.
    fn found(&self, text: &[char], at: &HashMap<char, Vec<usize>>) -> Vec<Span> {
        let mut spans = Vec::new();
        for words in &self.words {
            let Some((first, rest)) = words.split_first() else { continue };
            let starts = first.first().and_then(|c| at.get(c)).into_iter().flatten().copied();
            for start in starts.filter(|start| text[*start..].starts_with(first)) {
                let (from, to) = clause(text, start);
                let beside = |word: &Vec<char>| {
                    places(&text[from..to], word).next().map(|at| Span { start: from + at, length: word.len() })
                };
                let Some(others) = rest.iter().map(beside).collect::<Option<Vec<Span>>>() else { continue };
                let here = Span { start, length: first.len() };
                if self.stands(text, here) {
                    spans.push(here);
                    spans.extend(others);
                }
            }
        }
        outermost(spans)
    }

    /// Whether it is said of here and now.
    fn stands(&self, text: &[char], word: Span) -> bool {
        if self.of == "kind" {
            return true;
        }
        let (from, to) = clause(text, word.start);
        let has = |words: &[&str], from: usize, to: usize| {
            let part: String = text[from..to.max(from)].iter().collect();
            words.iter().any(|w| part.contains(w))
        };
        if self.title {
            let official = has(&OFFICIALS, word.start.saturating_sub(NAMED), to.min(word.end() + NAMED));
            return official && !has(&DENIED, from.max(word.start.saturating_sub(CLOSE)), word.start);
        }
        if self.of == "urgent" && word.start >= AT_ONCE {
            return false;
        }
        let denied = has(&DENIED, from.max(word.start.saturating_sub(CLOSE)), word.start);
        if self.threat {
            // `没有保密`, but `不要不匿名` nobody says: only what is denied right before the word is.
            return !denied || self.of == "confidential";
        }
        let feared = has(&FEARED, from.max(word.start.saturating_sub(BEFORE)), word.start);
        let past = has(&PAST, from, word.start) || of_a_year(&text[word.start.saturating_sub(YEAR)..word.start]);
        let talk = has(&TALK, word.end(), to.min(word.end() + AFTER));
        !(denied || feared || past || talk)
    }
}

/// Whether a year is named (`2015年`, `99年`): what is told with a year is past.
fn of_a_year(text: &[char]) -> bool {
    text.windows(3).any(|w| w[0].is_ascii_digit() && w[1].is_ascii_digit() && w[2] == '年')
}

fn signs(of: &'static str, text: &str) -> Vec<Sign> {
    let text = characters(text);
    let mut at: HashMap<char, Vec<usize>> = HashMap::new();
    text.iter().enumerate().for_each(|(i, c)| at.entry(*c).or_default().push(i));
    let sign = |rule: &'static Rule| {
        let spans = rule.found(&text, &at);
        let sign = Sign { code: rule.code, name: rule.name, basis: rule.basis, spans };
        (!sign.spans.is_empty()).then_some(sign)
    };
    rules(of).filter_map(sign).collect()
}

/// What in a text is an emergency, with the articles that ask to act at once.
pub fn urgent(text: &str) -> Vec<Sign> {
    signs("urgent", text)
}

/// What in a text says that the appellant must not be named.
pub fn confidential(text: &str) -> Vec<Sign> {
    signs("confidential", text)
}

/// The kind that a text itself names, as its code; `None`: it names none, or several.
///
/// Where several are named, thanks and a taking back hold only alone; a report or a complaint goes before what else is asked.
pub fn kind(text: &str) -> Option<Sign> {
    let mut found = signs("kind", text);
    let only = |found: &[Sign]| found.len() == 1;
    if !only(&found) {
        found.retain(|sign| !matches!(sign.code, "thanks"));
    }
    if only(&found) { found.pop() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(signs: Vec<Sign>) -> Vec<&'static str> {
        signs.into_iter().map(|s| s.code).collect()
    }

    #[test]
    fn emergencies_are_seen() {
        for (text, code) in [
            ("小区燃气泄漏，闻到很重的味道", "gas"),
            ("楼道里闻到天然气味，物业没人管", "gas"),
            ("天然气管道漏气了", "gas"),
            ("沿街店铺起火了，浓烟滚滚", "fire"),
            ("门口道路突然塌陷一个大坑", "collapse"),
            ("人行道井盖缺失，晚上很危险", "road"),
            ("高压线掉在地上", "power"),
            ("主干道水管爆裂，水流了一地", "water"),
            ("河水暴涨，村子被淹", "flood"),
            ("后山发生泥石流", "landslide"),
            ("老板欠工人工资，几十人在工地堵门", "crowd"),
            ("再不发工资我就跳楼", "self-harm"),
            ("老人被困在电梯里半小时", "life"),
        ] {
            assert!(codes(urgent(text)).contains(&code), "{text}: {:?}", urgent(text));
        }
    }

    #[test]
    fn what_is_denied_feared_or_past_is_no_emergency() {
        for text in [
            "路口车祸，没有人受伤",
            "小区消防通道被堵，担心起火",
            "老房子容易漏电，存在火灾隐患",
            "去年这里被淹过，想问今年有没有改造",
            "建议社区组织消防演练，防止火灾",
            "咨询火灾保险怎么办理",
            "请问燃气泄漏报警器在哪里装",
            "建议加强溺水警示宣传",
            "路灯不亮，晚上看不清",
            "2015年8月村里发洪水，房屋倒塌",
            "电梯经常困人",
            "",
        ] {
            assert_eq!(codes(urgent(text)), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn who_must_not_be_named_is_seen() {
        for (text, code) in [
            ("请不要透露我的姓名和电话", "asked"),
            ("我要匿名反映", "asked"),
            ("不要告诉单位是我反映的", "asked"),
            ("怕被报复，请为我保密", "revenge"),
            ("村主任虚报冒领补贴", "official"),
        ] {
            assert!(codes(confidential(text)).contains(&code), "{text}");
        }
        assert_eq!(codes(confidential("这家公司套取补贴资金")), Vec::<&str>::new(), "nobody in office is named");
        assert_eq!(codes(confidential("路灯不亮，请尽快维修")), Vec::<&str>::new());
    }

    #[test]
    fn a_kind_is_named_once_or_not_at_all() {
        for (text, code) in [
            ("请问居住证怎么办理", Some("consultation")),
            ("我要投诉物业乱收费", Some("complaint")),
            ("建议在学校门口设减速带", Some("suggestion")),
            ("举报某某工厂夜间偷排", Some("report")),
            ("问题已经解决，来电撤诉", Some("withdrawal")),
            ("表扬派出所民警", Some("thanks")),
            ("我要投诉，也想咨询怎么赔", None),
            ("路灯不亮", None),
        ] {
            assert_eq!(kind(text).map(|s| s.code), code, "{text}");
        }
    }

    #[test]
    fn signs_say_which_words() {
        let text = "阳光小区水管爆裂，自来水管道喷水";
        let signs = urgent(text);
        assert_eq!(signs[0].spans[0].of(text), "水管爆裂");
        assert!(signs.iter().all(|s| !s.basis.is_empty() && !s.name.is_empty()));
    }

    #[test]
    fn every_rule_of_the_file_is_whole() {
        for of in ["urgent", "confidential", "kind"] {
            for rule in rules(of) {
                assert!(!rule.code.is_empty() && !rule.name.is_empty(), "{rule:?}");
                assert!(rule.words.iter().flatten().all(|w| !w.is_empty()), "{rule:?}");
                assert!(of == "kind" || !rule.basis.is_empty(), "{rule:?}");
            }
        }
    }
}
