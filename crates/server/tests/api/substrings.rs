//! Any substring is found, and nothing else: random texts and queries, held against a reference that knows no index.

use std::collections::BTreeSet;

use jiesu_domain::{
    Actor, Channel, Kind, Role,
    ticket::{Imported, Register},
    words::Contact,
};
use jiesu_server::app::{Appellant, NewTicket};

use super::harness::Centre;

/// Traditional and simplified, full and half width, Latin, digits, emoji, supplementary planes, an accent in two characters, blanks and punctuation.
const PIECES: [&str; 26] = [
    "停", "水", "縣", "县", "門", "门", "不", "热", "Ａ", "a", "B", "c", "1", "２", "9", "😀", "👍", "𠮷", "𠮶", "é",
    "e\u{301}", "，", " ", "。", "-", "#",
];
const TICKETS: usize = 60;

/// The same text as the same characters, a blank for what separates. One character of the result is one piece.
fn plain(pieces: &[&str]) -> String {
    let of = |piece: &&str| {
        match *piece {
            "縣" => "县",
            "門" => "门",
            "Ａ" => "a",
            "B" => "b",
            "２" => "2",
            "e\u{301}" => "é",
            "，" | "。" | "-" | "#" => " ",
            other => other,
        }
        .to_owned()
    };
    pieces.iter().map(of).collect()
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }

    /// Not blank.
    fn text(&mut self, most: usize) -> Vec<&'static str> {
        let length = self.below(most);
        let mut pieces: Vec<&str> = (0..length).map(|_| PIECES[self.below(PIECES.len())]).collect();
        pieces.push(PIECES[self.below(20)]);
        // A blank at the beginning is cut off when a ticket is registered.
        pieces.rotate_right(1);
        pieces
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

#[tokio::test]
async fn any_substring_is_found_and_nothing_else() {
    let c = Centre::at("2026-04-30 09:00").await;
    let importer = Actor { id: "import".into(), role: Role::System, unit: None };
    let mut dice = Dice(2_026);
    let mut all: Vec<(String, [Vec<&str>; 3])> = Vec::new();
    for n in 0..TICKETS {
        let texts = [dice.text(10), dice.text(30), dice.text(20)];
        let [title, content, reply] = texts.clone().map(|pieces| pieces.concat());
        let register = Register {
            kind: Kind::Help,
            urgent: false,
            confidential: false,
            title,
            content,
            place: None,
            category: None,
            channel: Channel::Phone,
            follow_up_by: Contact::Sms,
            earlier: Vec::new(),
        };
        let history = Imported {
            unit: None,
            assigned_at: None,
            deadline: None,
            reply: Some(reply),
            replied_at: None,
            satisfaction: None,
        };
        let new = NewTicket {
            register,
            appellant: Appellant::default(),
            received_at: Some(c.app.clock.now() - jiff::SignedDuration::from_hours(n as i64 * 7)),
            source: Some(("old".into(), n.to_string())),
            history: Some(history),
        };
        all.push((c.app.register(&importer, &new, None).await.unwrap().ticket, texts));
    }
    let (mut found_some, mut found_none) = (0, 0);
    for n in 0..700 {
        let mut query: Vec<&str> = if n % 4 == 0 {
            // Anything, most of which is nowhere.
            (0..1 + dice.below(4)).map(|_| PIECES[dice.below(PIECES.len())]).collect()
        } else {
            let (_, texts) = &all[dice.below(TICKETS)];
            let text = &texts[dice.below(3)];
            let start = dice.below(text.len());
            text[start..text.len().min(start + 1 + dice.below(8))].to_vec()
        };
        if n % 10 == 9 {
            query.extend([" ", PIECES[dice.below(20)]]);
        }
        let plain_query = plain(&query);
        let words: Vec<&str> = plain_query.split_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        let has = |texts: &[Vec<&str>; 3], word: &str| texts.iter().any(|text| plain(text).contains(word));
        let expected: BTreeSet<&str> = all
            .iter()
            .filter(|(_, texts)| words.iter().all(|word| has(texts, word)))
            .map(|(number, _)| number.as_str())
            .collect();
        let sort = ["newest", "best", "urgency"][n % 3];
        let path = format!("/api/v1/tickets?limit=100&sort={sort}&q={}", encoded(&query.concat()));
        let page = c.get("seat", &path).await.ok();
        let items = page["items"].as_array().unwrap();
        let found: BTreeSet<&str> = items.iter().map(|t| t["number"].as_str().unwrap()).collect();
        assert_eq!(found, expected, "{query:?} {sort}");
        assert_eq!(items.len(), found.len(), "once each");
        *(if expected.is_empty() { &mut found_none } else { &mut found_some }) += 1;
    }
    assert!(found_some > 300 && found_none > 30, "{found_some} found something, {found_none} nothing");
}
