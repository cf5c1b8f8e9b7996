//! What a search says of a ticket that it found: where the words stand, and the piece of text in which most of them do.

use jiesu_domain::ticket::Ticket;
use jiesu_store::TicketWithBody;
use jiesu_text::search::{Mark, Words};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::said;

/// Characters of a snippet.
const SNIPPET: usize = 60;

/// Where something stands in a text: `from` its first character, `to` the one after its last. Counted in Unicode characters from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Span {
    pub from: usize,
    pub to: usize,
}

/// A piece of a text of the ticket, without numbers that tell who somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Piece {
    /// Which text: `诉求内容`, `答复`.
    pub label: &'static str,
    /// In one line; `…` where the text goes on.
    pub text: String,
    pub marks: Vec<Span>,
}

/// What a search says of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundView {
    /// Where the words stand in the title.
    pub title: Vec<Span>,
    /// Absent where the title alone has the words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub piece: Option<Piece>,
}

fn spans(marks: Vec<Mark>) -> Vec<Span> {
    marks.into_iter().map(|(from, to)| Span { from, to }).collect()
}

/// Looks for the words in what is said in a ticket; `None` if one of them is nowhere. The index gave the ticket by pairs of characters.
pub fn found(words: &Words, ticket: &TicketWithBody) -> Option<FoundView> {
    // Most tickets in which nothing is seen end here: reading a ticket costs more than looking through it.
    if !words.may_stand_in(&ticket.body) {
        return None;
    }
    let ticket: Ticket = serde_json::from_str(&ticket.body).ok()?;
    let said = said(&ticket);
    // Masking takes words away and adds none, and costs most.
    words.find(&said.iter().map(|said| said.text.as_str()).collect::<Vec<_>>())?;
    let texts: Vec<String> = said.iter().map(|said| said.masked()).collect();
    let places = words.find(&texts.iter().map(String::as_str).collect::<Vec<_>>())?;
    // The title is shown as it is; where a number of it is masked here, its positions are others.
    let same = said.first().zip(texts.first()).is_some_and(|(said, masked)| said.text == *masked);
    let title = places.first().filter(|_| same).map(|places| spans(places.marks())).unwrap_or_default();
    let best = (1..texts.len()).rev().max_by_key(|n| places[*n].words()).filter(|n| places[*n].words() > 0);
    let piece = best.and_then(|n| {
        let snippet = places[n].snippet(&texts[n], SNIPPET)?;
        Some(Piece { label: said[n].label, text: snippet.text, marks: spans(snippet.marks) })
    });
    Some(FoundView { title, piece })
}
