//! How long a new message takes beside a long history, and what memory the history takes: messages made up from parts, always the same.
//! `cargo bench -p jiesu-text --bench matters -- 1000000`
#![allow(clippy::disallowed_methods, reason = "a bench measures time")]

use std::time::{Duration, Instant};

use jiesu_text::matter::Index;

const SYLLABLES: [&str; 40] = [
    "金", "桂", "锦", "翠", "碧", "兰", "枫", "桃", "竹", "松", "云", "星", "月", "海", "湖", "山", "泉", "溪", "龙",
    "凤", "华", "盛", "德", "福", "康", "宁", "和", "祥", "瑞", "雅", "文", "昌", "明", "景", "丽", "春", "秋", "阳",
    "晨", "江",
];
const ENDS: [&str; 10] = ["花园", "小区", "家园", "公寓", "新村", "路", "大道", "广场", "小学", "社区"];
const PROBLEMS: [(&str, &str); 24] = [
    ("停水", "自来水停了没有通知"),
    ("停电", "晚上经常跳闸"),
    ("油烟扰民", "楼下饭店油烟直排，开窗就呛"),
    ("噪音扰民", "工地夜里施工到两点"),
    ("违法停车", "消防通道被私家车占满"),
    ("垃圾堆放", "垃圾好几天没有人运走，发臭"),
    ("违章搭建", "楼顶搭了铁皮棚"),
    ("电梯故障", "电梯困人，维保单位不来"),
    ("物业收费", "物业费涨价没有公示"),
    ("房屋漏水", "下雨就渗水，墙皮脱落"),
    ("拖欠工资", "工地做完工钱没有结清"),
    ("学位不足", "就近入学没有名额"),
    ("路面破损", "坑洼很多，电动车摔倒"),
    ("路灯不亮", "晚上漆黑，行人害怕"),
    ("井盖缺失", "井盖没有了，很危险"),
    ("公交太少", "等一班车要四十分钟"),
    ("捆绑销售车位", "不买车位不让签合同"),
    ("延期交房", "合同约定的交房日已经过了半年"),
    ("办证困难", "交房两年没有拿到不动产证"),
    ("预付卡退费", "健身房关门，余额不退"),
    ("广场舞太吵", "音响开到晚上十点"),
    ("流浪狗伤人", "野狗追小孩"),
    ("燃气不通", "开户费交了一年"),
    ("河道污染", "河水发黑，有死鱼"),
];
const MORE: [&str; 12] = [
    "反映多次没有解决",
    "希望有关部门尽快处理",
    "老人和孩子受不了",
    "已经持续一个多月",
    "打过物业电话没有人管",
    "影响居民正常生活",
    "存在很大的安全隐患",
    "请领导重视",
    "业主们意见很大",
    "要求给个说法",
    "白天晚上都是这样",
    "社区说不归他们管",
];

struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % end
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

/// Some 64,000 places; a matter in a thousand is one of a few that very many write about.
fn message(random: &mut Random) -> (String, String) {
    let hot = random.below(10) == 0;
    let seed = if hot { random.below(64) as u64 } else { random.below(16_000_000) as u64 };
    let mut matter = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    matter.below(2);
    let place = format!("{}{}{}", matter.of(&SYLLABLES), matter.of(&SYLLABLES), matter.of(&ENDS));
    let (what, how) = PROBLEMS[matter.below(PROBLEMS.len())];
    let title = match random.below(4) {
        0 => format!("{place}{what}"),
        1 => format!("投诉{place}{what}的问题"),
        2 => format!("{place}{what}何时解决"),
        _ => format!("再次反映{place}{what}"),
    };
    let number = random.below(40) + 1;
    let (one, two, three) = (random.of(&MORE), random.of(&MORE), random.of(&MORE));
    (title, format!("我住在{place}{number}栋，{one}。{place}{how}，{two}，{three}。"))
}

fn main() {
    let messages = std::env::args().filter_map(|a| a.parse().ok()).next().unwrap_or(100_000_u32);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut index = Index::default();
    let begun = Instant::now();
    for person in 0..messages {
        let (title, detail) = message(&mut random);
        index.add(u64::from(person), &title, &detail);
    }
    println!("{messages} messages added in {:.1} s", begun.elapsed().as_secs_f64());
    println!(
        "memory: {} MB of the index{}",
        index.bytes() >> 20,
        resident().map_or(String::new(), |mb| format!(", {mb} MB of the process"))
    );
    let (mut times, mut found) = (Vec::new(), 0);
    for person in 0..2_000 {
        let (title, detail) = message(&mut random);
        let begun = Instant::now();
        found += index.alike(1_000_000_000 + person, &title, &detail).len();
        index.add(1_000_000_000 + person, &title, &detail);
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let ms = |share: f64| times[(times.len() as f64 * share) as usize].as_secs_f64() * 1e3;
    let longest = times.last().map_or(0.0, Duration::as_secs_f64) * 1e3;
    println!("{} new messages, each looked up and added: {} proposals", times.len(), found);
    println!("p50 {:.2} ms, p99 {:.2} ms, longest {longest:.2} ms", ms(0.5), ms(0.99));
}

/// What the process holds now, where /proc tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? >> 10)
}
