//! Draws what `reads` noted of one database after the other: how times, start and memory grow with the number of tickets.

use std::{fmt::Write, fs, path::Path};

use super::{Anything, grouped, reads::Figures};

/// Size of a chart, and the space around it.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 34.0;
const COLUMNS: usize = 2;

/// A chart: its name, and what it shows of a line of the table.
type Chart = (&'static str, fn(&Figures) -> f64);

const CHARTS: [Chart; 5] = [
    ("最慢一种列表 slowest kind of list, p99 (ms)", |f| f.list),
    ("工单页 ticket page, p99 (ms)", |f| f.page),
    ("统计 counts of a dashboard (ms)", |f| f.counts),
    ("启动 start-up (ms)", |f| f.start),
    ("常驻内存 resident memory (MB)", |f| f.memory as f64),
];

const COLOURS: [(&str, &str); 2] = [("SQLite", "#1668dc"), ("PostgreSQL", "#d4380d")];

pub(super) fn draw(csv: &Path, svg: &Path) -> Result<(), Anything> {
    let table = read(&fs::read_to_string(csv)?)?;
    fs::write(svg, drawn(&table))?;
    println!("已画出 {}：{} 行", svg.display(), table.len());
    Ok(())
}

fn read(text: &str) -> Result<Vec<Figures>, Anything> {
    let mut lines = text.lines();
    if lines.next() != Some(Figures::HEAD) {
        return Err(format!("不是 jiesu bench reads 记下的表，第一行应为 {}", Figures::HEAD).into());
    }
    lines.map(|line| figures(line).ok_or_else(|| format!("读不懂这一行：{line}").into())).collect()
}

fn figures(line: &str) -> Option<Figures> {
    let fields: Vec<&str> = line.split(',').collect();
    let [database, tickets, list, page, counts, start, memory] = fields.as_slice() else { return None };
    Some(Figures {
        database: (*database).to_owned(),
        tickets: tickets.parse().ok()?,
        list: list.parse().ok()?,
        page: page.parse().ok()?,
        counts: counts.parse().ok()?,
        start: start.parse().ok()?,
        memory: memory.parse().ok()?,
    })
}

fn drawn(table: &[Figures]) -> String {
    let rows = CHARTS.len().div_ceil(COLUMNS) as f64;
    let (width, height) = (COLUMNS as f64 * (WIDTH + LEFT + 24.0), rows * (HEIGHT + TOP + 44.0) + 30.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
    );
    for (i, (database, colour)) in COLOURS.iter().enumerate() {
        let x = LEFT + i as f64 * 140.0;
        let _ = writeln!(
            svg,
            "<circle cx=\"{x}\" cy=\"16\" r=\"5\" fill=\"{colour}\"/><text x=\"{}\" y=\"20\">{database}</text>",
            x + 10.0
        );
    }
    for (i, chart) in CHARTS.iter().enumerate() {
        let x = (i % COLUMNS) as f64 * (WIDTH + LEFT + 24.0) + LEFT;
        let y = (i / COLUMNS) as f64 * (HEIGHT + TOP + 44.0) + TOP + 26.0;
        self::chart(&mut svg, table, chart, (x, y));
    }
    svg.push_str("</svg>\n");
    svg
}

/// Tickets on a scale of powers of ten, values from nought.
fn chart(svg: &mut String, table: &[Figures], (name, value): &Chart, (x, y): (f64, f64)) {
    let most = table.iter().map(value).fold(1.0, f64::max) * 1.1;
    let decades = |tickets: i64| (tickets.max(1) as f64).log10();
    let first = table.iter().map(|f| decades(f.tickets)).fold(f64::INFINITY, f64::min).floor();
    let last = table.iter().map(|f| decades(f.tickets)).fold(first + 1.0, f64::max).ceil();
    let at = |f: &Figures| {
        let along = (decades(f.tickets) - first) / (last - first);
        (x + along * WIDTH, y + HEIGHT - value(f) / most * HEIGHT)
    };
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{}\" font-weight=\"bold\">{name}</text>", y - 10.0);
    for step in 0..=4 {
        let (line, label) = (y + HEIGHT * (1.0 - f64::from(step) / 4.0), most * f64::from(step) / 4.0);
        let digits = usize::from(most < 20.0);
        let _ = writeln!(
            svg,
            "<path d=\"M{x} {line:.1}h{WIDTH}\" stroke=\"#d9d9d9\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label:.digits$}</text>",
            x - 6.0,
            line + 4.0
        );
    }
    for decade in first as i32..=last as i32 {
        let along = x + (f64::from(decade) - first) / (last - first) * WIDTH;
        let label = grouped(10_f64.powi(decade));
        let _ = writeln!(
            svg,
            "<text x=\"{along:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{label}</text>",
            y + HEIGHT + 18.0
        );
    }
    for (database, colour) in COLOURS {
        let mut points: Vec<&Figures> = table.iter().filter(|f| f.database == database).collect();
        points.sort_by_key(|f| f.tickets);
        let line: Vec<String> = points.iter().map(|f| at(f)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            line.join(" ")
        );
        for (x, y) in points.iter().map(|f| at(f)) {
            let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>");
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_back_and_drawn() {
        let line = |database: &str, tickets| Figures {
            database: database.into(),
            tickets,
            list: 2.5,
            page: 1.25,
            counts: 3.0,
            start: 40.0,
            memory: 60,
        };
        let table = vec![line("SQLite", 10_000), line("SQLite", 1_000_000), line("PostgreSQL", 100_000)];
        let text: Vec<String> = table.iter().map(Figures::line).collect();
        assert_eq!(read(&format!("{}\n{}\n", Figures::HEAD, text.join("\n"))).unwrap(), table);
        assert!(read("a,b\n").is_err());
        let svg = drawn(&table);
        assert_eq!(svg.matches("<polyline").count(), CHARTS.len() * COLOURS.len());
        assert_eq!(svg.matches("r=\"3.5\"").count(), CHARTS.len() * table.len());
        assert!(svg.contains("1,000,000") && !svg.contains("10,000,000"));
    }
}
