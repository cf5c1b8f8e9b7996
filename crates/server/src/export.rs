//! A list that leaves the system: a workbook that says on every sheet and every printed page who took it out, when, and under which number
//! it stands in the audit journal.

use jiesu_domain::{Instant, calendar::Day};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::{
    view::TicketLine,
    workbook::{Sheet, column, harmless},
};

/// Excel takes 255 characters of a header; its own signs need some.
const MARK_MOST: usize = 200;

const TICKETS: Sheet = Sheet {
    name: "工单",
    columns: &[
        column("编号", "number", true, 20.0),
        column("登记时间", "registered", true, 17.0),
        column("类别", "kind", true, 8.0),
        column("渠道", "channel", true, 10.0),
        column("标题", "title", true, 40.0),
        column("状态", "state", true, 14.0),
        column("主办单位", "lead", false, 20.0),
        column("地点", "place", false, 24.0),
        column("紧急", "urgent", false, 6.0),
        column("保密", "confidential", false, 6.0),
        column("超期", "overdue", false, 6.0),
        column("督办", "supervised", false, 6.0),
        column("当前时限", "clock", false, 12.0),
        column("到期时间", "due", false, 17.0),
    ],
};

const PERSONAL: Sheet = Sheet {
    name: "工单",
    columns: &[
        column("诉求人", "name", false, 14.0),
        column("电话", "phone", false, 16.0),
        column("地址", "address", false, 30.0),
    ],
};

/// In the cells of a confidential ticket's appellant, for everybody.
pub const WITHHELD: &str = "（保密）";

/// Who took it out, when and why: the first sheet and every page's edge.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Number of the export: that of its entry in the audit journal.
    pub id: String,
    /// The centre.
    pub place: String,
    pub name: String,
    pub login: String,
    pub role: &'static str,
    pub unit: String,
    pub at: Instant,
    /// Purpose and reason.
    pub reason: String,
    /// What the list was narrowed by, a line each.
    pub filter: Vec<String>,
}

impl Mark {
    /// One line: `上饶市城管局 李四（chengguan） 2026-04-30 09:00 DC000012`.
    fn line(&self) -> String {
        let line = format!("{} {}（{}） {} {}", self.unit, self.name, self.login, moment(self.at), self.id);
        line.chars().take(MARK_MOST).collect()
    }
}

/// Who appeals on a ticket, as far as it may be taken out. Several are joined by `；`.
#[derive(Clone, Default)]
pub struct Appellants {
    pub name: String,
    pub phone: String,
    pub address: String,
}

impl std::fmt::Debug for Appellants {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Appellants(…)")
    }
}

/// The number of an export, of its place in the audit journal.
pub fn export_id(seq: i64) -> String {
    format!("DC{seq:06}")
}

/// A sheet below its mark: heads with their widths in characters, and rows of texts.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub heads: Vec<(&'static str, f64)>,
    pub rows: Vec<Vec<String>>,
}

/// The workbook of tickets. `personal` stands beside `tickets`, row by row, or is left out.
///
/// # Errors
/// A text is longer than a cell can hold, or the time is none that Excel knows.
pub fn workbook(mark: &Mark, tickets: &[TicketLine], personal: Option<&[Appellants]>) -> Result<Vec<u8>, XlsxError> {
    let columns = TICKETS.columns.iter().chain(personal.iter().flat_map(|_| PERSONAL.columns));
    let rows = tickets.iter().enumerate().map(|(row, line)| {
        let of_ticket = TICKETS.columns.iter().map(|c| cell(line, c.key));
        let person = personal.and_then(|all| all.get(row));
        let of_person = PERSONAL.columns.iter().filter_map(|c| person.map(|p| of_person(p, c.key)));
        of_ticket.chain(of_person).collect()
    });
    let table = Table { name: TICKETS.name, heads: columns.map(|c| (c.name, c.width)).collect(), rows: rows.collect() };
    let filter = if mark.filter.is_empty() { "全部可见的工单".to_owned() } else { mark.filter.join("；") };
    let with = if personal.is_some() { "是（保密工单的不含）" } else { "否" };
    let about = [("范围", filter), ("件数", tickets.len().to_string()), ("含诉求人信息", with.to_owned())];
    marked_book(mark, "工单列表", &about, &[table])
}

/// A workbook that says everywhere whose it is. `about` stands on its first sheet.
///
/// # Errors
/// A text is longer than a cell can hold, or the time is none that Excel knows.
pub fn marked_book(
    mark: &Mark,
    title: &str,
    about: &[(&'static str, String)],
    tables: &[Table],
) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let properties = DocProperties::new()
        .set_title(format!("{}12345{title}", mark.place))
        .set_author(format!("{}（{}）", mark.name, mark.login))
        .set_company(mark.unit.clone())
        .set_comment(mark.line())
        .set_creation_datetime(&ExcelDateTime::from_timestamp(mark.at.as_second())?)
        .set_custom_property("导出编号", mark.id.as_str());
    book.set_properties(&properties);
    first(&mut book, mark, about)?;
    let head = Format::new().set_bold().set_background_color("#E8EEF7").set_align(FormatAlign::VerticalCenter);
    let text = Format::new().set_num_format("@").set_text_wrap().set_align(FormatAlign::Top);
    for table in tables {
        let columns = table.heads.len() as u16;
        let sheet = marked(book.add_worksheet(), mark)?.set_name(table.name)?;
        banner(sheet, mark, columns)?;
        for (at, (name, width)) in table.heads.iter().enumerate() {
            let at = at as u16;
            sheet.set_column_width(at, *width)?.set_column_format(at, &text)?;
            sheet.write_string_with_format(1, at, *name, &head)?;
        }
        for (row, cells) in table.rows.iter().enumerate() {
            for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
                sheet.write_string_with_format(row as u32 + 2, at as u16, harmless(cell.clone()), &text)?;
            }
        }
        sheet.set_freeze_panes(2, 1)?.autofilter(1, 0, table.rows.len() as u32 + 1, columns - 1)?;
        sheet.set_landscape().set_repeat_rows(0, 1)?.set_print_fit_to_pages(1, 0);
    }
    book.save_to_buffer()
}

/// The first sheet: what this is, whose, and what may be done with it.
fn first(book: &mut Workbook, mark: &Mark, about: &[(&'static str, String)]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold().set_align(FormatAlign::Top);
    let text = Format::new().set_num_format("@").set_text_wrap().set_align(FormatAlign::Top);
    let sheet = marked(book.add_worksheet(), mark)?.set_name("导出说明")?;
    sheet.set_column_width(0, 14)?.set_column_width(1, 80)?;
    banner(sheet, mark, 2)?;
    let whose = [
        ("导出编号", mark.id.clone()),
        ("导出人", format!("{}（{}），{}", mark.name, mark.login, mark.role)),
        ("单位", mark.unit.clone()),
        ("导出时间", moment(mark.at)),
        ("理由", mark.reason.clone()),
    ];
    let use_of = "仅限写明的用途，由导出人保管；不得转发、公开，用完销毁。每次导出都记入审计日志。";
    let lines = whose.into_iter().chain(about.iter().cloned()).chain([("使用要求", use_of.to_owned())]);
    for (row, (name, said)) in lines.enumerate() {
        sheet.write_string_with_format(row as u32 + 1, 0, name, &bold)?;
        sheet.write_string_with_format(row as u32 + 1, 1, harmless(said), &text)?;
    }
    Ok(())
}

/// The line at the edge of every printed page.
fn marked<'s>(sheet: &'s mut Worksheet, mark: &Mark) -> Result<&'s mut Worksheet, XlsxError> {
    // `&` begins Excel's own signs there.
    let line = mark.line().replace('&', "&&");
    sheet.set_header(format!("&C{line}"));
    sheet.set_footer(format!("&L{line}&R第&P页，共&N页"));
    Ok(sheet)
}

/// The same line above the table, for who looks at it on a screen.
fn banner(sheet: &mut Worksheet, mark: &Mark, columns: u16) -> Result<(), XlsxError> {
    let pale = Format::new().set_font_color("#B42318").set_background_color("#FEF3F2").set_align(FormatAlign::Center);
    sheet.merge_range(0, 0, 0, columns - 1, &harmless(mark.line()), &pale)?;
    Ok(())
}

fn cell(line: &TicketLine, key: &str) -> String {
    let yes = |flag: bool| if flag { "是".to_owned() } else { String::new() };
    match key {
        "number" => line.number.clone(),
        "registered" => moment(line.registered_at),
        "kind" => line.kind_name.to_owned(),
        "channel" => line.channel_name.to_owned(),
        "title" => line.title.clone(),
        "state" => line.state_name.to_owned(),
        "lead" => line.lead_name.clone().unwrap_or_default(),
        "place" => line.place.clone().unwrap_or_default(),
        "urgent" => yes(line.urgent),
        "confidential" => yes(line.confidential),
        "overdue" => yes(line.overdue),
        "supervised" => yes(line.supervised),
        "clock" => line.due.as_ref().map(|due| due.clock_name.to_owned()).unwrap_or_default(),
        _ => line.due.as_ref().map(|due| moment(due.at)).unwrap_or_default(),
    }
}

fn of_person(person: &Appellants, key: &str) -> String {
    match key {
        "name" => person.name.clone(),
        "phone" => person.phone.clone(),
        _ => person.address.clone(),
    }
}

/// `2026-04-30 09:00`, Shanghai time.
pub fn moment(at: Instant) -> String {
    let second = Day::second_of_day(at);
    format!("{} {:02}:{:02}", Day::of(at).date(), second / 3600, second % 3600 / 60)
}
