//! The sheet as one HTML file: nothing is fetched, no script runs, and it prints on A4 landscape.

use askama::Template;

use super::Sheet;

const CSS: &str = include_str!("sheet.css");

#[derive(Template)]
#[template(path = "sheet/sheet.html")]
struct Page<'s> {
    sheet: &'s Sheet,
    css: &'static str,
}

/// The whole page.
///
/// # Errors
/// Never for a sheet; kept because a template can fail.
pub fn html(sheet: &Sheet) -> Result<String, askama::Error> {
    Page { sheet, css: CSS }.render()
}
