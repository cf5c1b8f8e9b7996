//! A workbook with damage: in its bytes, or in the text of one of its parts, behind checksums that are right.

use std::io::{Cursor, Read, Write};

use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::damage::Dice;

/// Numbers that positions, counts and dates should not be.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "99",
    "16385",
    "1048577",
    "4294967295",
    "99999999999",
    "18446744073709551616",
    "1e308",
    "NaN",
    "",
];

/// Pieces of a sheet that mean something.
const PIECES: &[&str] = &[
    "<c r=\"XFD1048576\"><v>1</v></c>",
    "<c r=\"A1\" t=\"s\"><v>99999</v></c>",
    "<c r=\"ZZZZZZZ1\"><v>1</v></c>",
    "<c r=\"B2\" t=\"e\"><v>#N/A</v></c>",
    "<c r=\"C3\" t=\"d\"><v>2026-13-40T99:00:00</v></c>",
    "<c r=\"D4\" t=\"b\"><v>2</v></c>",
    "<c r=\"B3\" s=\"1\"><v>-1e300</v></c>",
    "<c r=\"B4\" s=\"1\"><v>2958466.5</v></c>",
    "<row r=\"99999999\">",
    "</row>",
    "&#0;",
    "&lt;",
    "&nosuch;",
    "<![CDATA[",
    "<!--",
    "\u{0}",
    "\u{202e}",
    "<dimension ref=\"A1:XFD1048576\"/>",
    "<workbookPr date1904=\"1\"/>",
];

/// calamine's own panics are caught where workbooks are read; here there would be thousands of them to look at.
pub fn quiet() {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.location().is_some_and(|at| at.file().contains("/calamine-")) {
            loud(panic);
        }
    }));
}

pub fn damaged(dice: &mut Dice, whole: &[u8]) -> Vec<u8> {
    if dice.below(4) == 0 {
        return bytes(dice, whole.to_vec());
    }
    let mut parts = parts(whole);
    for _ in 0..=dice.below(3) {
        let at = dice.below(parts.len());
        if dice.below(20) == 0 {
            parts.remove(at);
        } else {
            let text = String::from_utf8_lossy(&parts[at].1).into_owned();
            parts[at].1 = marked(dice, &text).into_bytes();
        }
        if parts.is_empty() {
            break;
        }
    }
    zipped(&parts)
}

/// One piece of one part put in place of another.
pub fn changed(whole: &[u8], part: &str, piece: &str, by: &str) -> Vec<u8> {
    let mut parts = parts(whole);
    let (_, bytes) = parts.iter_mut().find(|(name, _)| name.ends_with(part)).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(piece), "{text}");
    *bytes = text.replace(piece, by).into_bytes();
    zipped(&parts)
}

/// Bytes changed, put in, left out; the end cut off.
pub fn bytes(dice: &mut Dice, mut whole: Vec<u8>) -> Vec<u8> {
    for _ in 0..=dice.below(8) {
        if whole.is_empty() {
            break;
        }
        let at = dice.below(whole.len());
        match dice.below(5) {
            0 => whole[at] = dice.next() as u8,
            1 => whole[at] ^= 1 << dice.below(8),
            2 => whole.insert(at, dice.next() as u8),
            3 => drop(whole.remove(at)),
            _ if dice.below(4) == 0 => whole.truncate(at),
            _ => whole[at] = [0, 0xff, 0x7f, 0x80][dice.below(4)],
        }
    }
    whole
}

fn parts(whole: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(whole)).unwrap();
    let count = zip.len();
    let part = |i| {
        let mut file = zip.by_index(i).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().to_owned(), bytes)
    };
    (0..count).map(part).collect()
}

fn zipped(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A text of tags, a few of them gone, doubled, moved, or with other numbers and pieces in them.
fn marked(dice: &mut Dice, text: &str) -> String {
    let mut tags: Vec<String> = text.split_inclusive('>').map(str::to_owned).collect();
    for _ in 0..=dice.below(4) {
        if tags.is_empty() {
            break;
        }
        let at = dice.below(tags.len());
        match dice.below(6) {
            0 => drop(tags.remove(at)),
            1 => tags.insert(at, tags[at].clone()),
            2 => {
                let other = dice.below(tags.len());
                tags.swap(at, other);
            }
            3 => tags.insert(at, (*dice.pick(PIECES)).to_owned()),
            _ => tags[at] = renumbered(dice, &tags[at]),
        }
    }
    tags.concat()
}

/// One run of digits is another number.
fn renumbered(dice: &mut Dice, tag: &str) -> String {
    let starts: Vec<usize> = tag
        .char_indices()
        .filter(|(i, c)| c.is_ascii_digit() && !tag[..*i].ends_with(|c: char| c.is_ascii_digit()))
        .map(|(i, _)| i)
        .collect();
    if starts.is_empty() {
        return tag.to_owned();
    }
    let from = *dice.pick(&starts);
    let to = tag[from..].find(|c: char| !c.is_ascii_digit()).map_or(tag.len(), |n| from + n);
    format!("{}{}{}", &tag[..from], dice.pick(NUMBERS), &tag[to..])
}
