//! How much of what is personal is found, and how much is found that is not: sentences as people write them to a hotline, every piece marked.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test reads files and fails by panicking")]

use std::path::{Path, PathBuf};

use jiesu_text::personal::{Personal, find, mask};

/// `⟨电话:139…⟩` marks a piece; all else must not be found. Every number is made up.
const MARKED: &str = "
我是⟨姓名:张三⟩，电话⟨电话:13900001234⟩，家里停水三天了。
请联系⟨姓名:李小红⟩女士，手机⟨电话:139 0000 1234⟩或⟨电话:138-0000-0000⟩。
来电人⟨姓名:王伟⟩反映楼上漏水，回电⟨电话:＋８６１３９００００１２３４⟩。
联系电话：⟨电话:0793-8220000⟩，找⟨姓名:陈⟩师傅。
联系电话⟨电话:07938220000⟩转8001。
座机⟨电话:8220000⟩一直打不通。
身份证号⟨证件号:11010519491231002X⟩，社保没有到账。
身份证⟨证件号:440524198001010013⟩登记有误。
工资卡⟨银行卡号:6222 0000 0000 0000 004⟩被冻结。
退款退到⟨银行卡号:4111111111111111⟩。
⟨车牌号:赣E12345⟩堵住消防通道，⟨车牌号:赣AD12345⟩也在那里。
⟨车牌号:京A·8K321⟩每晚停在盲道上。
材料发到⟨邮箱:zhang.san@example.com⟩，谢谢。
邮箱：⟨邮箱:li_4@mail.example.com.cn⟩。
物业的⟨姓名:刘建国⟩先生说没有钱修。
⟨姓名:赵⟩阿姨在菜市场占道经营。
当事人：⟨姓名:周敏⟩，住址不详。
户主⟨姓名:孙志强⟩的低保被停了。
法人⟨姓名:吴海燕⟩，拖欠工资三个月。
举报人⟨姓名:欧阳明⟩要求保密。
我叫⟨姓名:马超⟩，是租户。
请回复⟨电话:15912345678⟩，不要打⟨电话:8613812345678⟩。
孩子的班主任⟨姓名:黄丽⟩老师收了资料费。
⟨姓名:杨⟩先生2026年9月29日16:30来电，要求3个工作日内答复。
工单SR-20260930-000123-7没有答复，编号BJ-20260922-000001-7也没有。
信州区带湖路18号3栋2单元301室每天18:00至22:00停水。
根据国办函〔2025〕66号和第十三条第（九）项办理。
高度重视，马上安排，方便群众，常规检查，平时无人，明显改善，时间不定。
统一社会信用代码91361100MA35XXXX0K，许可证编号JY13611020000001。
金额12345678元，面积1200.50平方米，共20260930份。
12345热线、119、110、96333都打过了。
有关主任和高级工程师已到现场，白天施工，石子路不平。
安全员说应当先断电，成人票30元，单位盖章即可。
G320国道K1234+500处塌方，A区12号楼电梯停运。
版本v1.2.3，网址www.example.com，文件附件1.pdf。
2026-09-29 16:30:00 系统自动记录，流水号202609290000012345。
何时能通水？何人负责？任何人都可以查看。
公交11路、21路，京九铁路，赣州，豫剧团，苏果超市。
";

fn kind(word: &str) -> Personal {
    match word {
        "电话" => Personal::Phone,
        "证件号" => Personal::IdNumber,
        "银行卡号" => Personal::Card,
        "车牌号" => Personal::Plate,
        "邮箱" => Personal::Email,
        "姓名" => Personal::Name,
        other => panic!("{other}"),
    }
}

/// A sentence without its marks, and the pieces that were marked.
fn sentence(line: &str) -> (String, Vec<(Personal, String)>) {
    let (mut text, mut pieces, mut rest) = (String::new(), Vec::new(), line);
    while let Some((before, after)) = rest.split_once('⟨') {
        let (marked, behind) = after.split_once('⟩').unwrap();
        let (word, piece) = marked.split_once(':').unwrap();
        text.push_str(before);
        text.push_str(piece);
        pieces.push((kind(word), piece.to_owned()));
        rest = behind;
    }
    text.push_str(rest);
    (text, pieces)
}

/// What is found of one sentence beside what is there: right, missed, false.
fn compared(line: &str) -> (usize, Vec<String>, Vec<String>) {
    let (text, there) = sentence(line);
    let found: Vec<(Personal, String)> =
        find(&text, &[]).into_iter().map(|f| (f.what, text[f.at].to_owned())).collect();
    let missed = there.iter().filter(|p| !found.contains(p)).map(|p| format!("{p:?} in {text}"));
    let wrong = found.iter().filter(|p| !there.contains(p)).map(|p| format!("{p:?} in {text}"));
    let right = there.iter().filter(|p| found.contains(p)).count();
    (right, missed.collect(), wrong.collect())
}

#[test]
fn of_marked_sentences_everything_is_found_and_nothing_else() {
    let (mut right, mut missed, mut wrong) = (0, Vec::new(), Vec::new());
    for line in MARKED.lines().filter(|l| !l.is_empty()) {
        let (r, m, w) = compared(line);
        right += r;
        missed.extend(m);
        wrong.extend(w);
    }
    println!("{right} right, missed {missed:#?}, false {wrong:#?}");
    assert!(right >= 30 && missed.is_empty() && wrong.is_empty(), "{right}: missed {missed:#?}, false {wrong:#?}");
}

/// Harder ones, which the guess at names gets partly wrong: how often is said here, and must not become more.
const HARD: &str = "
昨天⟨姓名:林强⟩打了⟨姓名:何静⟩，派出所没有立案。
邻居⟨姓名:郑敏⟩家的狗整夜叫。
⟨姓名:许文⟩、⟨姓名:韩雪⟩和⟨姓名:冯军⟩三人合伙骗钱。
房东⟨姓名:曾丽⟩不退押金。
找过⟨姓名:彭刚⟩主任两次。
老板姓⟨姓名:曹⟩，不知道全名。
签名：⟨姓名:沈玉兰⟩
经办人⟨姓名:姚波⟩态度恶劣。
";

#[test]
fn names_without_title_or_cue_are_mostly_missed_and_said_to_be() {
    let (mut right, mut missed, mut wrong) = (0, 0, Vec::new());
    for line in HARD.lines().filter(|l| !l.is_empty()) {
        let (r, m, w) = compared(line);
        (right, missed) = (right + r, missed + m.len());
        wrong.extend(w);
    }
    println!("names alone in a sentence: {right} of {} found", right + missed);
    assert!(wrong.is_empty(), "{wrong:?}");
    // What is known of the ticket helps: the appellant's own name is found wherever it stands.
    let text = "昨天林强打了何静，派出所没有立案。";
    assert_eq!(mask(text, &["林强", "何静"]), "昨天[姓名]打了[姓名]，派出所没有立案。");
    assert_eq!(mask(text, &["林", ""]), text, "a single character is no name");
}

#[test]
fn what_is_masked_says_what_stood_there() {
    let text = "我是张三，电话13900001234，身份证11010519491231002X，车牌赣E12345，邮箱a@b.cn。";
    assert_eq!(mask(text, &[]), "我是[姓名]，电话[电话]，身份证[证件号]，车牌[车牌号]，邮箱[邮箱]。");
    assert_eq!(mask("没有个人信息", &[]), "没有个人信息");
}

/// A number one digit away from a right one is no identity number and no card; every length at its edge.
#[test]
fn check_digits_and_lengths_are_looked_at() {
    let whats = |text: &str| find(text, &[]).into_iter().map(|f| f.what).collect::<Vec<_>>();
    assert_eq!(whats("11010519491231002X"), [Personal::IdNumber]);
    assert_eq!(whats("11010519491231002x"), [Personal::IdNumber]);
    for wrong in ["110105194912310021", "11010519491331002X", "1101051949123100", "11010519491231002X1"] {
        assert!(!whats(wrong).contains(&Personal::IdNumber), "{wrong}");
    }
    assert_eq!(whats("4111111111111111"), [Personal::Card]);
    assert_eq!(whats("4111111111111112"), []);
    assert_eq!(whats("13900001234"), [Personal::Phone]);
    for none in ["1390000123", "139000012345", "12900001234", "A13900001234", "13900001234B"] {
        assert_eq!(whats(none), [], "{none}");
    }
    assert_eq!(whats("赣E1234"), []);
    assert_eq!(whats("赣E123456"), [Personal::Plate], "new energy");
    assert_eq!(whats("赣E1234567"), []);
    assert_eq!(whats("赣E1234警"), [Personal::Plate]);
}

/// Whatever is typed: no panic, pieces on characters and in order, and nothing is left in what was masked.
#[test]
fn any_text_can_be_masked() {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(2);
    let mut seed: u64 = std::env::var("FUZZ_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    println!("FUZZ_SEED={seed}");
    let pieces: Vec<char> =
        "0123456789019１３9－- +X x@.cnaZA·京赣学警张王李高先生女士电话我叫姓名：，的\u{3000}\u{0}é𠀀🙂\n"
            .chars()
            .collect();
    let mut next = |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % most
    };
    let until = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    let mut rounds = 0_u64;
    while std::time::Instant::now() < until {
        let text: String = (0..next(60)).map(|_| pieces[next(pieces.len())]).collect();
        let known = ["张王", "李高生"];
        let found = find(&text, &known);
        let mut last = 0;
        for piece in &found {
            assert!(piece.at.start >= last && piece.at.end > piece.at.start, "{text:?}: {found:?}");
            assert!(text.is_char_boundary(piece.at.start) && text.is_char_boundary(piece.at.end), "{text:?}");
            last = piece.at.end;
        }
        let masked = mask(&text, &known);
        let numbers: Vec<_> = find(&masked, &known).into_iter().filter(|f| f.what != Personal::Name).collect();
        // Two numbers that stood together may leave the rest of one, which then is one of its own; once more and nothing is left.
        let twice = mask(&masked, &known);
        assert!(
            numbers.len() <= found.len() && mask(&twice, &known) == mask(&mask(&twice, &known), &known),
            "{text:?}"
        );
        rounds += 1;
    }
    println!("{rounds} texts");
}

/// Real messages, where they are: what is found of them is printed, as nobody has marked what is there.
#[test]
fn real_texts_do_not_consist_of_personal_data() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("JIESU_DATA_FOLDER").map_or_else(beside, PathBuf::from);
    if !folder.is_dir() {
        println!("skipped: no real data (set JIESU_DATA_FOLDER)");
        return;
    }
    let (mut bytes, mut counts) = (0, std::collections::BTreeMap::<Personal, usize>::new());
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "csv" || e == "jsonl" || e == "txt") && bytes < 20_000_000 {
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                bytes += text.len();
                for found in find(&text, &[]) {
                    *counts.entry(found.what).or_default() += 1;
                }
            }
        }
    }
    println!("{bytes} bytes: {counts:?}");
    let all: usize = counts.values().sum();
    assert!(all * 200 <= bytes, "one in 200 bytes at most: {counts:?}");
}
