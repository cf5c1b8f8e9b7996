//! Names of places and bodies in a text: what stands before a word such as 小区, 路, 学校, back to where the sentence's other words end. It is a
//! guess by form, for telling that two messages name the same place or two different ones; not a gazetteer.

/// Words that end a name, longer ones first.
const ENDS: [&str; 63] = [
    "职业技术学院",
    "有限责任公司",
    "培训学校",
    "培训机构",
    "培训中心",
    "有限公司",
    "经济学院",
    "菜市场",
    "幼儿园",
    "开发区",
    "工业园",
    "安置区",
    "小区",
    "社区",
    "花园",
    "家园",
    "公寓",
    "大厦",
    "广场",
    "大道",
    "街道",
    "学校",
    "中学",
    "小学",
    "大学",
    "学院",
    "医院",
    "公司",
    "集团",
    "机场",
    "公园",
    "市场",
    "楼盘",
    "银行",
    "酒店",
    "超市",
    "商场",
    "英语",
    "车贷",
    "地铁",
    "高铁",
    "高速",
    "新村",
    "新城",
    "水库",
    "茶场",
    "酒吧",
    "号线",
    "苑",
    "园",
    "城",
    "府",
    "邸",
    "郡",
    "湾",
    "村",
    "路",
    "街",
    "巷",
    "桥",
    "湖",
    "镇",
    "乡",
];
/// Of these, that are too wide to be the place of a problem.
const WIDE: [&str; 3] = ["街道", "镇", "乡"];
/// Of these alone nobody knows which: 小区, and what stands before the end in them is no name.
const BARE: [&str; 56] = [
    "公", "道", "马", "铁", "线", "修", "出", "通", "小", "农", "全", "县", "商", "校", "家", "花", "政", "乐", "山",
    "老", "新", "大", "高", "该", "各", "一", "二", "三", "两", "多", "上", "下", "本", "学校", "附近", "周边", "门口",
    "住宅", "居民", "安置", "业主", "城市", "乡村", "村", "城", "校区", "地铁", "物业", "配套", "公立", "民办", "公办",
    "普惠", "附属", "公共", "市政",
];
/// Characters at which a name cannot go on to the left.
const STOPS: &str = "的在是与和及或对向于从到至由为被把让给请求问诉映报我你他她们这那该此某本有无没不了着过就都也市区县省州第个间座条家位所处距沿";
/// Words likewise.
const STOP_WORDS: [&str; 40] = [
    "投诉",
    "举报",
    "反映",
    "关于",
    "咨询",
    "请问",
    "建议",
    "希望",
    "请求",
    "反对",
    "坚决",
    "要求",
    "恳请",
    "呼吁",
    "质疑",
    "抵制",
    "位于",
    "地处",
    "我们",
    "以及",
    "附近",
    "旁边",
    "对面",
    "周边",
    "强烈",
    "尽快",
    "加快",
    "解决",
    "严查",
    "曝光",
    "关注",
    "整治",
    "取缔",
    "拆除",
    "修建",
    "建设",
    "扩建",
    "新建",
    "开发商",
    "物业",
];
/// Characters of a name before its end that are kept: enough to tell it, and few enough that what was taken in too much does no harm.
const TAIL: usize = 2;
/// A name is as long as this before its end at most.
const LONGEST: usize = 8;

/// A name in a text, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name {
    /// Where it begins, as far as can be told.
    pub start: usize,
    /// Where what tells it begins: some characters before its end.
    pub key: usize,
    pub end: usize,
    /// A whole town or street office: too wide to be the place of a problem.
    pub wide: bool,
}

/// The names of a text; they do not overlap.
pub(super) fn find(text: &[char]) -> Vec<Name> {
    let mut names = Vec::new();
    let mut at = 0;
    let mut begun = 0;
    while at < text.len() {
        let Some(end) = ENDS.iter().find(|end| is_at(text, at, end)) else {
            at += 1;
            continue;
        };
        let length = end.chars().count();
        let start = start_of(text, at, begun);
        let core: String = text[start..at].iter().collect();
        if at > start && !BARE.contains(&core.as_str()) && (at - start > 1 || length > 1) {
            names.push(Name { start, key: key_of(text, start, at), end: at + length, wide: WIDE.contains(end) });
        }
        at += length;
        begun = at;
    }
    names
}

/// A number is kept whole: line 5 is not line 15.
fn key_of(text: &[char], start: usize, end: usize) -> usize {
    let mut key = start.max(end.saturating_sub(TAIL));
    while key > start && text[key - 1].is_ascii_alphanumeric() && text[key].is_ascii_alphanumeric() {
        key -= 1;
    }
    key
}

fn is_at(text: &[char], at: usize, word: &str) -> bool {
    word.chars().enumerate().all(|(n, c)| text.get(at + n) == Some(&c))
}

fn start_of(text: &[char], end: usize, from: usize) -> usize {
    let mut start = end;
    while start > from && end - start < LONGEST {
        let c = text[start - 1];
        let word_ends = STOP_WORDS.iter().any(|w| {
            let length = w.chars().count();
            start >= from + length && is_at(text, start - length, w)
        });
        if !c.is_alphanumeric() || STOPS.contains(c) || word_ends {
            break;
        }
        start -= 1;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let text: Vec<char> = text.chars().collect();
        find(&text).into_iter().map(|n| text[n.start..n.end].iter().collect()).collect()
    }

    #[test]
    fn names_end_with_what_they_are_and_begin_behind_other_words() {
        assert_eq!(names("投诉城东区桃源路翠竹园小区楼下油烟"), ["桃源路", "翠竹园"]);
        assert_eq!(names("坚决反对翠竹园强制收费"), ["翠竹园"]);
        assert_eq!(names("小区附近的道路，公路和马路"), Vec::<String>::new());
        assert_eq!(names("红星职业技术学院宿舍"), ["红星职业技术学院"]);
        assert_eq!(names("县城北门菜市场旁"), ["北门菜市场"]);
    }
}
