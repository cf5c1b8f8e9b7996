//! What a person sees of a ticket: names beside codes, instants in words, grounds in sentences, and nothing they may not see.

mod apart;
mod clocks;
mod entries;
mod files;
mod found;
pub mod knowledge;
mod line;
mod parts;
mod ticket;
mod timeline;
mod viewer;

pub use clocks::{ClockView, DayView, ReadingView};
pub use entries::{ConductView, ExclusionView, LedgerView};
pub use files::{FileRules, FileView, KnownFile, PurposeChoice};
pub use found::{FoundView, Piece, Span, found};
pub use line::{DueView, TicketLine, Tone, line, unit_name};
pub use parts::{AppealView, ClosedView, DeskView, MaskedAppellant, TransferView, WorkView, may_know};
pub use ticket::{MessageView, Rows, TicketView, ticket_view};
pub(crate) use timeline::ground_name;
pub use timeline::{Moment, timeline};
pub use viewer::{Viewer, telling};

/// `王**`: the first character and two stars, whatever the length.
pub fn mask_name(name: &str) -> String {
    name.chars().next().map_or_else(String::new, |c| format!("{c}**"))
}

/// `139****1234`: a number with its middle hidden; a short one entirely.
pub fn mask_phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().collect();
    if digits.len() < 7 {
        return "****".into();
    }
    let (head, tail): (String, String) = (digits[..3].iter().collect(), digits[digits.len() - 4..].iter().collect());
    format!("{head}****{tail}")
}

/// What is left of an address: its first six characters.
pub fn mask_address(address: &str) -> String {
    let head: String = address.chars().take(6).collect();
    format!("{head}…")
}

/// `z***@example.com`: the first character of a mailbox, and whose post office it is.
pub fn mask_email(email: &str) -> String {
    let (name, host) = email.split_once('@').unwrap_or((email, ""));
    let first: String = name.chars().take(1).collect();
    if host.is_empty() { format!("{first}***") } else { format!("{first}***@{host}") }
}

/// The first and the last character of an identity number, and stars for the others.
pub fn mask_id_number(number: &str) -> String {
    let chars: Vec<char> = number.chars().collect();
    match chars.as_slice() {
        [first, between @ .., last] if !between.is_empty() => format!("{first}{}{last}", "*".repeat(between.len())),
        short => "*".repeat(short.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_hide_the_middle() {
        assert_eq!(mask_name("欧阳修"), "欧**");
        assert_eq!(mask_name(""), "");
        assert_eq!(mask_phone("13900001234"), "139****1234");
        assert_eq!(mask_phone("8123456"), "812****3456");
        assert_eq!(mask_phone("12345"), "****");
        assert_eq!(mask_address("信州区万寿街南段12号"), "信州区万寿街…");
        assert_eq!(mask_email("zhang.san@example.com"), "z***@example.com");
        assert_eq!(mask_email("no-at-sign"), "n***");
        assert_eq!(mask_id_number("11010519491231002X"), "1****************X");
        assert_eq!((mask_id_number("12").as_str(), mask_id_number("123").as_str()), ("**", "1*3"));
    }
}
