//! `jiesu due`, as a clerk runs it.

use std::{fs, path::Path};

use crate::run::{self, Ran};

/// In an empty folder: no law but what is built in.
fn jiesu(args: &[&str]) -> Ran {
    run::ran(run::jiesu(args).current_dir(env!("CARGO_TARGET_TMPDIR")))
}

fn due(rest: &[&str]) -> Ran {
    jiesu(&[&["due", "--rulebook", "shangrao"], rest].concat())
}

fn cases(table: &[u8], rest: &[&str]) -> (Ran, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cases.csv");
    fs::write(&file, table).unwrap();
    (jiesu(&[&["due", "--cases", file.to_str().unwrap()], rest].concat()), dir)
}

#[test]
fn the_national_day_is_counted_day_by_day() {
    let ran = due(&["--kind", "complaint", "--from", "2026-09-29T16:30:00+08:00"]); // Tuesday
    assert_eq!(ran.code, 0, "{}", ran.err);
    let has = |s: &str| assert!(ran.out.contains(s), "no “{s}” in\n{}", ran.out);
    has("2026-10-20T00:00:00+08:00");
    has("10月19日24时");
    has("第十四条");
    has("2026-09-29 周二 起始日，不计入");
    has("2026-09-30 周三 第1日");
    has("2026-10-01 周四 国庆节放假，不计");
    has("2026-10-10 周六 第4日（国庆节补班）");
    has("2026-10-11 周日 周末，不计");
    has("2026-10-19 周一 第10日");
    has("from-dispatch");
    has("count-days");
    has("问：工作日怎样计算？");
    has("国庆节放假不计、10月10日补班计入，第10个工作日为10月19日24时");
    has("国务院办公厅关于2026年部分节假日安排的通知");
    assert!(!ran.out.contains("暂定"), "{}", ran.out);
}

#[test]
fn kinds_and_times_are_taken_as_people_write_them() {
    let code = due(&["--kind", "complaint", "--from", "2026-09-29T16:30:00+08:00"]);
    let chinese = due(&["--kind", "投诉", "--from", "2026-09-29 16:30"]);
    assert_eq!(code.out, chinese.out);
}

#[test]
fn other_limits_and_the_third_contact() {
    let ran = due(&["--kind", "help", "--contacts", "3", "--difficult", "--from", "2026-03-09T09:00:00+08:00"]); // Monday
    assert!(ran.out.contains("15个工作日") && ran.out.contains("2026-03-31T00:00:00+08:00"), "{}", ran.out);
    let ran = due(&["--kind", "help", "--contacts", "2", "--difficult", "--from", "2026-03-09T09:00:00+08:00"]);
    assert!(ran.out.contains("时限      办理 5个工作日"), "{}", ran.out);
    let ran = due(&["--kind", "help", "--limit", "签收", "--from", "2026-03-09T09:00:00+08:00"]);
    assert!(ran.out.contains("时限      签收 1个工作日"), "{}", ran.out);
    let ran = due(&["--kind", "help", "--urgent", "--limit", "dispatch", "--from", "2026-03-09T09:00:00+08:00"]);
    assert!(ran.out.contains("2026-03-09T09:05:00+08:00") && ran.out.contains("不按日计算"), "{}", ran.out);
    assert!(ran.out.contains("at-once　〔默认值，不是条文〕"), "{}", ran.out);
}

#[test]
fn a_year_without_a_notice_is_provisional() {
    let ran = due(&["--kind", "complaint", "--from", "2031-12-25T09:00:00+08:00"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("暂定") && ran.out.contains("2032年　尚无通知"), "{}", ran.out);
}

#[test]
fn what_cannot_be_answered_says_why() {
    let ran = due(&["--kind", "criticism", "--from", "2026-09-29 16:30"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("本办法没有规定批评类诉求的办理时限"), "{}", ran.err);
    let ran = jiesu(&["due", "--rulebook", "nowhere", "--kind", "help", "--from", "2026-09-29 16:30"]);
    assert!(
        ran.code == 1 && ran.err.contains("没有办法“nowhere”；现有：") && ran.err.contains("shangrao"),
        "{}",
        ran.err
    );
    let ran = due(&["--kind", "help", "--from", "昨天"]);
    assert!(ran.code == 2 && ran.err.contains("“昨天”不是时刻"), "{}", ran.err);
    let ran = due(&["--kind", "fun", "--from", "2026-09-29 16:30"]);
    assert!(ran.code == 2 && ran.err.contains("诉求类别“fun”不认识"), "{}", ran.err);
    let ran = due(&["--kind", "help", "--from", "2099-12-31 16:30"]);
    assert!(ran.code == 1 && ran.err.contains("超出日历范围"), "{}", ran.err);
}

#[test]
fn a_table_is_answered_row_by_row() {
    let table = "编号,from,urgent,kind,rulebook,备注\n\
                 1,2026-09-29T16:30:00+08:00,false,complaint,shangrao,\"甲,乙\"\n\
                 2,2026-09-29 16:30,,咨询,shangrao,\n\
                 3,2026/9/29 16:30,是,求助,shangrao,x\n";
    let (ran, _dir) = cases(table.as_bytes(), &[]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "编号,from,urgent,kind,rulebook,备注,due,basis");
    assert!(
        lines[1]
            .starts_with("1,2026-09-29T16:30:00+08:00,false,complaint,shangrao,\"甲,乙\",2026-10-20T00:00:00+08:00,")
    );
    assert!(lines[1].contains("第十四条;readings=from-dispatch,") && lines[1].contains("count-days"), "{}", lines[1]);
    assert!(lines[2].contains(",2026-10-09T00:00:00+08:00,"), "{}", lines[2]);
    assert_eq!(lines.len(), 4);
}

#[test]
fn bad_rows_are_told_and_the_others_done() {
    let mut table = "\u{feff}rulebook,kind,urgent,from\r\n\
                     shangrao,complaint,false,2026-09-29T16:30:00+08:00\r\n\
                     shangrao,complaint,maybe,2026-09-29T16:30:00+08:00\r\n\
                     shangrao,fun,false,2026-09-29T16:30:00+08:00\r\n\
                     nowhere,help,false,2026-09-29T16:30:00+08:00\r\n\
                     shangrao,help,false,soon\r\n\
                     shangrao,help\r\n\
                     shangrao,help,false,2026-09-29 16:30,extra\r\n\
                     ,,,\r\n"
        .as_bytes()
        .to_vec();
    table.extend(b"shangrao,\xcd\xb6\xcb\xdf,false,2026-09-29 16:30\r\n");
    table.extend(b"shangrao,help,1,2031-09-29 16:30\r\n");
    let (ran, _dir) = cases(&table, &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("共 10 行，其中 8 行算不出"), "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "rulebook,kind,urgent,from,due,basis");
    assert!(lines[1].contains(",2026-10-20T00:00:00+08:00,"));
    for (line, why) in [
        (2, "urgent 应为"),
        (3, "诉求类别“fun”不认识"),
        (4, "没有办法“nowhere”"),
        (5, "“soon”不是时刻"),
        (6, "本行有2列，表头有4列"),
        (7, "本行有5列，表头有4列"),
        (8, "rulebook 为空"),
        (9, "不是 UTF-8 编码"),
    ] {
        assert!(lines[line].contains(",,") && lines[line].contains(why), "{line}: {}", lines[line]);
    }
    assert!(lines[6].starts_with("shangrao,help,,,,"), "{}", lines[6]);
    assert!(lines[10].ends_with(";provisional\"") || lines[10].ends_with(";provisional"), "{}", lines[10]);
}

#[test]
fn the_result_can_go_to_a_file_even_the_same() {
    let table = "\u{feff}rulebook,kind,urgent,from\nshangrao,help,,2026-09-29 16:30\n";
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("表.csv");
    fs::write(&file, table).unwrap();
    let path = file.to_str().unwrap();
    let ran = jiesu(&["due", "--cases", path, "--out", path]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.err);
    assert!(ran.err.contains("共 1 行，已写入"), "{}", ran.err);
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.starts_with("\u{feff}rulebook,kind,urgent,from,due,basis\n"), "{written}");
    assert!(written.contains("2026-10-13T00:00:00+08:00"), "{written}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left");
}

#[test]
fn a_table_that_is_none_is_refused_whole() {
    let (ran, _dir) = cases(b"rulebook,kind,when\nshangrao,help,2026-09-29 16:30\n", &[]);
    assert!(ran.code == 2 && ran.out.is_empty() && ran.err.contains("表头缺少“from”列"), "{}", ran.err);
    let (ran, _dir) = cases(b"", &[]);
    assert!(ran.code == 2 && ran.err.contains("文件是空的"), "{}", ran.err);
    let (ran, _dir) = cases(b"rulebook,kind,kind,from\n", &[]);
    assert!(ran.code == 2 && ran.err.contains("两个“kind”列"), "{}", ran.err);
    let ran = jiesu(&["due", "--cases", "not-there.csv"]);
    assert!(ran.code == 2 && ran.err.contains("not-there.csv：文件不存在"), "{}", ran.err);
}

#[test]
fn own_law_in_the_data_folder_goes_before() {
    let dir = tempfile::tempdir().unwrap();
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebooks/shangrao.toml");
    let own = fs::read_to_string(built_in)
        .unwrap()
        .replace("complaint = \"10 working days\"", "complaint = \"3 working days\"");
    fs::create_dir_all(dir.path().join("rulebooks")).unwrap();
    fs::write(dir.path().join("rulebooks/shangrao.toml"), own).unwrap();
    let data = dir.path().to_str().unwrap();
    let ran = due(&["--data", data, "--kind", "投诉", "--from", "2026-03-09 09:00"]);
    assert!(ran.out.contains("2026-03-13T00:00:00+08:00"), "{}{}", ran.out, ran.err);
    fs::write(dir.path().join("rulebooks/bad.toml"), "[rulebook]\nid = 3\n").unwrap();
    let ran = due(&["--data", data, "--kind", "投诉", "--from", "2026-03-09 09:00"]);
    assert!(ran.code == 2 && ran.err.contains("bad.toml 第2行："), "{}", ran.err);
}

#[test]
fn help_is_chinese() {
    let ran = jiesu(&["due", "--help"]);
    assert_eq!(ran.code, 0);
    for word in ["用法：", "选项", "计算办理时限", "--cases", "〔默认 handle〕", "退出码"] {
        assert!(ran.out.contains(word), "{word}\n{}", ran.out);
    }
    assert!(!ran.out.contains("Options") && !ran.out.contains("Usage"), "{}", ran.out);
}
