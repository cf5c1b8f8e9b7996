//! A catalogue that is wrong says where and what; one that is right proposes, tells who handles a matter where, and says what it changes.

use jiesu_domain::{
    Amount, Catalogue, Kind,
    catalogue::{ChangeKind, Entry, Head, Place, changes},
    rulebook::{UnitKind, parse_toml},
    ticket::{UnitInfo, Units},
};
use proptest::prelude::*;

use super::support::*;

const HEAD: &str = "[catalogue]\nrulebook = \"shangrao\"\nversion = 1\n";
const LAMP: &str = "[[entry]]\nid = \"CG-1\"\nmatter = \"路灯\"\nlead = \"chengguan\"\n";

fn read_as(entries: &str) -> Catalogue {
    Catalogue::parse("c.toml", &format!("{HEAD}{entries}")).unwrap()
}

#[track_caller]
fn wrong(entries: &str, says: &str) {
    let errors = Catalogue::parse("c.toml", &format!("{HEAD}{entries}")).expect_err(says).to_string();
    assert!(errors.contains(says), "wanted …{says}…\ngot\n{errors}");
}

fn units() -> Units {
    let unit = |(id, name, kind, active): (&str, &str, UnitKind, bool)| {
        (id.to_owned(), UnitInfo { name: name.into(), kind, parent: None, active })
    };
    Units::from(
        [
            ("chengguan", "城市管理局", UnitKind::Department, true),
            ("zhujian", "住房和城乡建设局", UnitKind::Department, true),
            ("dongshi", "东市街道办事处", UnitKind::Town, true),
            ("xishi", "西市街道办事处", UnitKind::Town, true),
            ("juwei", "某居民委员会", UnitKind::Committee, true),
            ("gone", "已撤销的局", UnitKind::Department, false),
            ("centre", "热线中心", UnitKind::Centre, true),
        ]
        .map(unit),
    )
}

/// What the units and Shangrao's rulebook have against these entries; a town may do without an office.
fn against(entries: &str, town_needs_office: bool) -> Vec<String> {
    let text = format!("{HEAD}{entries}");
    let mut book = shangrao();
    book.dispatch.never_lead = vec![UnitKind::Committee];
    book.dispatch.town_needs_office = town_needs_office;
    let errors = read_as(entries).check("c.toml", &text, &units(), Some(&book));
    errors.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn refused(entries: &str, says: &str) {
    let errors = against(entries, false);
    assert!(errors.len() == 1 && errors[0].contains(says), "wanted …{says}…\ngot {errors:?}");
}

#[test]
fn faults_of_the_file_have_lines() {
    wrong(&format!("{LAMP}{LAMP}"), "c.toml 第9行：编号“CG-1”与前面的条目相同");
    wrong(&format!("{LAMP}{LAMP}"), "c.toml 第10行：事项“路灯”与前面的条目回答同一问题");
    wrong("[[entry]]\nmatter = \"路灯\"\nlead = \"a\"\n", "第4行：缺少键“id”");
    wrong(&LAMP.replace("CG-1", "CG 1"), "第5行：编号“CG 1”须为1至40个字");
    wrong(&LAMP.replace("CG-1", ""), "编号“”须为");
    wrong(&LAMP.replace("CG-1", &"九".repeat(41)), "须为1至40个字");
    wrong(&LAMP.replace("路灯", " "), "第6行：事项名称为空");
    wrong(&format!("{LAMP}limit = \"2 days\"\n"), "第8行：另定时限须写明出处");
    wrong(&format!("{LAMP}assist_limit = \"2 days\"\n"), "第8行：另定时限须写明出处");
    wrong(&format!("{LAMP}limit = \"2 days\"\nlaw = \" \"\n"), "第8行：另定时限须写明出处");
    wrong(&format!("{LAMP}assists = [\"a\", \"a\"]\n"), "第8行：单位“a”列了两次");
    wrong(&format!("{LAMP}assists = [\"chengguan\"]\n"), "第8行：单位“chengguan”列了两次");
    wrong(&format!("{LAMP}kind = \"感谢\"\n"), "“感谢”类只作记录");
    wrong(&format!("{LAMP}until = 3\n"), "第8行：不认识的键“until”");
    wrong(&format!("{LAMP}limit = \"soon\"\n"), "不是时限");
    wrong(&format!("{LAMP}by_place.dongshi = {{}}\n"), "第8行：地区“dongshi”没有写明");
    wrong(&format!("{LAMP}by_place.\" 东市\" = {{ lead = \"a\" }}\n"), "前后有空格");
    wrong(&format!("{LAMP}by_place.a = {{ lead = \"a\", assists = [\"a\"] }}\n"), "单位“a”列了两次");
    let none = Catalogue::parse("c.toml", &HEAD.replace("version = 1", "version = 0")).unwrap_err().to_string();
    assert!(none.contains("第3行：version 从1起"), "{none}");
    assert!(Catalogue::parse("c.toml", &format!("{HEAD}{}", LAMP.replace("CG-1", &"九".repeat(40)))).is_ok());
}

#[test]
fn a_limit_with_its_source_is_taken() {
    for source in ["law = \"某条例\"", "note = \"默认值\""] {
        let entry = &read_as(&format!("{LAMP}limit = \"2 days\"\nassist_limit = \"1 day\"\n{source}\n")).entry[0];
        assert_eq!(entry.limit.zip(entry.assist_limit).map(|(a, b)| (a.n, b.n)), Some((2, 1)));
    }
}

#[test]
fn kinds_keep_entries_apart() {
    let other = LAMP.replace("CG-1", "CG-2");
    let both = format!("{LAMP}kind = \"help\"\n{other}kind = \"投诉\"\n");
    assert_eq!(read_as(&both).entry[1].kind, Some(Kind::Complaint));
    wrong(&format!("{LAMP}kind = \"help\"\n{other}kind = \"help\"\n"), "须用 kind（类别）分开");
    wrong(&format!("{LAMP}{other}kind = \"help\"\n"), "须用 kind（类别）分开");
}

#[test]
fn a_catalogue_without_a_day_was_always_in_force() {
    assert_eq!(read_as(LAMP).catalogue.in_force.to_string(), "2000-01-01");
    for written in ["2026-07-01", "\"2026-07-01\""] {
        let text = format!("{HEAD}in_force = {written}\n{LAMP}");
        assert_eq!(Catalogue::parse("c.toml", &text).unwrap().catalogue.in_force.to_string(), "2026-07-01");
    }
    for written in ["2026-07-01T08:00:00", "\"2026-7-1\"", "2026", "\"2026-02-30\""] {
        let error = Catalogue::parse("c.toml", &format!("{HEAD}in_force = {written}\n{LAMP}")).unwrap_err();
        assert!(error.to_string().contains("第4行") && error.to_string().contains("不是日期"), "{error}");
    }
}

#[test]
fn units_must_exist_and_may_lead() {
    assert_eq!(against(LAMP, true), Vec::<String>::new());
    let led_by = |unit: &str| LAMP.replace("chengguan", unit);
    refused(&led_by("nobody"), "c.toml 第7行：单位名录中没有“nobody”");
    refused(&led_by("gone"), "已撤销的局（gone）已停用");
    refused(&led_by("centre"), "热线中心不是承办单位");
    refused(&led_by("juwei"), "居（村）民委员会不能作为主办单位");
    refused(&format!("{LAMP}assists = [\"nobody\"]\n"), "第8行：单位名录中没有“nobody”");
    assert_eq!(against(&format!("{LAMP}assists = [\"juwei\"]\n"), false), Vec::<String>::new());
    refused(&format!("{LAMP}kind = \"efficacy\"\n"), "本办法不受理“行政效能投诉”类诉求");
    refused(&format!("{LAMP}kind = \"consultation\"\nemergency = true\n"), "突发事件工单不含“咨询”");
    assert_eq!(against(&format!("{LAMP}kind = \"help\"\nemergency = true\n"), false), Vec::<String>::new());
}

#[test]
fn units_by_place_must_exist_too() {
    let at = |there: &str| format!("{LAMP}[entry.by_place]\n{there}\n");
    refused(&at("dongshi = { lead = \"nobody\" }"), "第9行：单位名录中没有“nobody”");
    refused(&at("dongshi = { assists = [\"nobody\"] }"), "第9行：单位名录中没有“nobody”");
    refused(&at("dongshi = { lead = \"juwei\" }"), "不能作为主办单位");
    refused(&at("donghsi = { lead = \"zhujian\" }"), "单位名录中没有“donghsi”；不是单位的，写地名");
    assert_eq!(
        against(&at("\"信江北岸\" = { lead = \"zhujian\" }"), true),
        Vec::<String>::new(),
        "the name of a place"
    );
}

#[test]
fn a_departments_matter_is_not_sent_to_a_town() {
    let lamp = format!("{LAMP}not_to_towns = true\n");
    assert_eq!(against(&lamp, true), Vec::<String>::new());
    refused(&lamp.replace("chengguan", "dongshi"), "第7行：本事项不派镇街，主办单位不能是东市街道办事处");
    refused(&format!("{lamp}by_place.dongshi = {{ lead = \"dongshi\" }}\n"), "第9行：本事项不派镇街");
}

#[test]
fn a_town_that_leads_is_given_its_office() {
    let lamp = LAMP.replace("chengguan", "dongshi");
    assert_eq!(against(&lamp, false), Vec::<String>::new(), "only where the regulation asks for it");
    let errors = against(&lamp, true);
    assert!(errors.len() == 1 && errors[0].contains("第7行：主办单位东市街道办事处是镇街，还应列明"), "{errors:?}");
    assert_eq!(against(&format!("{lamp}office = \"综合行政执法办\"\n"), true), Vec::<String>::new());
    let there =
        |there: &str| against(&format!("{LAMP}office = \"市容科\"\n[entry.by_place]\ndongshi = {there}\n"), true);
    assert_eq!(there("{ lead = \"dongshi\", office = \" \" }").len(), 1, "blanks say nothing");
    assert_eq!(there("{ lead = \"dongshi\" }").len(), 1, "another unit's office does not count");
    assert_eq!(there("{ lead = \"dongshi\", office = \"城管办\" }"), Vec::<String>::new());
}

#[test]
fn who_handles_it_depends_on_the_place() {
    let text = "[[entry]]\nid = \"CG-1\"\nmatter = \"路灯\"\nlead = \"chengguan\"\nassists = [\"dongshi\", \"zhujian\"]\n\
                office = \"市政科\"\n[entry.by_place]\n\
                dongshi = { lead = \"dongshi\", office = \"城管办\" }\n\
                xishi = { lead = \"xishi\" }\n\
                \"信州区\" = { assists = [\"xishi\"] }\n\
                \"信州区沿江\" = { office = \"沿江队\" }\n";
    let catalogue = read_as(text);
    let lamp = catalogue.entry("CG-1").unwrap();
    let everywhere = ("chengguan", vec!["dongshi", "zhujian"], Some("市政科"));
    assert_eq!(lamp.units_at(None), everywhere);
    assert_eq!(lamp.units_at(Some("广丰区")), everywhere);
    assert_eq!(lamp.units_at(Some("dongshi")), ("dongshi", vec!["zhujian"], Some("城管办")), "nobody assists himself");
    let west = ("xishi", vec!["dongshi", "zhujian"], None);
    assert_eq!(lamp.units_at(Some(" xishi ")), west, "the department's office does not go to a town");
    assert_eq!(lamp.units_at(Some("信州区五三大道8号")), ("chengguan", vec!["xishi"], Some("市政科")));
    let longest = ("chengguan", vec!["dongshi", "zhujian"], Some("沿江队"));
    assert_eq!(lamp.units_at(Some("信州区沿江路")), longest, "the longest place holds");
    assert_eq!(lamp.units_at(Some("xishi附近")), everywhere, "an id is not looked for in a text");
    assert!(catalogue.entry("CG-2").is_none());
}

#[test]
fn what_a_citizen_writes_finds_its_matter() {
    let catalogue = shipped();
    let best = |text: &str, kind| catalogue.find(text, kind).first().map(|e| e.matter.as_str());
    assert_eq!(best("公司拖欠我三个月工资", None), Some("拖欠工资"));
    assert_eq!(best("小区门口路灯坏了三天", None), Some("路灯故障"));
    assert_eq!(best("水费比上月多了一倍", None), Some("水费与用水报装"));
    assert_eq!(best("楼下有人摆摊占道经营", Some(Kind::Complaint)), Some("占道经营"));
    let leads = |kind| -> Vec<Option<Kind>> { catalogue.find("拖欠工资", kind).iter().map(|e| e.kind).collect() };
    assert_eq!(leads(Some(Kind::Report)), [Some(Kind::Report)], "the entry for another kind is left out");
    assert_eq!(leads(None), [Some(Kind::Complaint), Some(Kind::Report)]);
    assert_eq!(leads(Some(Kind::Help)), []);
    assert!(catalogue.find("今天天气很好", None).is_empty());
    assert!(catalogue.find("", None).is_empty());
}

/// The entry for just this kind stands before one for all, and a better hit before both.
#[test]
fn the_best_proposal_is_first() {
    let catalogue = read_as(
        "[[entry]]\nid = \"1\"\nmatter = \"水\"\nlead = \"a\"\n\
         [[entry]]\nid = \"2\"\nmatter = \"噪声污染\"\nlead = \"a\"\n\
         [[entry]]\nid = \"3\"\nmatter = \"夜间噪声\"\nkind = \"help\"\nlead = \"a\"\n\
         [[entry]]\nid = \"4\"\nmatter = \"（）\"\nlead = \"a\"\n",
    );
    let found =
        |text: &str| -> Vec<String> { catalogue.find(text, Some(Kind::Help)).iter().map(|e| e.id.clone()).collect() };
    assert_eq!(found("噪声"), ["3", "2"]);
    assert_eq!(found("噪声污染"), ["2"], "what is far behind is noise");
    assert_eq!(found("家里没水"), ["1"]);
}

#[test]
fn changes_are_told_in_chinese() {
    let old = read_as(&format!(
        "{LAMP}limit = \"5 working days\"\nlaw = \"某条例\"\nassists = [\"dongshi\", \"xishi\"]\n\
         by_place.dongshi = {{ lead = \"dongshi\" }}\nby_place.\"老城\" = {{ lead = \"xishi\" }}\n\
         [[entry]]\nid = \"CG-2\"\nmatter = \"井盖\"\nkind = \"help\"\nlead = \"chengguan\"\n\
         [[entry]]\nid = \"CG-3\"\nmatter = \"绿化\"\nlead = \"chengguan\"\nassists = [\"dongshi\", \"xishi\"]\n"
    ));
    let new = read_as(
        "[[entry]]\nid = \"CG-4\"\nmatter = \"牛皮癣\"\nlead = \"chengguan\"\nassists = [\"dongshi\"]\nemergency = true\n\
         [[entry]]\nid = \"CG-3\"\nmatter = \"绿化\"\nlead = \"chengguan\"\nassists = [\"xishi\", \"dongshi\"]\n\
         [[entry]]\nid = \"CG-1\"\nmatter = \"路灯\"\nlead = \"zhujian\"\nlimit = \"3 working days\"\nlaw = \"某条例\"\n\
         assist_limit = \"2 hours\"\nnot_to_towns = true\n\
         by_place.dongshi = { lead = \"xishi\" }\nby_place.\"新城\" = { assists = [\"xishi\"], office = \"所\" }\n",
    );
    let units = units();
    let name = |id: &str| units.get(id).map_or_else(|| id.to_owned(), |u| u.name.clone());
    let told = changes(&old, &new, name);
    let told: Vec<_> = told.iter().map(|c| (c.id.as_str(), c.kind, c.text.as_str())).collect();
    let lamp = "路灯：主办单位由城市管理局改为住房和城乡建设局；取消协办单位（原为东市街道办事处、西市街道办事处）；\
                办理期限由5个工作日改为3个工作日；协办期限定为2小时；改为不派镇街；\
                分地区“东市街道办事处”主办单位由东市街道办事处改为西市街道办事处；\
                新增分地区“新城”协办单位西市街道办事处、建议承办机构所；删除分地区“老城”";
    assert_eq!(
        told,
        [
            ("CG-4", ChangeKind::Added, "新增事项牛皮癣（CG-4）：主办单位城市管理局；协办单位东市街道办事处；突发事件"),
            ("CG-1", ChangeKind::Changed, lamp),
            ("CG-2", ChangeKind::Removed, "删除事项井盖（求助）（CG-2）"),
        ]
    );
    assert_eq!(changes(&new, &new, name), []);
}

#[test]
fn two_units_of_one_name_are_two() {
    let old = read_as(LAMP);
    let new = read_as(&LAMP.replace("chengguan", "zhujian"));
    assert_eq!(changes(&old, &new, |_| "某局".into()).len(), 1);
}

/// The catalogue that ships.
fn shipped() -> Catalogue {
    let path = root().join("rulebooks/shangrao-catalogue.toml");
    Catalogue::parse("shangrao-catalogue.toml", &read(path)).unwrap()
}

#[test]
fn what_ships_fits_its_units() {
    #[derive(serde::Deserialize)]
    struct File {
        unit: Units,
    }
    // The head of the list is the server's business.
    let text = read(root().join("rulebooks/shangrao-units.toml"));
    let file: File = parse_toml("units", &text).unwrap();
    assert_eq!(shipped().faults_against(&file.unit, Some(&shangrao())), []);
}

#[test]
fn limits_are_read_as_people_write_them() {
    let read = |text: &str| Amount::in_words(text).map(|a| a.to_string());
    let days = Ok("5个工作日".to_owned());
    for text in ["5个工作日", "5 个工作日", "５个工作日", "5工作日", "5个工作日内", "5个工作日以内", "5 working days"]
    {
        assert_eq!(read(text), days, "{text}");
    }
    for (text, shown) in [("7日", "7日"), ("7天", "7日"), ("7个自然日", "7日"), ("1 day", "1日")] {
        assert_eq!(read(text), Ok(shown.to_owned()), "{text}");
    }
    assert_eq!(read("9999小时"), Ok("9999小时".to_owned()));
    for text in ["0小时", "10000小时"] {
        assert!(read(text).is_err_and(|e| e.contains("数目须在1至9999之间")), "{text}");
    }
    for text in ["", "5", "五日", "5个月", "小时", "soon", "5 weeks", "-5日", "5日7日", "99999999999日"] {
        assert!(read(text).is_err_and(|e| e.contains("应写作“5个工作日”")), "{text}");
    }
}

fn amount() -> impl Strategy<Value = Option<Amount>> {
    let units = prop::sample::select(vec!["working days", "working hours", "hours", "minutes", "days"]);
    prop::option::of((1..=9_999_u32, units).prop_map(|(n, unit)| format!("{n} {unit}").parse().unwrap()))
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-z\"\\\\ 、。镇街\n]{1,12}")
}

fn place() -> impl Strategy<Value = Place> {
    (text(), prop::collection::vec("[a-z]{1,6}", 0..3), text()).prop_map(|(lead, assists, office)| Place {
        lead,
        assists,
        office,
    })
}

prop_compose! {
    fn entry()(
        (id, matter, lead) in ("[A-Z]{2}-[0-9]{1,4}", "[a-z路灯\"]{1,8}", "[a-z]{1,8}"),
        kind in prop::option::of(prop::sample::select(Kind::ALL)),
        (law, office, note) in (text(), text(), text()),
        assists in prop::collection::vec("[a-z]{1,6}", 0..3),
        (limit, assist_limit) in (amount(), amount()),
        (not_to_towns, emergency) in (any::<bool>(), any::<bool>()),
        by_place in prop::collection::btree_map("[a-z东市. ]{1,5}", place(), 0..3),
    ) -> Entry {
        Entry { id, matter, kind, law, lead, assists, limit, assist_limit, office, not_to_towns, emergency, note, by_place }
    }
}

proptest! {
    #[test]
    fn a_limit_is_read_as_it_is_shown(amount in amount()) {
        if let Some(amount) = amount {
            prop_assert_eq!(Amount::in_words(&amount.to_string()), Ok(amount));
        }
    }

    /// What is written by the program is read as it was: TOML for the data folder, JSON for a journal or an answer.
    #[test]
    fn every_field_survives_writing(
        entry in prop::collection::vec(entry(), 0..4),
        (version, default, note) in (1..9_u32, any::<bool>(), text()),
    ) {
        let in_force = jiff::civil::date(2026, 7, 1);
        let whole = Catalogue { catalogue: Head { rulebook: "x".into(), version, in_force, default, note }, entry };
        let written = toml::to_string(&whole).unwrap();
        prop_assert_eq!(&parse_toml::<Catalogue>("c.toml", &written).unwrap(), &whole, "{}", written);
        let written = serde_json::to_string(&whole).unwrap();
        prop_assert_eq!(serde_json::from_str::<Catalogue>(&written).unwrap(), whole);
    }
}
