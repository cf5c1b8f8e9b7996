//! What in a free text tells who somebody is: phones, identity numbers, bank cards, number plates, e-mail addresses, names. Numbers are told
//! by their form and check digits, and few are missed. Names are a guess: those that are known, and those that a title or a cue stands
//! beside; a name that stands alone in a sentence is not found.

use std::ops::Range;
use std::sync::LazyLock;

use crate::is_common_han;

/// Sorts of what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Personal {
    Phone,
    IdNumber,
    Card,
    Plate,
    Email,
    Name,
}

impl Personal {
    /// What stands in its place in public.
    pub const fn mask(self) -> &'static str {
        match self {
            Personal::Phone => "[电话]",
            Personal::IdNumber => "[证件号]",
            Personal::Card => "[银行卡号]",
            Personal::Plate => "[车牌号]",
            Personal::Email => "[邮箱]",
            Personal::Name => "[姓名]",
        }
    }
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub what: Personal,
    /// Bytes, on the boundaries of characters.
    pub at: Range<usize>,
}

/// The text with every piece replaced by what it is. `known` are names that are known to belong to the matter.
pub fn mask(text: &str, known: &[&str]) -> String {
    replaced(text, find(text, known).into_iter(), Personal::mask)
}

/// The text without numbers, plates and addresses that tell who somebody is; names stay, which are a guess.
pub fn mask_numbers(text: &str) -> String {
    let numbers = find(text, &[]).into_iter().filter(|found| found.what != Personal::Name);
    replaced(text, numbers, |_| " ")
}

fn replaced(text: &str, pieces: impl Iterator<Item = Found>, by: impl Fn(Personal) -> &'static str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for found in pieces {
        out.push_str(&text[done..found.at.start]);
        out.push_str(by(found.what));
        done = found.at.end;
    }
    out.push_str(&text[done..]);
    out
}

/// Every piece, in the order of the text, none over another.
pub fn find(text: &str, known: &[&str]) -> Vec<Found> {
    let chars: Vec<char> = text.chars().map(plain).collect();
    let mut bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    bytes.push(text.len());
    let known: Vec<Vec<char>> = known
        .iter()
        .map(|name| name.trim().chars().map(plain).collect())
        .filter(|name: &Vec<char>| name.len() > 1)
        .collect();
    let text = Text { chars: &chars, known: &known };
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        match text.begins(at) {
            Some((what, length)) => {
                found.push(Found { what, at: bytes[at]..bytes[at + length] });
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// Full-width letters, digits and signs as plain ones: one character stays one.
fn plain(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        '—' | '–' | '‐' => '-',
        c => c,
    }
}

struct Text<'a> {
    chars: &'a [char],
    known: &'a [Vec<char>],
}

/// The provinces' characters of number plates.
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

/// Words behind which a number of seven or eight digits is a phone.
const PHONES: [&str; 8] = ["电话", "座机", "手机", "号码", "联系方式", "致电", "拨打", "来电"];

/// Words that stand directly behind a name.
const TITLES: [&str; 14] =
    ["先生", "女士", "小姐", "太太", "大爷", "大妈", "大娘", "大叔", "阿姨", "师傅", "同志", "老师", "老板", "某某"];

/// Words directly before a name.
const CUES: [&str; 16] = [
    "姓名",
    "联系人",
    "诉求人",
    "投诉人",
    "举报人",
    "反映人",
    "来电人",
    "当事人",
    "我叫",
    "名叫",
    "名为",
    "户主",
    "户名",
    "法人",
    "本人叫",
    "我是",
];

/// What may stand behind a name that has no title.
const BEHIND: &str = "，。、；：,.;:（）()！？!?的是在与和及住电手身联称说等于反要求来被因向拨到从已";

/// The commonest family names: nine in ten people have one of them. Those that begin many ordinary words stand in [`DOUBTFUL`].
const FAMILIES: &str = "王李张刘陈杨黄赵吴周徐孙朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁沈任姚卢姜崔钟谭陆汪范廖贾夏\
     韦傅邹熊孟秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘\
     祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳上官司马诸葛";
/// Family names that are as often the beginning of a word.
const DOUBTFUL: &str = "高马方白石金于于常平时明应计成关安文路包单宁向江温万毛";

/// Chinese characters, asked for at every place of a text: a bit for each from U+4E00 to U+9FFF.
struct Characters([u64; 328]);

impl Characters {
    fn of(texts: &[&str]) -> Characters {
        let mut bits = [0; 328];
        for at in texts.iter().flat_map(|text| text.chars()).filter_map(Characters::spot) {
            bits[at / 64] |= 1 << (at % 64);
        }
        Characters(bits)
    }

    fn spot(c: char) -> Option<usize> {
        is_common_han(c).then(|| c as usize - 0x4e00)
    }

    fn has(&self, c: char) -> bool {
        Characters::spot(c).is_some_and(|at| self.0[at / 64] >> (at % 64) & 1 == 1)
    }
}

static OF_FAMILIES: LazyLock<Characters> = LazyLock::new(|| Characters::of(&[FAMILIES, DOUBTFUL]));
static OF_PROVINCES: LazyLock<Characters> = LazyLock::new(|| Characters::of(&[PROVINCES]));

impl Text<'_> {
    /// What begins here, and its length in characters.
    fn begins(&self, at: usize) -> Option<(Personal, usize)> {
        let c = self.chars[at];
        let before = at.checked_sub(1).map(|b| self.chars[b]);
        if c.is_ascii_alphanumeric() && !before.is_some_and(|b| b.is_ascii_alphanumeric() || b == '@') {
            if let Some(length) = self.email(at) {
                return Some((Personal::Email, length));
            }
            if let Some(found) = self.number(at) {
                return Some(found);
            }
        }
        if c == '+' {
            return self.number(at + 1).map(|(what, length)| (what, length + 1));
        }
        if OF_PROVINCES.has(c)
            && let Some(length) = self.plate(at)
        {
            return Some((Personal::Plate, length));
        }
        self.name(at).map(|length| (Personal::Name, length))
    }

    fn at(&self, at: usize) -> char {
        self.chars.get(at).copied().unwrap_or('\0')
    }

    fn is(&self, at: usize, word: &str) -> bool {
        word.chars().enumerate().all(|(n, c)| self.at(at + n) == c)
    }

    /// Digits from here on, a blank or a dash between them, each with its place.
    fn digits(&self, from: usize) -> Vec<(usize, u8)> {
        let mut digits: Vec<(usize, u8)> = Vec::new();
        let mut at = from;
        loop {
            let c = self.at(at);
            if let Some(d) = c.to_digit(10) {
                digits.push((at, d as u8));
            } else if !(matches!(c, ' ' | '-') && self.at(at + 1).is_ascii_digit()) || digits.is_empty() {
                return digits;
            }
            at += 1;
        }
    }

    fn number(&self, at: usize) -> Option<(Personal, usize)> {
        let digits = self.digits(at);
        let values: Vec<u8> = digits.iter().map(|(_, d)| *d).collect();
        // A number ends where no digit or letter follows at once.
        let ends = |count: usize| {
            let last = digits.get(count - 1)?.0;
            let next = self.at(last + 1);
            (!next.is_ascii_alphanumeric() || next == 'X' && count == 17).then_some(last + 1 - at)
        };
        if let Some(length) = self.id_number(at, &values) {
            return Some((Personal::IdNumber, length));
        }
        for count in (16..=19).rev().filter(|n| *n <= values.len()) {
            if let Some(length) = ends(count)
                && matches!(values[0], 3..=6)
                && luhn(&values[..count])
            {
                return Some((Personal::Card, length));
            }
        }
        let country = if values.starts_with(&[8, 6]) {
            2
        } else if values.starts_with(&[0, 0, 8, 6]) {
            4
        } else {
            0
        };
        for skip in [0, country] {
            let national = &values[skip..];
            if national.len() >= 11
                && national[0] == 1
                && national[1] >= 3
                && let Some(length) = ends(skip + 11)
            {
                return Some((Personal::Phone, length));
            }
        }
        if values.first() == Some(&0) && values.get(1).is_some_and(|d| *d > 0) {
            for count in (10..=12).rev().filter(|n| *n <= values.len()) {
                if let Some(length) = ends(count) {
                    return Some((Personal::Phone, length));
                }
            }
        }
        for count in [8, 7].into_iter().filter(|n| *n <= values.len()) {
            if values[0] > 1
                && self.behind(at, &PHONES, 5)
                && let Some(length) = ends(count)
            {
                return Some((Personal::Phone, length));
            }
        }
        None
    }

    /// One of the words stands at most so many characters before.
    fn behind(&self, at: usize, words: &[&str], within: usize) -> bool {
        (at.saturating_sub(within + 4)..at).any(|from| {
            words.iter().any(|word| {
                let end = from + word.chars().count();
                end <= at && at - end <= within && self.is(from, word)
            })
        })
    }

    /// 18 characters with a day of birth and a right check digit (GB 11643).
    fn id_number(&self, at: usize, digits: &[u8]) -> Option<usize> {
        let place = |n: usize| self.at(at + n);
        if digits.len() < 17 || !(0..17).all(|n| place(n).is_ascii_digit()) || place(18).is_ascii_alphanumeric() {
            return None;
        }
        let number = |range: Range<usize>| digits[range].iter().fold(0_u32, |n, d| n * 10 + u32::from(*d));
        let day = (1900..2100).contains(&number(6..10))
            && (1..=12).contains(&number(10..12))
            && (1..=31).contains(&number(12..14));
        const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 = WEIGHTS.iter().zip(digits).map(|(w, d)| w * u32::from(*d)).sum();
        let right = b"10X98765432"[(sum % 11) as usize];
        (day && place(17).to_ascii_uppercase() == char::from(right)).then_some(18)
    }

    fn plate(&self, at: usize) -> Option<usize> {
        let letter = self.at(at + 1);
        if !letter.is_ascii_uppercase() || matches!(letter, 'I' | 'O') {
            return None;
        }
        let from = at + 2 + usize::from(matches!(self.at(at + 2), '·' | '.' | ' ' | '-'));
        let count = (0..7)
            .take_while(|n| {
                let c = self.at(from + n);
                c.is_ascii_digit() || c.is_ascii_uppercase() && !matches!(c, 'I' | 'O')
            })
            .count();
        let special = usize::from(count == 4 && "学警挂港澳".contains(self.at(from + 4)));
        let digits = (0..count).filter(|n| self.at(from + n).is_ascii_digit()).count();
        (matches!(count + special, 5 | 6) && digits >= 2).then_some(from + count + special - at)
    }

    fn email(&self, at: usize) -> Option<usize> {
        let local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-' | '%');
        let domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let name = self.chars[at..].iter().take_while(|c| local(**c)).count();
        if name == 0 || self.at(at + name) != '@' {
            return None;
        }
        let host: String = self.chars[at + name + 1..].iter().take_while(|c| domain(**c)).collect();
        let host = host.trim_end_matches(['.', '-']);
        let (_, top) = host.rsplit_once('.')?;
        (top.len() >= 2 && top.chars().all(|c| c.is_ascii_alphabetic())).then_some(name + 1 + host.len())
    }

    fn name(&self, at: usize) -> Option<usize> {
        let known = |name: &&Vec<char>| self.chars[at..].starts_with(name);
        if let Some(name) = self.known.iter().filter(known).max_by_key(|name| name.len()) {
            return Some(name.len());
        }
        let c = self.at(at);
        if !OF_FAMILIES.has(c) {
            return None;
        }
        let title = |n: usize| TITLES.iter().any(|t| self.is(at + n, t));
        let han = |n: usize| (1..n).all(|k| is_name(self.at(at + k)));
        // 张三先生, 张先生. A name is nearer to its title than to what stands before it: 班主任黄丽老师.
        let before = at.checked_sub(1).map_or('\0', |b| self.at(b));
        let ordinary = DOUBTFUL.contains(c) && is_common_han(before);
        let nearer = |n: usize| n > 2 && is_common_han(before) && FAMILIES.contains(self.at(at + 1));
        if let Some(length) = [1, 2, 3, 4].into_iter().find(|n| title(*n) && han(*n))
            && !(ordinary && length == 1)
            && !nearer(length)
        {
            return Some(length);
        }
        let cued = CUES.iter().any(|cue| {
            let length = cue.chars().count();
            let bare = at.checked_sub(length).is_some_and(|from| self.is(from, cue));
            let with = |sign: char| {
                at.checked_sub(length + 1).is_some_and(|from| self.is(from, cue) && self.at(at - 1) == sign)
            };
            bare || [':', '是', '为', '叫', ' '].into_iter().any(with)
        });
        let ends = |n: usize| {
            let next = self.at(at + n);
            next == '\0' || next.is_whitespace() || next.is_ascii() || BEHIND.contains(next)
        };
        if !cued {
            return None;
        }
        [3, 2, 4].into_iter().find(|n| han(*n) && ends(*n))
    }
}

/// Characters that names are made of, and not what joins words.
fn is_name(c: char) -> bool {
    is_common_han(c) && !"的是在与和及了说等也都有不我你他她它们这那个住家区县市镇村路街局院".contains(c)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(n, d)| {
            let d = u32::from(*d) * if n.is_multiple_of(2) { 1 } else { 2 };
            d / 10 + d % 10
        })
        .sum();
    sum.is_multiple_of(10)
}
