//! `jiesu rehearse`: what passes, what differs, what cannot be read.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::run::{self, Ran};

fn rehearse(args: &[&str]) -> Ran {
    run::ran(&mut run::jiesu(&[&["rehearse"], args].concat()))
}

fn last_line(ran: &Ran) -> &str {
    ran.out.lines().last().unwrap_or_default()
}

/// Registered on a Tuesday before the National Day, and dispatched; `handle` is what the scenario expects.
fn scenario(title: &str, handle: &str) -> String {
    format!(
        r#"title    = "{title}"
covers   = ["SR-14"]
rulebook = "shangrao"

[[step]]
at   = "2026-09-29 16:00"
who  = "话务员"
do   = "register"
with = {{ kind = "complaint", title = "夜间施工", content = "工地夜间施工扰民", channel = "phone" }}

[[step]]
at   = "2026-09-29 16:30"
who  = "派单员"
do   = "dispatch"
with = {{ lead = "chengguan" }}
then = {{ due = {{ handle = "{handle}" }}, article = "第十四条" }}
"#
    )
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Folder {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Folder(dir)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }
}

#[test]
fn a_story_that_holds() {
    let folder = Folder::new(&[("a.toml", &scenario("国庆节前派单", "2026-10-19 24:00"))]);
    let ran = rehearse(&[&folder.path("a.toml")]);
    assert_eq!((ran.code, last_line(&ran)), (0, "1 passed, 0 failed"), "{}{}", ran.out, ran.err);
    for word in ["✓ 国庆节前派单", "SR-14", "shangrao 第1版", "2026-09-29 周二 16:30", "派单员", "10月19日24时"]
    {
        assert!(ran.out.contains(word), "{word}\n{}", ran.out);
    }
    assert!(!ran.out.contains('✗'), "{}", ran.out);
}

#[test]
fn what_differs_is_told() {
    let folder = Folder::new(&[
        ("b/2-bad.toml", &scenario("数错了", "2026-10-13 24:00")),
        ("a/1-good.toml", &scenario("数对了", "2026-10-19 24:00")),
        ("a/readme.md", "not a scenario"),
    ]);
    let ran = rehearse(&[&folder.path("")]);
    assert_eq!((ran.code, last_line(&ran)), (1, "1 passed, 1 failed"), "{}", ran.out);
    let (good, bad) = (ran.out.find("✓ 数对了").unwrap(), ran.out.find("✗ 数错了").unwrap());
    assert!(good < bad, "folders are sorted\n{}", ran.out);
    assert!(ran.out.contains("应为") && ran.out.contains("实为"), "{}", ran.out);
    assert!(ran.out.contains("2-bad.toml\n1 passed"), "the failed are listed\n{}", ran.out);

    let quiet = rehearse(&["--quiet", &folder.path("")]);
    assert_eq!((quiet.code, last_line(&quiet)), (1, "1 passed, 1 failed"));
    assert!(!quiet.out.contains("数对了") && quiet.out.contains("数错了"), "{}", quiet.out);
}

#[test]
fn what_cannot_be_read_fails_with_its_line() {
    let good = scenario("好", "2026-10-19 24:00");
    let folder = Folder::new(&[
        ("broken.toml", "title = \"x\"\ncovers = [\n"),
        ("key.toml", &good.replace("who  = \"派单员\"", "whom = \"派单员\"")),
        ("nobook.toml", &good.replace("\"shangrao\"", "\"atlantis\"")),
        ("steps.toml", "title = \"x\"\ncovers = []\nrulebook = \"shangrao\"\nstep = []\n"),
        ("z-good.toml", &good),
    ]);
    let ran = rehearse(&[&folder.path(""), &folder.path("missing.toml")]);
    assert_eq!((ran.code, last_line(&ran)), (1, "1 passed, 5 failed"), "{}", ran.out);
    for word in [
        "broken.toml 第",
        "key.toml 第13行：不认识的键“whom”",
        "nobook.toml 第3行：没有办法“atlantis”；现有：",
        "steps.toml 第4行：场景没有任何一步",
        "missing.toml：文件不存在",
    ] {
        assert!(ran.out.contains(word), "{word}\n{}", ran.out);
    }
}

#[test]
fn nothing_rehearsed_is_no_success() {
    let folder = Folder::new(&[("readme.md", "")]);
    let ran = rehearse(&[&folder.path("")]);
    assert_eq!((ran.code, last_line(&ran)), (1, "0 passed, 1 failed"), "{}", ran.out);
    assert!(ran.out.contains("目录中没有场景文件"), "{}", ran.out);
}

fn shangrao() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebooks/shangrao.toml")
}

#[test]
fn a_planned_rulebook_can_be_tried() {
    let planned = fs::read_to_string(shangrao())
        .unwrap()
        .replace("complaint = \"10 working days\"", "complaint = \"7 working days\"")
        .replace("version   = 1", "version   = 2");
    let folder = Folder::new(&[
        ("planned.toml", &planned),
        ("bad.toml", "[rulebook]\nid = 1\n"),
        ("s/a.toml", &scenario("改为7个工作日", "2026-10-14 24:00")),
    ]);
    let ran = rehearse(&["--rulebook", &folder.path("planned.toml"), &folder.path("s")]);
    assert_eq!((ran.code, last_line(&ran)), (0, "1 passed, 0 failed"), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("shangrao 第2版"), "{}", ran.out);
    assert_eq!(rehearse(&[&folder.path("s")]).code, 1, "the one in force says 10");

    let ran = rehearse(&["--rulebook", &folder.path("bad.toml"), &folder.path("s")]);
    assert!(ran.code == 2 && ran.err.contains("bad.toml 第2行"), "{}", ran.err);
}

#[test]
fn help_is_chinese() {
    let ran = rehearse(&["--help"]);
    assert_eq!(ran.code, 0);
    for word in ["用法：", "场景文件", "--quiet", "--rulebook", "退出码"] {
        assert!(ran.out.contains(word), "{word}\n{}", ran.out);
    }
    let ran = rehearse(&[]);
    assert!(ran.code == 2 && ran.err.contains("缺少参数"), "{}", ran.err);
}
