//! `jiesu rulebook` and the help of the rest.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use jiesu_domain::{
    Rulebook,
    rulebook::source::{citations, order},
};

use crate::run::{self, Ran};

fn jiesu(args: &[&str]) -> Ran {
    run::ran(&mut run::jiesu(args))
}

fn law(folder: &str, name: &str) -> String {
    root().join(folder).join(name).to_str().unwrap().to_owned()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn check(files: &[&str]) -> Ran {
    jiesu(&[&["rulebook", "check"], files].concat())
}

#[test]
fn everything_shipped_is_sound() {
    let mut files: Vec<String> = Vec::new();
    for folder in ["rulebooks", "calendars"] {
        let names = fs::read_dir(root().join(folder)).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
        files.extend(names.map(|n| law(folder, &n)));
    }
    let ran = check(&files.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    for word in
        ["办法 shangrao 第1版《", "条规则（其中时限", "条理解（其中默认值", "派单目录 shangrao", "单位名录 shangrao"]
    {
        assert!(ran.out.contains(word), "{word}\n{}", ran.out);
    }
    assert!(ran.out.contains("国务院办公厅关于2026年部分节假日安排的通知，放假"), "{}", ran.out);
    assert!(ran.out.ends_with(&format!("{}个文件，全部无误\n", files.len())), "{}", ran.out);
}

#[test]
fn all_errors_of_a_rulebook_have_lines() {
    let dir = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(law("rulebooks", "shangrao.toml")).unwrap();
    let broken =
        text.replace("over    = [\"handle\"]\n", "").replace("id        = \"shangrao\"", "id        = \"Shangrao\"");
    let file = dir.path().join("broken.toml");
    fs::write(&file, &broken).unwrap();
    let ran = check(&[file.to_str().unwrap(), &law("rulebooks", "shangrao.toml")]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("处有误"), "{}", ran.out);
    assert!(ran.out.contains("broken.toml 第5行："), "{}", ran.out);
    let line = broken.lines().position(|l| l.contains("\"handle-emergency\"")).unwrap();
    assert!(
        (line..=line + 1).any(|n| ran.out.contains(&format!("broken.toml 第{n}行：规则“handle”与“handle-emergency”"))),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("✓ ") && ran.out.ends_with("2个文件，1个有误\n"), "{}", ran.out);
}

#[test]
fn a_catalogue_is_held_against_the_units_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let head = "[catalogue]\nrulebook = \"shangrao\"\nversion = 1\n";
    let entry = |lead: &str| format!("[[entry]]\nid = \"CG-1\"\nmatter = \"路灯\"\nlead = \"{lead}\"\n");
    fs::write(path("x-catalogue.toml"), format!("{head}{}", entry("chengguan"))).unwrap();
    assert_eq!(check(&[&path("x-catalogue.toml")]).code, 0, "against the built-in units");

    let units = "[units]\nrulebook = \"shangrao\"\n[unit.zaojia]\nname = \"造价站\"\nkind = \"department\"\n\
                 [unit.juwei]\nname = \"居委会\"\nkind = \"committee\"\nparent = \"nobody\"\n";
    fs::write(path("shangrao-units.toml"), units.replace("parent = \"nobody\"\n", "")).unwrap();
    let ran = check(&[&path("x-catalogue.toml")]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("x-catalogue.toml 第7行：单位名录中没有“chengguan”"), "{}", ran.out);
    fs::write(path("x-catalogue.toml"), format!("{head}{}", entry("zaojia"))).unwrap();
    let ran = check(&[&path("x-catalogue.toml")]);
    assert!(ran.code == 0 && ran.out.contains("已与同目录的单位名录（2个单位）核对"), "{}", ran.out);

    fs::write(path("shangrao-units.toml"), units).unwrap();
    let ran = check(&[&path("shangrao-units.toml")]);
    assert!(ran.code == 1 && ran.out.contains("第9行：单位名录中没有上级单位“nobody”"), "{}", ran.out);
    let ran = check(&[&path("gone.toml")]);
    assert!(ran.code == 1 && ran.out.contains("gone.toml：文件不存在"), "{}", ran.out);
}

#[test]
fn a_rulebook_is_shown_by_article() {
    let ran = jiesu(&["rulebook", "show", "shangrao"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let at = |s: &str| ran.out.find(s).unwrap_or_else(|| panic!("no “{s}” in\n{}", ran.out));
    assert!(at("第十条 ") < at("第十一条（一）"));
    assert!(at("第十三条（三）") < at("第十四条"));
    assert!(at("第十四条") < at("第二十七条（一）"));
    at("咨询2个工作日，求助、建议、意见5个工作日，投诉、举报10个工作日");
    at("15个工作日（同一事项3次及以上且疑难、复杂）；先于规则 handle");
    at("〔默认值，不是条文〕");
    let ran = jiesu(&["rulebook", "show", "nowhere"]);
    assert!(ran.code == 2 && ran.err.contains("没有办法“nowhere”"), "{}", ran.err);
    let ran = jiesu(&["rulebook", "show", "shangrao", "--version", "9"]);
    assert!(ran.code == 2 && ran.err.contains("没有第9版；现有：1"), "{}", ran.err);
}

#[test]
fn help_is_chinese() {
    for args in [
        &["--help"][..],
        &["rulebook", "--help"],
        &["rulebook", "check", "--help"],
        &["rulebook", "show", "--help"],
        &["rulebook", "sheet", "--help"],
        &["rulebook", "diff", "--help"],
        &["bench", "--help"],
    ] {
        let ran = jiesu(args);
        assert!(ran.code == 0 && ran.out.contains("用法："), "{args:?}\n{}{}", ran.out, ran.err);
        for english in ["Usage", "Options:", "Commands:", "Print "] {
            assert!(!ran.out.contains(english), "{args:?} {english}\n{}", ran.out);
        }
    }
    let ran = jiesu(&["rulebook", "chek"]);
    assert!(ran.code == 2 && ran.err.contains("不认识的命令“chek”"), "{}", ran.err);
}

/// Each place of a citation written out: `第九条（一）、（三）` are two items of one article, `第一条至第三条` three articles.
fn places(citation: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for place in citation.split('、') {
        if let Some((first, last)) = place.split_once('至') {
            let number = |article: &str| order(article).unwrap()[0];
            all.extend((number(first)..=number(last)).map(|n| format!("第{}条", numeral(n))));
        } else if place.starts_with('（') {
            let article = all.last().unwrap().split('（').next().unwrap().to_owned();
            all.push(article + place);
        } else {
            all.push(place.to_owned());
        }
    }
    all
}

/// `三十一`; up to 99.
fn numeral(n: u32) -> String {
    let digit = |d: u32| "零一二三四五六七八九".chars().nth(d as usize).unwrap().to_string();
    match (n / 10, n % 10) {
        (0, one) => digit(one),
        (ten, one) => {
            let tens = if ten == 1 { String::new() } else { digit(ten) };
            format!("{tens}十{}", if one == 0 { String::new() } else { digit(one) })
        }
    }
}

/// A text that has just the places a file names, each with its items.
fn text_of(file: &str) -> String {
    type InOrder<T> = BTreeMap<Vec<u32>, T>;
    let (cited, listed) = citations(&toml::from_str(file).unwrap());
    let named = cited.iter().map(|c| &c.article).chain(listed.iter().map(|l| &l.article));
    let mut articles: InOrder<(String, InOrder<String>)> = BTreeMap::new();
    for place in named.flat_map(|a| places(a)) {
        let (article, item) = place.split_at(place.find('（').unwrap_or(place.len()));
        let found = articles.entry(order(article).unwrap()).or_insert((article.to_owned(), BTreeMap::new()));
        if !item.is_empty() {
            found.1.insert(order(&place).unwrap(), item.to_owned());
        }
    }
    let mut text = String::from("某办法\n第一章 总则\n");
    for (article, items) in articles.values() {
        text.push_str(&format!("{article}　条文。\n"));
        items.values().for_each(|item| text.push_str(&format!("{item}款项；\n")));
    }
    text
}

#[test]
fn a_rulebook_is_held_against_its_text() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let file = law("rulebooks", "shangrao.toml");
    let text = text_of(&fs::read_to_string(&file).unwrap());
    let against = |text: &str| {
        fs::write(path("text.txt"), text).unwrap();
        check(&[&file, "--source", &path("text.txt")])
    };
    let ran = against(&text);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.starts_with("✓ ") && ran.out.contains("text.txt 核对：共"), "{}", ran.out);
    assert!(!ran.out.contains("遗漏") && !ran.out.contains("处有误"), "{}", ran.out);

    let other = text.replace("第十六条　条文。\n", "") + "第九十九条　谁也没有看过。\n";
    let ran = against(&other);
    assert_eq!(ran.code, 1);
    let rule = fs::read_to_string(&file).unwrap();
    let line = rule.lines().position(|l| l.contains("= \"第十六条\"")).unwrap() + 1;
    assert!(ran.out.contains(&format!("shangrao.toml 第{line}行：引用的条文“第十六条”不在原文之中")), "{}", ran.out);
    assert!(ran.out.contains("“第九十九条”（谁也没有看过）既没有规则引用，也没有列入 [[not_encoded]]"), "{}", ran.out);
    assert!(ran.out.contains("遗漏1\n"), "{}", ran.out);

    // Faults of the file itself are told with those of its citations.
    fs::write(path("broken.toml"), rule.replace("prefix    = \"SR\"", "prefix    = \"sr\"")).unwrap();
    let ran = check(&[&path("broken.toml"), "--source", &path("text.txt")]);
    assert!(ran.code == 1 && ran.out.contains("prefix 须为") && ran.out.contains("第九十九条"), "{}", ran.out);

    for (wrong, why) in [
        (vec![file.as_str(), file.as_str(), "--source", &path("text.txt")], "只能写一个办法文件"),
        (vec![&law("calendars", "2026.toml"), "--source", &path("text.txt")], "只有办法文件能与原文核对"),
        (vec![file.as_str(), "--source", &path("gone.txt")], "gone.txt：文件不存在"),
    ] {
        let ran = check(&wrong);
        assert!(ran.code == 2 && ran.err.contains(why), "{}{}", ran.out, ran.err);
    }
}

#[test]
fn a_sheet_is_written_where_it_is_wanted() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let file = law("rulebooks", "shangrao.toml");
    let sheet = |to: &str| jiesu(&["rulebook", "sheet", &file, "--out", to]);
    let names = || {
        let mut names: Vec<String> =
            fs::read_dir(dir.path()).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let ran = sheet(&path("one.html"));
    assert_eq!((ran.code, names()), (0, vec!["one.html".to_owned()]), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("已生成 ") && ran.out.contains("条规则"), "{}", ran.out);
    assert!(fs::read_to_string(path("one.html")).unwrap().contains("规则核对表"));
    assert_eq!(sheet(&path("two.docx")).code, 0);
    assert!(fs::read(path("two.docx")).unwrap().starts_with(b"PK"));

    let ran = sheet(dir.path().to_str().unwrap());
    let version = Rulebook::parse(&file, &fs::read_to_string(&file).unwrap()).unwrap().rulebook.version;
    let both = ["docx", "html"].map(|suffix| format!("shangrao-第{version}版-核对表.{suffix}"));
    assert_eq!((ran.code, names()), (0, [&["one.html".to_owned()][..], &both, &["two.docx".to_owned()]].concat()));

    for (to, why) in [("nowhere", "没有这个目录"), ("sheet.pdf", "须以 .html 或 .docx 结尾")] {
        let ran = sheet(&path(to));
        assert!(ran.code == 2 && ran.err.contains(why), "{}{}", ran.out, ran.err);
    }
    fs::write(path("broken.toml"), "[rulebook]\n").unwrap();
    let ran = jiesu(&["rulebook", "sheet", &path("broken.toml"), "--out", &path("three.html")]);
    assert!(ran.code == 1 && ran.out.contains("没有生成核对表") && ran.out.contains("缺少键"), "{}", ran.out);
    assert!(!names().contains(&"three.html".to_owned()), "nothing is left behind");
}
