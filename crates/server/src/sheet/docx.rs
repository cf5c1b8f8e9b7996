//! The sheet as a Word document: A4 landscape, the same tables as the page, headings that repeat on every page.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, Docx, Footer, PageMargin, PageNum, PageOrientationType, Paragraph, Run, RunFonts, Shading, Table,
    TableCell, TableLayoutType, TableRow, VAlignType, WidthType,
};

use super::{Parameter, Reading, Row, Sheet};

/// Twentieths of a point; A4 landscape with margins of 12 mm.
const PAGE: (u32, u32) = (16_838, 11_906);
const MARGIN: i32 = 680;
const WIDTH: usize = 15_478;
/// Half points.
const TEXT: usize = 18;
const SMALL: usize = 15;

/// The document could not be packed.
#[derive(Debug, thiserror::Error)]
#[error("Word 文件打包失败（{0}）")]
pub struct DocxError(String);

/// The whole file.
///
/// # Errors
/// Packing into memory fails.
pub fn docx(sheet: &Sheet) -> Result<Vec<u8>, DocxError> {
    let mut document = front(sheet)
        .add_paragraph(heading("一、规则"))
        .add_table(rules(&sheet.rules))
        .add_paragraph(heading("二、未编入的条文"));
    document = if sheet.not_encoded.is_empty() {
        document.add_paragraph(plain("没有列出。"))
    } else {
        let rows = sheet.not_encoded.iter().map(|n| vec![vec![plain(&n.article)], vec![plain(&n.reason)]]);
        document.add_table(table(&["条", "理由"], &[22, 78], rows))
    };
    let note = "期间届满之时即为逾期：“最后的按期时刻”按期，其后一秒逾期。退单窗口届满后按退单规则处理，归档时限届满即归档，均不算逾期。";
    let mut built = document
        .add_paragraph(heading("附：各时限的边界"))
        .add_paragraph(Paragraph::new().add_run(quiet(note)))
        .add_table(boundaries(sheet))
        .add_paragraph(plain(""))
        .add_paragraph(plain("核对人：____________　日期：____________　意见：______________________________"))
        .build();
    built.document = repeat_headings(built.document)?;
    let mut out = Cursor::new(Vec::new());
    built.pack(&mut out).map_err(|e| DocxError(e.to_string()))?;
    Ok(out.into_inner())
}

/// The library knows no repeated heading rows; only they are kept in one piece, which marks them.
fn repeat_headings(document: Vec<u8>) -> Result<Vec<u8>, DocxError> {
    let xml = String::from_utf8(document).map_err(|e| DocxError(e.to_string()))?;
    Ok(xml.replace("<w:cantSplit />", "<w:cantSplit /><w:tblHeader />").into_bytes())
}

fn front(sheet: &Sheet) -> Docx {
    let margin =
        PageMargin { top: MARGIN, left: MARGIN, bottom: MARGIN, right: MARGIN, header: 300, footer: 300, gutter: 0 };
    let page_number = Paragraph::new().align(AlignmentType::Center).size(SMALL).add_page_num(PageNum::new());
    let mut document = Docx::new()
        .page_size(PAGE.0, PAGE.1)
        .page_orient(PageOrientationType::Landscape)
        .page_margin(margin)
        .default_fonts(RunFonts::new().ascii("Times New Roman").hi_ansi("Times New Roman").east_asia("宋体"))
        .default_size(TEXT)
        // The document is the file's, whenever it is printed: nothing in it depends on the day.
        .created_at(&sheet.confirmed)
        .updated_at(&sheet.confirmed)
        .footer(Footer::new().add_paragraph(page_number))
        .add_paragraph(centred(run("规则核对表").bold().size(36)))
        .add_paragraph(centred(run(&sheet.title).size(24)));
    for line in sheet.head.chunks(3) {
        let mut paragraph = Paragraph::new();
        for Parameter { label, value } in line {
            paragraph = paragraph.add_run(quiet(&format!("{label}："))).add_run(run(&format!("{value}　　")));
        }
        document = document.add_paragraph(paragraph);
    }
    let note = format!(
        "请对照原文逐行核对：左起第一栏为条文，“参数”是系统实际执行的内容，“算例”由系统按同一程序算出，起算时刻为{}。\
         “我们的理解”是条文没有写明之处，热线中心可以更改；标明默认值的不是条文。",
        sheet.starts.join("、")
    );
    document.add_paragraph(Paragraph::new().add_run(quiet(&note)))
}

fn rules(rows: &[Row]) -> Table {
    let cells = rows.iter().map(|r| {
        let mut name = vec![plain(&r.rule)];
        if !r.id.is_empty() {
            name.push(Paragraph::new().add_run(quiet(&r.id)));
        }
        vec![
            vec![plain(&r.article)],
            name,
            r.parameters.iter().map(|p| labelled(&p.label, &p.value)).collect(),
            r.examples.iter().map(|e| plain(e)).collect(),
            r.readings.iter().flat_map(reading).collect(),
        ]
    });
    table(&["条", "规则", "参数", "算例", "我们的理解"], &[9, 12, 26, 29, 24], cells)
}

fn reading(reading: &Reading) -> [Paragraph; 2] {
    let like = reading.like.as_ref().map_or_else(String::new, |l| format!("（参照{l}）"));
    let mut answer = labelled("答", &format!("{}{like}", reading.answer));
    if reading.default {
        answer = answer.add_run(run("〔默认值，非条文〕").bold().size(SMALL).color("8A3B00"));
    }
    [labelled("问", &reading.question), answer]
}

fn boundaries(sheet: &Sheet) -> Table {
    let rows = sheet.boundaries.iter().map(|b| {
        let name = plain(&b.limit).add_run(quiet(&format!("　{}", b.id)));
        let mut cells = vec![vec![name]];
        cells.extend([&b.amount, &b.from, &b.last_in_time, &b.first_late].map(|s| vec![plain(s)]));
        cells
    });
    table(&["时限", "期限", "起算", "最后的按期时刻", "最初的逾期时刻"], &[24, 22, 18, 18, 18], rows)
}

/// A table with a heading row; widths in percent of the page.
fn table(heads: &[&str], percent: &[usize], rows: impl Iterator<Item = Vec<Vec<Paragraph>>>) -> Table {
    let widths: Vec<usize> = percent.iter().map(|p| WIDTH * p / 100).collect();
    let cell = |width: usize, paragraphs: Vec<Paragraph>| {
        let cell = TableCell::new().width(width, WidthType::Dxa).vertical_align(VAlignType::Top);
        // Word refuses a cell without a paragraph.
        let paragraphs = if paragraphs.is_empty() { vec![plain("")] } else { paragraphs };
        paragraphs.into_iter().fold(cell, TableCell::add_paragraph)
    };
    let head = heads.iter().zip(&widths).map(|(head, width)| {
        let text = Paragraph::new().add_run(run(head).bold().fonts(RunFonts::new().east_asia("黑体")));
        cell(*width, vec![text]).shading(Shading::new().fill("EEF1F5"))
    });
    let mut all = vec![TableRow::new(head.collect()).cant_split()];
    all.extend(rows.map(|cells| TableRow::new(cells.into_iter().zip(&widths).map(|(c, w)| cell(*w, c)).collect())));
    Table::new(all).set_grid(widths.clone()).layout(TableLayoutType::Fixed).width(widths.iter().sum(), WidthType::Dxa)
}

fn heading(text: &str) -> Paragraph {
    let text = run(text).bold().size(24).fonts(RunFonts::new().east_asia("黑体"));
    Paragraph::new()
        .keep_next(true)
        .outline_lvl(0)
        .line_spacing(docx_rs::LineSpacing::new().before(300).after(100))
        .add_run(text)
}

fn centred(run: Run) -> Paragraph {
    Paragraph::new().align(AlignmentType::Center).add_run(run)
}

fn plain(text: &str) -> Paragraph {
    Paragraph::new().add_run(run(text))
}

fn labelled(label: &str, value: &str) -> Paragraph {
    Paragraph::new().add_run(quiet(&format!("{label}："))).add_run(run(value))
}

fn quiet(text: &str) -> Run {
    run(text).size(SMALL + 1).color("5A5A5A")
}

/// XML knows no control characters, and a file may hold any.
fn run(text: &str) -> Run {
    Run::new().add_text(text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>())
}
