//! Where an appeal is: the administrative divisions that the centre has, found in a text by their names, short names and aliases. A street
//! implies its county; a name that two divisions share needs its county beside it, or nothing is said. What follows (`县城北门菜市场旁`) stays
//! free text.

use std::collections::{BTreeSet, HashMap};

use super::{Span, characters, ends_clause};

/// A division as the caller knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Division {
    /// The caller's key.
    pub key: String,
    /// Its official name: `横峰县`, `兴安街道`.
    pub name: String,
    /// Key of the division it lies in.
    pub above: Option<String>,
    /// Other names that people use for it.
    pub aliases: Vec<String>,
}

/// Where a text says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Key of the division.
    pub division: String,
    /// Names from the uppermost division down to it.
    pub names: Vec<String>,
    /// What stands behind the names: roads, numbers, beside what; empty: nothing.
    pub rest: String,
    /// The words that name the division, and those of the rest.
    pub spans: Vec<Span>,
}

impl Found {
    /// As it would be written into a form.
    pub fn written(&self) -> String {
        self.names.concat() + &self.rest
    }
}

/// How a division may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Called {
    division: usize,
    /// Only right behind the name of the division above: as a word it may mean anything.
    beside: bool,
}

/// Names of divisions, to be found in texts.
#[derive(Debug, Default)]
pub struct Gazetteer {
    divisions: Vec<Division>,
    above: Vec<Option<usize>>,
    names: HashMap<Vec<char>, Vec<Called>>,
    longest: usize,
}

/// A name in a text that can mean one division only.
#[derive(Debug, Clone, Copy)]
struct Mention {
    span: Span,
    division: usize,
}

/// What the names of divisions end with, longer ones first; a name without it is its short name.
const ENDS: [&str; 26] = [
    "街道办事处",
    "经济技术开发区",
    "高新技术产业开发区",
    "经济开发区",
    "高新技术开发区",
    "高新区",
    "开发区",
    "风景名胜区",
    "自治县",
    "街道办",
    "民族乡",
    "街道",
    "地区",
    "新区",
    "林场",
    "农场",
    "垦殖场",
    "街办",
    "苏木",
    "镇",
    "乡",
    "县",
    "区",
    "市",
    "旗",
    "州",
];
/// Behind a short name it is part of another one: a road, a shop, a product.
const NO_PLACE: [&str; 40] = [
    "路",
    "街",
    "大道",
    "大街",
    "巷",
    "桥",
    "站",
    "银行",
    "公司",
    "集团",
    "酒店",
    "宾馆",
    "饭店",
    "小区",
    "花园",
    "家园",
    "大厦",
    "广场",
    "公园",
    "学校",
    "中学",
    "小学",
    "医院",
    "超市",
    "商城",
    "物流",
    "建设集团",
    "建筑",
    "置业",
    "地产",
    "物业",
    "高速",
    "高铁",
    "铁路",
    "机场",
    "水库",
    "新村",
    "新城",
    "国际",
    "青",
];
/// What places within a division end with.
const SPOTS: [&str; 58] = [
    "路",
    "街",
    "巷",
    "弄",
    "道",
    "号",
    "栋",
    "幢",
    "座",
    "楼",
    "层",
    "室",
    "单元",
    "小区",
    "社区",
    "村",
    "组",
    "屯",
    "庄",
    "湾",
    "苑",
    "园",
    "里",
    "城",
    "府",
    "居",
    "邸",
    "公馆",
    "广场",
    "市场",
    "商场",
    "超市",
    "学校",
    "中学",
    "小学",
    "大学",
    "幼儿园",
    "医院",
    "公园",
    "车站",
    "站",
    "桥",
    "路口",
    "门口",
    "对面",
    "旁",
    "旁边",
    "附近",
    "工地",
    "厂",
    "公司",
    "店",
    "酒店",
    "大厦",
    "期",
    "段",
    "边",
    "口",
];
/// No name of a spot has these in it: a sentence begins.
const STOPS: [&str; 70] = [
    "每天", "每晚", "每到", "有人", "有个", "有一", "在", "的", "被", "是", "了", "没", "不", "我", "从", "把", "经常",
    "长期", "多次", "发生", "出现", "存在", "突然", "晚上", "早上", "夜间", "凌晨", "目前", "现在", "这", "那", "最近",
    "近期", "昨", "已", "因", "由于", "到", "向", "请", "希望", "反映", "问题", "停水", "停电", "停气", "占道", "违规",
    "乱", "能否", "什么", "整", "等", "无", "户口", "铁路", "高铁", "城市", "规划", "哪", "怎", "为", "至", "还",
    "管理", "占", "常住", "政府", "路灯", "道路",
];
/// The rest of a place is not longer than this.
const REST: usize = 30;

impl Gazetteer {
    /// Of the divisions that the centre has. Those whose division above is missing stand at the top.
    pub fn new(divisions: Vec<Division>) -> Gazetteer {
        let place: HashMap<&str, usize> = divisions.iter().enumerate().map(|(i, d)| (d.key.as_str(), i)).collect();
        let above = divisions.iter().map(|d| d.above.as_deref().and_then(|key| place.get(key).copied()));
        let above: Vec<Option<usize>> = above.collect();
        let mut gazetteer = Gazetteer { above, ..Gazetteer::default() };
        for (no, division) in divisions.iter().enumerate() {
            let mut call = |name: &str, beside: bool| gazetteer.call(name, Called { division: no, beside });
            call(&division.name, false);
            division.aliases.iter().for_each(|alias| call(alias, false));
            let Some(short) = short(&division.name) else { continue };
            let is_street = division.name.ends_with("街道");
            if is_street {
                call(&format!("{short}街"), true);
                call(&format!("{short}街道办事处"), false);
                call(&format!("{short}街道办"), false);
                call(&format!("{short}办事处"), false);
            }
            let is_county = division.name.ends_with(['县', '区', '市', '旗']);
            call(short, !is_county);
        }
        gazetteer.divisions = divisions;
        gazetteer
    }

    fn call(&mut self, name: &str, called: Called) {
        let name = characters(name);
        if name.len() < 2 {
            return;
        }
        self.longest = self.longest.max(name.len());
        let known = self.names.entry(name).or_default();
        match known.iter_mut().find(|c| c.division == called.division) {
            Some(c) => c.beside &= called.beside,
            None => known.push(called),
        }
    }

    /// Divisions in it.
    pub fn len(&self) -> usize {
        self.divisions.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.divisions.is_empty()
    }

    /// The one division that a text says it is in, the most specific; `None`: it names none, or several that do not lie in each other.
    pub fn find(&self, text: &str) -> Option<Found> {
        let folded = characters(text);
        let mentions = self.mentions(&folded);
        let deepest: BTreeSet<usize> = mentions.iter().map(|m| m.division).collect();
        let implied: BTreeSet<usize> = deepest.iter().flat_map(|d| self.line(*d).skip(1)).collect();
        let mut named = deepest.difference(&implied).copied();
        let (Some(division), None) = (named.next(), named.next()) else { return None };
        let line: Vec<usize> = self.line(division).collect();
        // What follows is read behind the last of the names that stand together with the division's.
        let at = mentions.iter().rev().find(|m| m.division == division)?;
        let mut first = at.span.start;
        let mut spans = vec![at.span];
        for m in mentions.iter().rev().filter(|m| line.contains(&m.division)) {
            if m.span.end() == first {
                first = m.span.start;
                spans.push(m.span);
            }
        }
        let rest = rest(&folded, at.span.end());
        let written: String = text.chars().skip(rest.start).take(rest.length).collect();
        spans.extend((rest.length > 0).then_some(rest));
        spans.sort();
        Some(Found {
            division: self.divisions[division].key.clone(),
            names: line.iter().rev().map(|d| self.divisions[*d].name.clone()).collect(),
            rest: written,
            spans,
        })
    }

    /// A division and those it lies in.
    fn line(&self, division: usize) -> impl Iterator<Item = usize> + '_ {
        // A circle of the caller's does not hold us up.
        std::iter::successors(Some(division), |d| self.above[*d]).take(8)
    }

    /// Every name in the text that means one division, in their order.
    fn mentions(&self, text: &[char]) -> Vec<Mention> {
        let found = self.names_in(text);
        let means = |n: usize| -> Option<Mention> {
            let (span, called) = &found[n];
            let before = n.checked_sub(1).map(|i| &found[i]).filter(|(s, _)| s.end() == span.start);
            // A word that means a street only behind its county's name does not mean it behind the city's: 成都金沙.
            let lies_in_what_is_before = |c: &Called| {
                let above = self.line(c.division).skip(1).take(if c.beside { 1 } else { usize::MAX });
                before.is_some_and(|(_, named)| above.into_iter().any(|d| named.iter().any(|a| a.division == d)))
            };
            let said_anywhere = |c: &Called| {
                let line: Vec<usize> = self.line(c.division).skip(1).collect();
                found.iter().any(|(_, others)| matches!(*others, [o] if !o.beside && line.contains(&o.division)))
            };
            let beside: Vec<&Called> = called.iter().filter(|c| lies_in_what_is_before(c)).collect();
            let alone: Vec<&Called> = called.iter().filter(|c| !c.beside).collect();
            let of_named: Vec<&Called> = alone.iter().copied().filter(|c| said_anywhere(c)).collect();
            let one = [&beside, &alone, &of_named].into_iter().find_map(|some| match some.as_slice() {
                [one] => Some(one.division),
                _ => None,
            });
            one.map(|division| Mention { span: *span, division })
        };
        (0..found.len()).filter_map(means).collect()
    }

    /// Names that stand in the text, the longest at each place, none within another.
    fn names_in(&self, text: &[char]) -> Vec<(Span, &[Called])> {
        let mut found: Vec<(Span, &[Called])> = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let most = self.longest.min(text.len() - at);
            let longest = (2..=most).rev().find_map(|length| {
                let name = &text[at..at + length];
                let called = self.names.get(name)?;
                (self.is_full(name, called) || is_free(&text[at + length..])).then_some((length, called.as_slice()))
            });
            match longest {
                Some((length, called)) => {
                    found.push((Span { start: at, length }, called));
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }

    /// Whether it is a name with its ending, which nothing else is called.
    fn is_full(&self, name: &[char], called: &[Called]) -> bool {
        let name: String = name.iter().collect();
        called.iter().any(|c| self.divisions[c.division].name.to_lowercase() == name)
            || (name.ends_with("办事处") || name.ends_with("街道办"))
    }
}

/// The short name, if one is left.
fn short(name: &str) -> Option<&str> {
    let short = ENDS.iter().find_map(|end| name.strip_suffix(end))?;
    (short.chars().count() >= 2).then_some(short)
}

/// Whether what follows leaves a short name a name.
fn is_free(after: &[char]) -> bool {
    !NO_PLACE.iter().any(|word| after.starts_with(&characters(word)))
}

/// What stands right behind the names and says more exactly where: up to the last word for a spot in this clause.
fn rest(text: &[char], start: usize) -> Span {
    let most = text.len().min(start + REST);
    let end = text[start..most]
        .iter()
        .position(|c| ends_clause(*c) || c.is_whitespace() || matches!(c, '(' | ')'))
        .map_or(most, |i| start + i);
    let starts = |word: &str, run: &[char]| word.chars().enumerate().all(|(i, c)| run.get(i) == Some(&c));
    let stop = (start..end).find(|at| STOPS.iter().any(|word| starts(word, &text[*at..end])));
    let run = &text[start..stop.unwrap_or(end)];
    let mut length = 0;
    let mut at = 0;
    while at < run.len() {
        let spots = SPOTS.iter().filter(|spot| starts(spot, &run[at..]));
        match spots.map(|spot| spot.chars().count()).max() {
            // A spot has a name before it, and what follows it within some characters may go on.
            Some(spot) if at > 0 && at - length <= STRETCH => {
                length = at + spot;
                at = length;
            }
            Some(spot) => at += spot,
            None => at += 1,
        }
    }
    Span { start, length }
}

/// A spot's own name is not longer than this.
const STRETCH: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn division(key: &str, name: &str, above: Option<&str>) -> Division {
        Division { key: key.into(), name: name.into(), above: above.map(str::to_owned), aliases: Vec::new() }
    }

    fn shangrao() -> Gazetteer {
        Gazetteer::new(vec![
            division("1", "横峰县", None),
            division("11", "兴安街道", Some("1")),
            division("12", "城关镇", Some("1")),
            division("2", "弋阳县", None),
            division("21", "城关镇", Some("2")),
            division("3", "万年县", None),
            division("31", "陈营镇", Some("3")),
            Division { aliases: vec!["高铁新区".into()], ..division("4", "高铁经济试验区", None) },
        ])
    }

    fn written(text: &str) -> Option<String> {
        shangrao().find(text).map(|found| found.written())
    }

    #[test]
    fn names_short_names_and_aliases_are_found() {
        for (text, is) in [
            ("横峰县城管不管事", "横峰县"),
            ("我在横峰，路灯不亮", "横峰县"),
            ("兴安街道路灯不亮", "横峰县兴安街道"),
            ("横峰兴安街有人占道", "横峰县兴安街道"),
            ("兴安街道办事处不办证", "横峰县兴安街道"),
            ("高铁新区工地夜间施工", "高铁经济试验区"),
            ("诉求人反映：万年县陈营镇停水", "万年县陈营镇"),
        ] {
            assert_eq!(written(text).as_deref(), Some(is), "{text}");
        }
    }

    #[test]
    fn what_follows_stays_free_text() {
        for (text, names, rest) in [
            ("横峰县县城北门菜市场旁每天堵车", "横峰县", "县城北门菜市场旁"),
            ("万年县陈营镇六0路12号门口井盖缺失", "万年县陈营镇", "六0路12号门口"),
            ("横峰县兴安街道阳光小区3栋2单元停电", "横峰县兴安街道", "阳光小区3栋2单元"),
            ("横峰县停电了", "横峰县", ""),
            ("横峰县胜利路路灯不亮", "横峰县", "胜利路"),
            ("万年县阳光小区道路坑洼", "万年县", "阳光小区"),
        ] {
            let found = shangrao().find(text).unwrap();
            assert_eq!((found.names.concat().as_str(), found.rest.as_str()), (names, rest), "{text}");
            assert!(found.spans.iter().all(|s| found.written().contains(&s.of(text))), "{found:?}");
        }
    }

    #[test]
    fn a_shared_name_needs_its_county() {
        assert_eq!(written("城关镇停水"), None);
        assert_eq!(written("弋阳县城关镇停水").as_deref(), Some("弋阳县城关镇"));
        assert_eq!(written("城关镇停水，我们是横峰县的").as_deref(), Some("横峰县城关镇"));
    }

    #[test]
    fn two_places_are_none_and_a_road_is_none() {
        assert_eq!(written("从横峰县到弋阳县的班车"), None);
        assert_eq!(written("横峰路堵车"), None);
        assert_eq!(written("万年青酒店门口"), None);
        assert_eq!(written("兴安街很堵"), None, "a street of another town");
        assert_eq!(written(""), None);
        assert_eq!(Gazetteer::default().find("横峰县").map(|f| f.division), None);
    }
}
