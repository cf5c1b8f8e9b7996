use jiesu_domain::{
    Amount, Catalogue, Kind,
    catalogue::{Entry, Head, Place},
    rulebook::UnitKind,
    ticket::{UnitInfo, Units},
};
use proptest::prelude::*;
use rust_xlsxwriter::{Formula, Workbook};

use super::*;

fn units() -> Units {
    let unit = |(id, name, kind): (&str, &str, UnitKind)| {
        (id.to_owned(), UnitInfo { name: name.into(), kind, parent: None, active: true })
    };
    Units::from(
        [
            ("chengguan", "城市管理局", UnitKind::Department),
            ("zhujian", "住房和城乡建设局", UnitKind::Department),
            ("dongshi", "东市街道办事处", UnitKind::Town),
            ("liang", "甲、乙联合办公室", UnitKind::Zone),
            // A name that is another one's id.
            ("ming", "dongshi", UnitKind::Zone),
        ]
        .map(unit),
    )
}

fn head() -> Head {
    Head { rulebook: "x".into(), version: 2, in_force: jiff::civil::date(2026, 7, 1), default: false, note: None }
}

fn back(bytes: &[u8], units: &Units) -> Result<Catalogue, Vec<String>> {
    let file = tempfile::NamedTempFile::with_suffix(".xlsx").unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let path = file.path().display().to_string();
    read(file.path(), head(), &Against { units, book: None })
        .map_err(|wrong| wrong.into_iter().map(|w| w.replace(&path, "表.xlsx")).collect())
}

/// A workbook of these rows; the first of each sheet is its head. A cell that begins with `=` is a formula.
fn sheets(sheets: &[(&str, &[&[&str]])]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet().set_name(*name).unwrap();
        for (row, cells) in rows.iter().enumerate() {
            for (at, cell) in cells.iter().enumerate() {
                match cell.strip_prefix('=') {
                    Some(formula) => {
                        sheet.write_formula(row as u32, at as u16, Formula::new(formula).set_result("#N/A")).unwrap()
                    }
                    None => sheet.write_string(row as u32, at as u16, *cell).unwrap(),
                };
            }
        }
    }
    book.save_to_buffer().unwrap()
}

fn wrong(rows: &[&[&str]], places: &[&[&str]]) -> Vec<String> {
    let rows =
        [&[&["编号", "事项", "主办单位", "协办单位", "办理期限", "类别", "不派镇街", "备注"][..]], rows].concat();
    let places = [&[&["编号", "地区", "主办单位", "协办单位"][..]], places].concat();
    back(&sheets(&[("派单目录", &rows), ("分地区", &places)]), &units()).unwrap_err()
}

#[test]
fn every_fault_has_its_row_and_column() {
    let said = wrong(
        &[
            &["CG-1", "路灯", "城管", "zhujian、没有的局", "五日", "求助"],
            &["CG-1", "井盖", "城市管理局", "", "5个工作日", "感谢"],
            &[],
            &["", "绿化", "东市街道办事处", "", "", "", "是"],
            &["CG-4", "广告", "东市街道办事处", "", "", "", "大概"],
            &["CG-5", "摊点", "东市街道办事处", "", "", "", "是"],
            &["CG-6", "停车", "没有的局", "没有的局二"],
        ],
        &[
            &["CG-9", "东市街道办事处", "zhujian"],
            &["CG-6", "东市街道办事处", "没有的三局"],
            &["CG-6", "dongshi", "zhujian"],
            &["CG-6", "", "zhujian"],
            &["CG-6", "老城"],
        ],
    );
    let wanted = [
        "工作表“派单目录”第2行“办理期限”：“五日”不是时限；应写作“5个工作日”“2小时”“20分钟”或“7日”",
        "工作表“派单目录”第3行“编号”：编号“CG-1”与前面的条目相同",
        "工作表“派单目录”第3行“类别”：“感谢”类只作记录，不派单",
        "工作表“派单目录”第3行“办理期限”：另定时限须写明出处：依据写 law（法律依据），默认值写 note（备注）",
        "工作表“派单目录”第5行“编号”：没有填写",
        "工作表“派单目录”第6行“不派镇街”：“大概”看不明白；写“是”，或留空",
        "工作表“派单目录”第7行“主办单位”：本事项不派镇街，主办单位不能是东市街道办事处",
        "工作表“派单目录”第8行“主办单位”：单位名录中没有“没有的局”",
        "工作表“派单目录”第8行“协办单位”：单位名录中没有“没有的局二”",
        "工作表“分地区”第2行“编号”：工作表“派单目录”中没有编号“CG-9”",
        "工作表“分地区”第3行“主办单位”：单位名录中没有“没有的三局”",
        "工作表“分地区”第4行“地区”：编号“CG-6”的这个地区与第3行重复",
        "工作表“分地区”第5行“地区”：没有填写",
        "工作表“分地区”第6行“地区”：地区“老城”没有写明与各处不同的单位",
    ];
    assert_eq!(said, wanted);
}

#[test]
fn a_sheet_that_does_not_fit_is_told() {
    let read = |book: &[(&str, &[&[&str]])]| back(&sheets(book), &units()).unwrap_err().join("\n");
    let row: &[&str] = &["1", "路灯", "chengguan"];
    let error = read(&[("Sheet1", &[&["编号", "事项", "主办单位"], row])]);
    assert_eq!(error, "表.xlsx：没有工作表“派单目录”；文件中的工作表：Sheet1");
    let error = read(&[("派单目录", &[&["编号", "事项", "承办单位"], row])]);
    assert!(error.contains("有不认识的列“承办单位”；可用：编号、事项、类别"), "{error}");
    let error = read(&[("派单目录", &[&["编号", "事项"], &["1", "路灯"]])]);
    assert!(error.contains("缺少列“主办单位”"), "{error}");
    let error = read(&[("派单目录", &[&["编号", "事项", "主办单位", "事项"], row])]);
    assert!(error.contains("有两列“事项”"), "{error}");
    let error = read(&[("派单目录", &[&["编号", "事项", "主办单位"]])]);
    assert!(error.contains("工作表“派单目录”没有事项"), "{error}");
    let error = back(b"not a workbook", &units()).unwrap_err().join("\n");
    assert!(error.contains("不是可读的 .xlsx 文件"), "{error}");
}

/// A formula that fails would otherwise be read as an empty cell, and its law or unit would be lost in silence.
#[test]
fn a_broken_formula_is_not_an_empty_cell() {
    let said = wrong(&[&["CG-1", "路灯", "chengguan", "=VLOOKUP(1,A1:B2,2)"]], &[]);
    assert!(said.len() == 1 && said[0].contains("第2行“协办单位”：公式出错"), "{said:?}");
}

/// As people write it: columns in another order, units by name or id, numbers as numbers, blank rows, other sheets.
#[test]
fn a_table_made_by_hand_is_taken() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("派单目录").unwrap();
    for (at, name) in ["主办单位", "编号", " 事项 ", "协办单位", "协办期限", "突发事件", "法律依据"].iter().enumerate()
    {
        sheet.write_string(2, at as u16, *name).unwrap();
    }
    sheet.write_string(4, 0, "城市管理局 ").unwrap();
    sheet.write_number(4, 1, 101.0).unwrap();
    sheet.write_string(4, 2, "路灯").unwrap();
    sheet.write_string(4, 3, "zhujian，东市街道办事处,").unwrap();
    sheet.write_string(4, 4, "2 working hours").unwrap();
    sheet.write_boolean(4, 5, true).unwrap();
    sheet.write_string(4, 6, "某条例").unwrap();
    book.add_worksheet().set_name("草稿").unwrap();
    let read = back(&book.save_to_buffer().unwrap(), &units()).unwrap();
    let entry = Entry {
        id: "101".into(),
        matter: "路灯".into(),
        kind: None,
        law: Some("某条例".into()),
        lead: "chengguan".into(),
        assists: vec!["zhujian".into(), "dongshi".into()],
        limit: None,
        assist_limit: Some("2 working hours".parse().unwrap()),
        office: None,
        not_to_towns: false,
        emergency: true,
        note: None,
        by_place: Default::default(),
    };
    assert_eq!(read, Catalogue { catalogue: head(), entry: vec![entry] });
}

#[test]
fn a_saved_version_is_never_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let entry = Entry { limit: None, assist_limit: None, ..sample() };
    let catalogue = Catalogue { catalogue: head(), entry: vec![entry] };
    let path = save(dir.path(), &catalogue, "由\n某处写成").unwrap();
    assert!(path.ends_with("rulebooks/x-catalogue-2.toml"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("# 由 某处写成\n"), "{text}");
    assert_eq!(Catalogue::parse("x", &text).unwrap(), catalogue);
    let error = save(dir.path(), &Catalogue { entry: vec![], ..catalogue }, "").unwrap_err();
    assert!(error.contains("已存在，没有覆盖"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
}

/// What would not be read back is not written at all.
#[test]
fn a_faulty_version_is_not_saved() {
    let dir = tempfile::tempdir().unwrap();
    let entry = Entry { matter: String::new(), ..sample() };
    let error = save(dir.path(), &Catalogue { catalogue: head(), entry: vec![entry] }, "").unwrap_err();
    assert!(error.contains("不能读回，没有写入") && error.contains("事项名称为空"), "{error}");
    assert!(!dir.path().join("rulebooks").exists());
}

fn sample() -> Entry {
    Entry {
        id: "CG-1".into(),
        matter: "路灯".into(),
        kind: Some(Kind::Help),
        law: None,
        lead: "chengguan".into(),
        assists: vec![],
        limit: Some(Amount::working_days(3)),
        assist_limit: None,
        office: None,
        not_to_towns: false,
        emergency: false,
        note: Some("默认".into()),
        by_place: [("dongshi".to_owned(), Place { office: Some("所".into()), ..Place::default() })].into(),
    }
}

fn words() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-z=\"'<&、，。\\-镇街_x0-9]{1,12}")
}

fn unit() -> impl Strategy<Value = String> {
    prop::sample::select(units().into_keys().collect::<Vec<_>>())
}

fn assists() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(units().into_keys().collect::<Vec<_>>(), 0..4)
}

fn amount() -> impl Strategy<Value = Option<Amount>> {
    let measures = prop::sample::select(vec!["working days", "working hours", "hours", "minutes", "days"]);
    prop::option::of((1..=9_999_u32, measures).prop_map(|(n, measure)| format!("{n} {measure}").parse().unwrap()))
}

prop_compose! {
    fn place()(lead in prop::option::of(unit()), assists in assists(), office in words()) -> Place {
        // A place that says nothing is a fault.
        let office = office.or_else(|| (lead.is_none() && assists.is_empty()).then(|| "所".into()));
        Place { assists: assists.into_iter().filter(|a| lead.as_ref() != Some(a)).collect(), office, lead }
    }
}

prop_compose! {
    fn entry()(
        (matter, lead, assists) in ("[a-z路灯（）\"]{1,8}", unit(), assists()),
        kind in prop::option::of(prop::sample::select(Kind::ALL.iter().copied().filter(|k| k.dispatchable()).collect::<Vec<_>>())),
        (law, office, note) in (words(), words(), words()),
        (limit, assist_limit) in (amount(), amount()),
        (not_to_towns, emergency) in (any::<bool>(), any::<bool>()),
        by_place in prop::collection::btree_map(prop_oneof![unit(), "[东西南北]{2,3}"], place(), 0..3),
    ) -> Entry {
        let note = note.or_else(|| (limit.or(assist_limit).is_some() && law.is_none()).then(|| "默认".into()));
        let town = |lead: &String| lead == "dongshi";
        let not_to_towns = not_to_towns && !town(&lead) && !by_place.values().any(|p: &Place| p.lead.iter().any(town));
        let by_place = by_place.into_iter().map(|(key, there)| {
            let own = there.lead.is_none();
            let assists = there.assists.into_iter().filter(|a| !own || *a != lead).collect();
            (key, Place { assists, office: Some("所".into()), ..there })
        }).collect();
        let assists = assists.into_iter().filter(|a| *a != lead).collect();
        Entry {
            id: String::new(), matter, kind, law, lead, assists, limit, assist_limit, office, not_to_towns, emergency, note, by_place,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Out as a workbook and in again: every field of every entry is what it was.
    #[test]
    fn every_field_survives_the_workbook(entries in prop::collection::vec(entry(), 1..5)) {
        let number = |(i, e): (usize, Entry)| Entry { id: format!("CG-{i}"), matter: format!("{}{i}", e.matter), ..e };
        let entry = entries.into_iter().enumerate().map(number).collect();
        let whole = Catalogue { catalogue: head(), entry };
        prop_assert_eq!(back(&workbook(&whole, &units()).unwrap(), &units()), Ok(whole));
    }
}
