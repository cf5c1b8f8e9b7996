//! What appeals are about: some sixty matters of a city's life, each with its words, so that searching, listing and counting meet texts
//! as different as real ones. All of it is invented.

mod names;

use std::sync::OnceLock;

use jiesu_domain::{Instant, Kind, calendar::Day, rulebook::parse_toml, ticket::Ticket};
use serde::Deserialize;

use crate::{city::City, rng::Rng};

pub use names::{community, person, phone, street};

/// Something people appeal about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    /// Stands at the end of the title, and is of this matter only.
    pub subject: String,
    pub kinds: Vec<Kind>,
    pub category: String,
    /// Words in the names of units whose business it is.
    pub units: Vec<String>,
    /// It happens somewhere.
    #[serde(default = "yes")]
    pub at_a_place: bool,
    /// May be an emergency.
    #[serde(default)]
    pub urgent: bool,
    pub details: Vec<String>,
    /// What came of it, or what is answered.
    pub results: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    matter: Vec<Matter>,
}

fn yes() -> bool {
    true
}

/// All matters, read once from `matters.toml`, which is part of the program.
pub fn all() -> &'static [Matter] {
    static ALL: OnceLock<Vec<Matter>> = OnceLock::new();
    ALL.get_or_init(|| {
        let text = include_str!("../../matters.toml");
        parse_toml::<File>("matters.toml", text).unwrap_or_else(|e| panic!("{e}")).matter
    })
}

impl Matter {
    /// Whether it is a unit's business, going by the unit's name.
    pub fn is_of(&self, unit: &str) -> bool {
        self.units.iter().any(|word| unit.contains(word.as_str()))
    }
}

/// An appeal in words.
#[derive(Debug)]
pub struct Told {
    pub title: String,
    pub content: String,
    pub place: Option<String>,
    pub category: Option<String>,
    pub urgent: bool,
}

const SINCE: [&str; 10] = [
    "已经持续三天",
    "从上周开始",
    "近一个月来",
    "自入夏以来",
    "昨天晚上开始",
    "这种情况已有半年",
    "今早发现",
    "前天起",
    "国庆节后就这样",
    "一直没有好转",
];
const BEFORE: [&str; 8] = [
    "曾向物业反映，没有结果",
    "已打过两次电话",
    "多次与对方沟通无效",
    "此前没有反映过",
    "邻居们也都有意见",
    "社区说不归他们管",
    "上次反映后好了几天又反复",
    "没有人出面处理",
];
const WISH: [&str; 8] = [
    "希望尽快处理",
    "请有关部门到现场核实",
    "希望给一个明确的答复",
    "请尽快解决并回电",
    "希望依法查处",
    "希望协调解决",
    "请告知处理进度",
    "希望加强管理，避免再发生",
];

/// An appeal of this kind.
pub fn told(kind: Kind, city: &City, now: Instant, rng: &mut Rng) -> Told {
    let fitting: Vec<&Matter> = all().iter().filter(|m| m.kinds.contains(&kind)).collect();
    let Some(matter) = (!fitting.is_empty()).then(|| *rng.pick(&fitting)) else { return recorded(kind, rng) };
    told_of(matter, city, now, rng)
}

/// An appeal, and as what and to whom it goes.
#[derive(Debug)]
pub struct Sorted {
    pub kind: Kind,
    /// A unit whose business it is.
    pub unit: Option<String>,
    pub told: Told,
}

/// Appeals about every matter in turn.
pub fn sorted(city: &City, now: Instant, appeals: usize, seed: u64) -> impl Iterator<Item = Sorted> {
    let mut rng = Rng::new(seed);
    (0..appeals).map(move |n| {
        let no = n % all().len();
        let matter = &all()[no];
        let kind = *rng.pick(&matter.kinds);
        let told = told_of(matter, city, now, &mut rng);
        Sorted { kind, unit: city.whose(no).first().cloned(), told }
    })
}

fn told_of(matter: &Matter, city: &City, now: Instant, rng: &mut Rng) -> Told {
    let area = if city.places.is_empty() { String::new() } else { rng.pick(&city.places).clone() };
    let spot = if rng.odds(6_500) {
        format!("{}{}栋", community(rng), 1 + rng.below(38))
    } else {
        format!("{}{}号", street(rng), 1 + rng.below(390))
    };
    let detail = rng.pick(&matter.details);
    let (since, before, wish) = (rng.pick(&SINCE), rng.pick(&BEFORE), rng.pick(&WISH));
    let content = if matter.at_a_place {
        format!("诉求人反映：{area}{spot}{detail}，{since}。{before}，{wish}。")
    } else {
        let day = Day::of(now).date();
        format!("诉求人{}月{}日来电：{detail}。本人住{area}{spot}，{wish}。", day.month(), day.day())
    };
    let title = if matter.at_a_place { format!("{spot}{}", matter.subject) } else { matter.subject.clone() };
    Told {
        title,
        content,
        place: (matter.at_a_place || rng.odds(3_000)).then(|| area + &spot),
        category: rng.odds(9_000).then(|| matter.category.clone()),
        urgent: matter.urgent,
    }
}

/// What is only written down.
fn recorded(kind: Kind, rng: &mut Rng) -> Told {
    let content = match kind {
        Kind::Thanks => {
            *rng.pick(&["感谢热线帮助，问题已经解决。", "感谢承办单位处理及时，特来电致谢。", "感谢话务员耐心解答。"])
        }
        Kind::Withdrawal => "诉求人来电称此前反映的问题已自行解决，要求撤诉。",
        Kind::Harassment => "来电人反复拨打，言语辱骂，无具体诉求。",
        Kind::Invalid => *rng.pick(&["来电无人说话。", "打错电话。", "通话中断，回拨无人接听。"]),
        _ => "来电反映情况，详见录音。",
    };
    let title = format!("{}：{}", kind.zh(), &content[..content.find(['，', '。']).unwrap_or(content.len())]);
    Told { title, content: content.to_owned(), place: None, category: None, urgent: false }
}

/// The matter of a ticket, by its title.
pub fn of(ticket: &Ticket) -> Option<usize> {
    all().iter().position(|m| ticket.title.ends_with(m.subject.as_str()))
}

/// What came of a ticket, or what is answered to it.
pub fn result(ticket: &Ticket, rng: &mut Rng) -> &'static str {
    of(ticket).map_or("已按规定办理", |i| rng.pick(&all()[i].results).as_str())
}
