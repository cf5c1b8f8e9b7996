//! Hot issues: the matters of many messages, ranked by how many people they move.
//!
//! Heat = persons + √(likes + dislikes). A person counts once, however often they write. A like is cheap: a hundred weigh as ten persons who
//! wrote themselves, so that a message of one person that thousands support is hot, and one with five likes is not.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    features::{DETAIL_MOST, Features, Rarity, said, weighed},
    group::groups,
    names,
};
use crate::classify::characters;

/// A message of somebody, perhaps with what others think of it.
#[derive(Debug, Clone, Copy)]
pub struct Posted<'a> {
    pub user: &'a str,
    pub title: &'a str,
    pub detail: &'a str,
    /// When, in any unit that grows.
    pub at: i64,
    pub likes: u64,
    pub dislikes: u64,
}

/// Messages about one matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Issue {
    /// Their numbers in the list that was given, the earliest first.
    pub messages: Vec<usize>,
    pub persons: u64,
    pub likes: u64,
    pub dislikes: u64,
    /// persons + √(likes + dislikes).
    pub heat: f64,
    /// The place or group, as the messages name it; empty if they name none alike.
    pub place: String,
    /// The problem, in the words of the message that is most like all.
    pub problem: String,
}

/// Messages as they are compared: what is left of their texts, which may go before the matters are looked for.
#[derive(Debug)]
pub struct Compared {
    messages: Vec<Features>,
}

/// Messages about one matter, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// In the order of time.
    pub messages: Vec<usize>,
    /// The one that is most like the others; the earliest of equals.
    pub says_best: usize,
}

impl Compared {
    /// Of their titles and details. They are read twice: what all of them say would take twenty times the memory of what is compared.
    pub fn of<'t>(texts: impl Iterator<Item = (&'t str, &'t str)> + Clone) -> Compared {
        let said = || texts.clone().map(|(title, detail)| said(title, detail));
        let mut rarity = Rarity::default();
        said().for_each(|s| rarity.count(&s));
        Compared { messages: said().map(|s| weighed(&s, &rarity)).collect() }
    }

    /// All matters, given when each message was written; a message alone is a matter too.
    pub fn matters(&self, at: impl Fn(usize) -> i64) -> Vec<Matter> {
        let matter = |group: Vec<u32>| {
            let mut messages: Vec<usize> = group.into_iter().map(|m| m as usize).collect();
            messages.sort_by_key(|m| (at(*m), *m));
            let says_best = most_like_all(&self.messages, &messages);
            Matter { messages, says_best }
        };
        groups(&self.messages).into_iter().map(matter).collect()
    }
}

/// The part of a detail that is looked at.
pub fn looked_at(detail: &str) -> &str {
    characters(detail).nth(DETAIL_MOST).map_or(detail, |(_, at)| &detail[..at])
}

/// All matters, the hottest first; of equal heat, the one with more persons, then the earlier one. A message alone is a matter too.
pub fn hot(posted: &[Posted<'_>]) -> Vec<Issue> {
    let compared = Compared::of(posted.iter().map(|p| (p.title, p.detail)));
    let matters = compared.matters(|no| posted[no].at);
    let mut issues: Vec<Issue> = matters.into_iter().map(|matter| issue(posted, matter)).collect();
    let first = |issue: &Issue| issue.messages.first().map(|m| (posted[*m].at, *m));
    issues.sort_by(|a, b| {
        b.heat.total_cmp(&a.heat).then(b.persons.cmp(&a.persons)).then_with(|| first(a).cmp(&first(b)))
    });
    issues
}

/// How hot a matter is that so many persons wrote about and that was supported so often besides.
pub fn heat(persons: u64, supported: u64) -> f64 {
    persons as f64 + (supported as f64).sqrt()
}

fn issue(posted: &[Posted<'_>], Matter { messages, says_best }: Matter) -> Issue {
    let of = || messages.iter().map(|m| &posted[*m]);
    let persons = of().map(|p| p.user).collect::<BTreeSet<&str>>().len() as u64;
    let (likes, dislikes) = (of().map(|p| p.likes).sum::<u64>(), of().map(|p| p.dislikes).sum::<u64>());
    let heat = heat(persons, likes + dislikes);
    let place = place(&of().map(|p| p.title).collect::<Vec<_>>(), &of().map(|p| p.detail).collect::<Vec<_>>());
    let problem = posted[says_best].title.trim().to_owned();
    Issue { messages, persons, likes, dislikes, heat, place, problem }
}

/// The message that is most like the others; the earliest of equals.
fn most_like_all(messages: &[Features], group: &[usize]) -> usize {
    // How alike it is to each, added up, is how alike it is to the sum of them.
    let mut sum: BTreeMap<u32, f32> = BTreeMap::new();
    let grams = group.iter().flat_map(|m| &messages[*m].grams);
    grams.for_each(|g| *sum.entry(g.number).or_default() += g.weight);
    let alike = |one: &usize| messages[*one].grams.iter().map(|g| g.weight * sum[&g.number]).sum::<f32>();
    let mut best = (f32::MIN, group[0]);
    for one in group {
        let alike = alike(one);
        if alike > best.0 + 1e-6 {
            best = (alike, *one);
        }
    }
    best.1
}

/// The name that most titles have, if at least a third of them have it; else the longest run of characters that at least half of several
/// titles have; else the name that most details of several messages have. As it is written.
fn place(titles: &[&str], details: &[&str]) -> String {
    let several = titles.len() > 2;
    let shared = || if several { often(titles, runs, 2, |run, _| run) } else { None };
    let in_details = || if several { often(details, joined, 2, |_, n| n) } else { None };
    often(titles, joined, 3, |_, n| n).or_else(shared).or_else(in_details).unwrap_or_default().to_owned()
}

/// Of the pieces of texts that at least one in `of` texts has, the first by how long it is and how many have it.
fn often<'t, K: Ord>(
    texts: &[&'t str],
    pieces: impl Fn(&[char]) -> Vec<(usize, usize)>,
    of: usize,
    first: impl Fn(usize, usize) -> K,
) -> Option<&'t str> {
    let mut have: BTreeMap<String, (usize, &str)> = BTreeMap::new();
    for text in texts {
        let (folded, places): (Vec<char>, Vec<usize>) = characters(text).unzip();
        let mut of_text: BTreeMap<String, &str> = BTreeMap::new();
        for (start, end) in pieces(&folded) {
            let written = &text[places[start]..places.get(end).copied().unwrap_or(text.len())];
            of_text.entry(folded[start..end].iter().collect()).or_insert(written.trim_end());
        }
        of_text.into_iter().for_each(|(folded, written)| have.entry(folded).or_insert((0, written)).0 += 1);
    }
    let enough = have.into_iter().filter(|(_, (n, _))| n * of >= texts.len());
    let best = enough.max_by_key(|(run, (n, _))| (first(run.chars().count(), *n), *n, run.chars().count()));
    best.map(|(_, (_, written))| written)
}

/// Names that stand side by side are one: a road and the houses at it.
fn joined(text: &[char]) -> Vec<(usize, usize)> {
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for name in names::find(text) {
        match joined.last_mut() {
            Some((_, end)) if *end == name.start => *end = name.end,
            _ => joined.push((name.start, name.end)),
        }
    }
    joined
}

/// Runs of three to twelve letters.
fn runs(text: &[char]) -> Vec<(usize, usize)> {
    let all = (0..text.len()).flat_map(|start| (start + 3..=text.len().min(start + 12)).map(move |end| (start, end)));
    all.filter(|(start, end)| text[*start..*end].iter().all(|c| c.is_alphanumeric())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted<'a>(user: &'a str, title: &'a str, detail: &'a str, at: i64, likes: u64) -> Posted<'a> {
        Posted { user, title, detail, at, likes, dislikes: 0 }
    }

    /// Different people, different words, one place and one problem; the same problem elsewhere; another problem there; and a message that
    /// thousands like.
    const MESSAGES: [(&str, &str, &str, u64); 14] = [
        ("a", "翠竹园小区楼下烧烤店油烟太大", "翠竹园小区楼下的烧烤店每天晚上油烟直排，家里不敢开窗，噪音到凌晨", 3),
        ("b", "投诉翠竹园烧烤店油烟扰民", "翠竹园一楼烧烤店没有装油烟净化器，油烟熏得老人孩子睡不着", 0),
        ("c", "翠竹园底层烧烤油烟何时有人管", "我住翠竹园二楼，楼下烧烤店的油烟和噪音严重扰民，凌晨还在营业", 1),
        ("d", "翠竹园小区油烟污染严重", "翠竹园小区底商烧烤店油烟直排，开窗全是烟味，请环保部门查处", 0),
        ("a", "再次反映翠竹园烧烤店油烟问题", "翠竹园烧烤店油烟问题反映多次没有解决，油烟还是直排", 0),
        ("e", "碧水湾小区楼下烧烤店油烟太大", "碧水湾小区楼下的烧烤店每天晚上油烟直排，家里不敢开窗，噪音到凌晨", 0),
        ("f", "翠竹园小区电梯三天两头坏", "翠竹园五栋电梯经常困人，物业说没有维修资金", 0),
        ("g", "翠竹园门口公交站牌看不清", "站牌字迹掉光了，希望更换", 0),
        ("h", "咨询灵活就业社保怎么交", "请问灵活就业人员养老保险在哪里交", 0),
        ("i", "咨询新生儿医保办理", "孩子刚出生，医保怎么办理，要带什么材料", 0),
        ("j", "城西大道路灯不亮", "城西大道中段路灯坏了半个月", 0),
        ("k", "希望延长图书馆开放时间", "市图书馆晚上六点就关门，希望延长到九点", 2500),
        ("l", "工资拖欠三个月", "工地干完活工资拖欠三个月不给", 0),
        ("m", "自来水有异味", "这几天自来水有很重的漂白粉味", 0),
    ];

    /// Ordinary messages beside them: each place has two problems, and each problem two places.
    fn ordinary() -> Vec<(String, String)> {
        const PLACES: [&str; 20] = [
            "春风里小区",
            "东湖花园",
            "南苑小区",
            "北辰家园",
            "西山大道",
            "中兴路",
            "文昌街",
            "解放路",
            "和平小学",
            "第三中学",
            "红旗村",
            "向阳村",
            "金桥广场",
            "城北菜市场",
            "人民医院",
            "滨江公园",
            "长途汽车站旁的银杏小区",
            "凤凰大桥",
            "工业园",
            "大学城",
        ];
        const PROBLEMS: [(&str, &str); 20] = [
            ("停水", "早上起来没有水，自来水公司电话打不通"),
            ("停电", "晚上经常跳闸，供电所没有通知"),
            ("路面破损", "坑洼积水，骑车摔倒过几次"),
            ("违法停车", "消防通道被占，救护车进不来"),
            ("垃圾没人清", "垃圾桶满出来，臭气难闻"),
            ("违章搭建", "邻居在楼顶搭棚子，影响采光"),
            ("燃气没有开通", "交了开户费，说管道没有接好"),
            ("拖欠工资", "干了三个月只发了生活费"),
            ("广场舞太吵", "音响开到晚上十点，老人休息不好"),
            ("井盖缺失", "行人差点掉下去，拿树枝插着"),
            ("树枝挡住路灯", "晚上漆黑一片，女孩子不敢走"),
            ("摊贩占道", "人行道走不了，只能走机动车道"),
            ("公交等太久", "一个小时才来一班，司机还甩站"),
            ("学位不够", "户口和房产都在这里，说名额满了"),
            ("排队时间太长", "窗口只开一个，等了两个小时"),
            ("养殖场臭味", "猪粪直接排到沟里，苍蝇多"),
            ("狗没有拴绳", "大型犬追小孩，主人不管"),
            ("网络信号差", "打电话断断续续，室内没有信号"),
            ("收费不透明", "停车费涨价没有公示"),
            ("墙面渗水", "一下雨就漏，维修基金申请不下来"),
        ];
        let of = |n: usize, shift: usize| {
            let (what, more) = PROBLEMS[(n + shift) % PROBLEMS.len()];
            (format!("{}{what}", PLACES[n]), format!("{}{more}，希望解决", PLACES[n]))
        };
        [0, 7].into_iter().flat_map(|shift| (0..PLACES.len()).map(move |n| of(n, shift))).collect()
    }

    #[test]
    fn one_place_and_one_problem_are_a_matter_and_nothing_else() {
        let ordinary = ordinary();
        let mut all: Vec<_> = (0..).zip(MESSAGES).map(|(at, (u, t, d, likes))| posted(u, t, d, at, likes)).collect();
        all.extend(ordinary.iter().map(|(title, detail)| posted(title, title, detail, 100, 0)));
        let issues = hot(&all);
        assert_eq!((issues[0].messages.as_slice(), issues[0].persons, issues[0].likes), (&[11][..], 1, 2500));
        assert_eq!(issues[0].heat, 51.0);
        assert_eq!(issues[1].messages, [0, 1, 2, 3, 4], "five messages of four people");
        assert_eq!((issues[1].persons, issues[1].place.as_str(), issues[1].heat), (4, "翠竹园", 6.0));
        assert!(issues[1].problem.contains("油烟"), "{}", issues[1].problem);
        for other in [5, 6, 7] {
            assert!(issues.iter().any(|i| i.messages == [other]), "{other} is of another place or another problem");
        }
        assert!(issues[2..].iter().all(|i| i.messages.len() < 4), "what is ordinary is no issue: {issues:?}");
        assert_eq!(issues.iter().map(|i| i.messages.len()).sum::<usize>(), all.len(), "no message is lost");
    }

    #[test]
    fn what_is_not_looked_at_does_not_matter() {
        let long = "路灯不亮 ".repeat(200);
        let detail = looked_at(&long);
        assert_eq!((detail.chars().count(), said("", detail)), (DETAIL_MOST, said("", &long)));
        for short in ["", " 路灯\n不亮", &long[..detail.len()]] {
            assert_eq!(looked_at(short), short);
        }
        let wide = "㎡".repeat(DETAIL_MOST);
        assert_eq!((looked_at(&wide).chars().count(), said("", looked_at(&wide))), (DETAIL_MOST / 2, said("", &wide)));
    }

    #[test]
    fn nothing_has_no_issue() {
        assert_eq!(hot(&[]), []);
        let empty = hot(&[posted("a", "", "", 0, 0), posted("b", " ", "，", 1, 0)]);
        assert_eq!(empty.len(), 2, "messages without a word are not alike");
    }
}
