//! Settings: what goes over what, what is refused, and that `packaging/jiesu.toml` tells the truth.

use super::*;

fn given(toml: Option<&str>, change: impl FnOnce(&mut Given)) -> Result<Settings, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jiesu.toml");
    let mut given = Given::default();
    if let Some(text) = toml {
        std::fs::write(&path, text).unwrap();
        given.config = Some(path);
    }
    change(&mut given);
    given.settle()
}

#[test]
fn what_is_given_goes_over_the_file_and_the_file_over_the_default() {
    let file = "data = \"/srv/jiesu\"\nlisten = \"127.0.0.1:9000\"\nclock = \"60x\"\n";
    let settings = given(Some(file), |g| g.listen = Some(([127, 0, 0, 1], 7000).into())).unwrap();
    assert_eq!(settings.data, PathBuf::from("/srv/jiesu"));
    assert_eq!(settings.listen.port(), 7000);
    assert_eq!(settings.clock, ClockSetting::Scale(60.0));
}

#[test]
fn attachments_and_limits_have_tables_of_their_own() {
    let settings = given(Some("data = \"/srv/jiesu\"\n"), |_| {}).unwrap();
    assert_eq!(settings.files, PathBuf::from("/srv/jiesu/attachments"));
    assert_eq!((settings.scanner, settings.limits), (None, Limits::default()));
    let file = "[attachments]\nfolder = \"/mnt/files\"\nscan_clamd = \"/run/clamd.ctl\"\n[limits]\nfile = 1000000\n";
    let settings = given(Some(file), |_| {}).unwrap();
    assert_eq!(settings.files, PathBuf::from("/mnt/files"));
    assert_eq!(settings.scanner, Some(Scanner::Clamd("/run/clamd.ctl".into())));
    assert_eq!(settings.limits, Limits { file: 1_000_000, ..Limits::default() });
    for wrong in ["[limits]\nfiel = 1\n", "[limits]\nbody = 1\n", "[attachments]\nscan_command = []\n"] {
        given(Some(wrong), |_| {}).unwrap_err();
    }
}

#[test]
fn a_wrong_file_is_told_with_its_line() {
    let error = given(Some("data = \"x\"\nport = 1\n"), |_| {}).unwrap_err().to_string();
    assert!(error.contains("第2行") && error.contains("port"), "{error}");
    let wrong = [
        ("listen = \"nowhere\"\n", "第1行：listen：“nowhere”不是“地址:端口”；应写作"),
        ("\nmetrics = \"9464\"\n", "第2行：metrics：“9464”不是“地址:端口”；应写作"),
        ("\nlog = \"loud\"", "第2行：log：“loud”不是日志级别；可用：error、warn、info"),
        ("log_format = \"xml\"", "第1行：log_format：“xml”不是日志格式；可用：json、text"),
        ("clock = \"noon\"", "第1行：clock：“noon”不是时钟；应为 real、"),
        ("data = \"x\"\nsms_attempts = 21\n", "第2行：sms_attempts：应为1至20次"),
        ("sms_attempts = \"5\"\n", "第1行：类型不对：得到文本“5”，应为不小于0的整数"),
        ("[limits]\n\nbody = 1\n", "第3行：limits.body：过小，至少为65536"),
        ("[limits]\npage = 101\n", "第2行：limits.page：过大，最多为100"),
        ("[limits]\nfiel = 1\n", "第2行：不认识的键“fiel”；此处可用：“body”、“json_depth”"),
        ("[attachments]\nscan_command = []\n", "第2行：attachments.scan_command：是空的；请写出命令"),
        (
            "\nmetrics = \"10.0.0.1:9464\"\n",
            "第2行：metrics：10.0.0.1:9464 不是本机地址，指标不能不加密地离开本机；请在配置文件写明 tls",
        ),
        ("metrics = \"0.0.0.0:9464\"\n", "或改为 127.0.0.1:9464"),
        ("metrics = \"[::]:9464\"\n", "[::]:9464 不是本机地址"),
        ("traces = \"http://10.0.0.9:4318\"\n", "第1行：traces：“http://10.0.0.9:4318”不在本机"),
        ("traces = \"http://localhost.example.com:4318\"\n", "不在本机"),
        ("[attachments]\nscan_clamd = \"10.0.0.9:3310\"\n", "第2行：attachments.scan_clamd：“10.0.0.9:3310”不在本机"),
    ];
    for (file, message) in wrong {
        let error = given(Some(file), |_| {}).unwrap_err().to_string();
        assert!(error.contains(message) && error.contains("请改正后再启动"), "{error}");
    }
    let error = given(None, |g| g.sms_attempts = Some(0)).unwrap_err().to_string();
    assert!(error.contains("--sms-attempts：应为1至20次"), "{error}");
    let error = given(None, |g| g.metrics = Some(([192, 168, 1, 5], 9464).into())).unwrap_err().to_string();
    assert!(error.contains("--metrics：192.168.1.5:9464 不是本机地址"), "{error}");
    let error = given(None, |g| g.config = Some("/nowhere/jiesu.toml".into())).unwrap_err().to_string();
    assert!(error.contains("/nowhere/jiesu.toml"), "{error}");
}

#[test]
fn what_stays_on_the_machine_or_goes_by_tls_is_taken() {
    for fine in [
        "metrics = \"127.0.0.2:9464\"\n",
        "metrics = \"[::1]:9464\"\n",
        "metrics = \"10.0.0.1:9464\"\ntls = [\"a.crt\", \"a.key\"]\n",
        "traces = \"http://127.0.0.1:4318/\"\n",
        "traces = \"http://localhost:4318\"\n",
        "traces = \"http://[::1]:4318\"\n",
        "[attachments]\nscan_clamd = \"localhost:3310\"\n",
        "[attachments]\nscan_clamd = \"/run/clamav/clamd.ctl\"\n",
    ] {
        given(Some(fine), |_| {}).unwrap_or_else(|error| panic!("{fine}: {error}"));
    }
}

#[test]
fn clocks_as_people_write_them() {
    assert_eq!("real".parse(), Ok(ClockSetting::Real));
    assert_eq!("0.5x".parse(), Ok(ClockSetting::Scale(0.5)));
    let fixed: ClockSetting = "2026-09-29T16:30:00+08:00".parse().unwrap();
    assert_eq!(fixed, ClockSetting::Fixed("2026-09-29T08:30:00Z".parse().unwrap()));
    for wrong in ["", "x", "0x", "-1x", "2000000x", "tomorrow", "2026-09-29"] {
        assert!(wrong.parse::<ClockSetting>().is_err(), "{wrong}");
    }
}

const PACKAGED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../packaging/jiesu.toml"));

/// A setting as the packaged file has it.
struct Shown {
    table: String,
    key: String,
    value: String,
    comment: String,
    active: bool,
}

/// `#key = value` is a setting that is not in force; `# words` is a comment, and belongs to the setting that follows it.
fn shown() -> Vec<Shown> {
    let (mut all, mut table, mut comment) = (Vec::new(), String::new(), String::new());
    for line in PACKAGED.lines() {
        let setting = line.strip_prefix('#').unwrap_or(line);
        if line.is_empty() {
            comment.clear();
        } else if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']').to_owned();
        } else if line.starts_with("# ") || line == "#" {
            comment.push_str(line);
        } else {
            let (key, value) =
                setting.split_once(" = ").unwrap_or_else(|| panic!("neither comment nor setting: {line}"));
            all.push(Shown {
                table: table.clone(),
                key: key.to_owned(),
                value: value.to_owned(),
                comment: comment.clone(),
                active: !line.starts_with('#'),
            });
        }
    }
    all
}

impl Shown {
    /// This setting and no other.
    fn alone(&self, value: &str) -> Result<Settings, ConfigError> {
        let table = if self.table.is_empty() { String::new() } else { format!("[{}]\n", self.table) };
        given(Some(&format!("{table}{} = {value}\n", self.key)), |_| {})
    }

    /// The number behind a word of the comment.
    fn bound(&self, word: &str) -> Option<i64> {
        let digits = self.comment.split(word).nth(1)?;
        digits.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
    }
}

#[test]
fn the_packaged_file_shows_every_setting_and_no_other() {
    let file = serde_json::to_value(File::default()).unwrap();
    let mut known = Vec::new();
    for (key, value) in file.as_object().unwrap() {
        match value.as_object() {
            Some(table) => known.extend(table.keys().map(|inner| format!("{key}.{inner}"))),
            None => known.push(format!(".{key}")),
        }
    }
    let mut written: Vec<String> = shown().iter().map(|s| format!("{}.{}", s.table, s.key)).collect();
    known.sort();
    written.sort();
    assert_eq!(written, known);
}

#[test]
fn the_packaged_file_tells_the_defaults() {
    let default = given(Some(""), |_| {}).unwrap();
    for setting in shown().iter().filter(|s| !s.active) {
        let key = &setting.key;
        let comment = setting.comment.split("默认").nth(1).unwrap_or_else(|| panic!("{key}: no word of its default"));
        let settings = setting.alone(&setting.value).unwrap_or_else(|e| panic!("{key}: {e}"));
        if !comment.starts_with("不写") {
            let value = setting.value.trim_matches('"');
            assert!(comment.trim_start().starts_with(value), "{key}: the comment says another default than the line");
            assert!(settings == default, "{key} = {value} is not the default");
        }
    }
}

#[test]
fn the_packaged_file_tells_what_is_too_little_and_too_much() {
    for setting in shown().iter().filter(|s| s.value.parse::<i64>().is_ok()) {
        let fits = |n: i64| setting.alone(&n.to_string()).is_ok();
        let (least, most) = (setting.bound("至少"), setting.bound("最多"));
        assert!(fits(least.unwrap_or(0)) && fits(most.unwrap_or(4_000_000_000)), "{}", setting.key);
        assert!(!least.is_some_and(|n| fits(n - 1)) && !most.is_some_and(|n| fits(n + 1)), "{}", setting.key);
    }
}

/// What the package sets is what an operator must see: where the data is, and that a place must be named.
#[test]
fn the_packaged_file_sets_the_folder_and_asks_for_the_place() {
    let active: Vec<String> = shown().iter().filter(|s| s.active).map(|s| format!("{} = {}", s.key, s.value)).collect();
    assert_eq!(active, ["place = \"\"", "data = \"/var/lib/jiesu\""]);
    let settings = given(Some(PACKAGED), |_| {}).unwrap();
    assert!(crate::law::Law::load(None).unwrap().unknown(&settings.place).contains("shangrao"));
}
