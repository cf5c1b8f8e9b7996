//! Names of attached files, and contents that are damaged or made to look like something else.

use std::{
    io::{Cursor, Write},
    time::{Duration, Instant},
};

use jiesu_server::{
    api::files::disposition,
    files::{WrongKind, extension_allowed, kind_of, tidy_name},
};

use super::damage::{Dice, in_chinese};

/// What names are made of: what a file system, a header, a screen or a terminal might take amiss.
const PIECES: &[&str] = &[
    "现场照片",
    "a",
    " ",
    ".",
    "..",
    "/",
    "\\",
    ":",
    "\"",
    "'",
    ";",
    "%",
    "\r\n",
    "\0",
    "\t",
    "<script>",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "\u{2066}",
    "𠮷",
    "👨‍👩‍👧",
    "e\u{301}",
    ".jpg",
    ".JPG",
    ".exe",
    ".tar.gz",
    ".docx",
    "jpg",
    "ＪＰＧ",
    "．jpg",
    "C:\\",
    "~",
    "*",
    "\u{7f}",
    "\u{e000}",
    "长",
];

#[test]
fn names_of_files() {
    let (mut dice, mut run) = Dice::from_env();
    let (mut kept, mut refused) = (0u64, 0u64);
    while run.goes_on() {
        let mut name: String = (0..=dice.below(12)).map(|_| *dice.pick(PIECES)).collect();
        if dice.below(20) == 0 {
            name = name.repeat(50);
        }
        let Some(tidy) = tidy_name(&name) else {
            refused += 1;
            continue;
        };
        kept += 1;
        assert_eq!(tidy_name(&tidy).as_ref(), Some(&tidy), "{name:?}: tidied twice it is another");
        assert!(tidy.chars().count() <= 120, "{name:?}: too long");
        let odd =
            |c: char| c.is_control() || matches!(c, '/' | '\\' | '\u{202e}' | '\u{200b}' | '\u{feff}' | '\u{2066}');
        assert!(!tidy.chars().any(odd) && !tidy.starts_with('.'), "{name:?}: {tidy:?}");
        let said = disposition(Some(&tidy), "7");
        assert!(said.is_ascii() && !said.contains(['\r', '\n']), "{name:?}: {said:?}");
        assert_eq!(said.matches('"').count(), 2, "{name:?}: {said:?}");
        if let Err(wrong) = extension_allowed(&tidy) {
            assert!(in_chinese(&wrong.to_string()), "{wrong}");
        }
    }
    println!("{refused} refused, {kept} kept");
    assert!(refused > 20 && kept > 20, "the pieces are too dull: {refused} refused, {kept} kept");
}

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in entries {
        zip.start_file(*name, stored).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn ole(stream: &str, size: usize) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream(stream).unwrap().write_all(&vec![b'x'; size]).unwrap();
    file.into_inner().into_inner()
}

/// Contents as they should be, small and of some size, with the name they should have.
fn sound() -> Vec<(&'static str, Vec<u8>)> {
    let long = vec![b'x'; 200_000];
    vec![
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0".to_vec()),
        ("a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01".to_vec()),
        ("a.pdf", b"%PDF-1.7\n1 0 obj\n".to_vec()),
        ("a.mp3", b"ID3\x03\0\0\0\0\0\0".to_vec()),
        ("a.mp4", b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2mp41".to_vec()),
        ("a.txt", "说明：路灯一周不亮。\r\n".repeat(40).into_bytes()),
        ("a.docx", archive(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", &long)])),
        ("a.xlsx", archive(&[("xl/workbook.xml", b"<x/>")])),
        ("a.ofd", archive(&[("OFD.xml", b"<x/>")])),
        ("a.odt", archive(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<x/>")])),
        ("a.doc", ole("WordDocument", 10)),
        ("a.xls", ole("Workbook", 200_000)),
    ]
}

/// Numbers that counts and offsets are set to.
const NUMBERS: [u32; 9] = [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0xffff_fffe, 0xffff_fffd, 0xffff_ffff];

/// Hurt in a few places: bytes, numbers, pieces gone, doubled, or from another one.
fn hurt(dice: &mut Dice, sound: &[(&str, Vec<u8>)], content: &mut Vec<u8>) {
    for _ in 0..=dice.below(6) {
        if content.is_empty() {
            return;
        }
        // The tables of a container are at its ends.
        let at = match dice.below(3) {
            0 => dice.below(content.len().min(2048)),
            1 => content.len() - 1 - dice.below(content.len().min(2048)),
            _ => dice.below(content.len()),
        };
        match dice.below(7) {
            0 => content[at] = dice.next() as u8,
            1 => content[at] ^= 1 << dice.below(8),
            2 => content.iter_mut().skip(at).zip(dice.pick(&NUMBERS).to_le_bytes()).for_each(|(b, n)| *b = n),
            3 => content.truncate(at),
            4 => drop(content.drain(at..content.len().min(at + 1 + dice.below(600)))),
            5 => {
                let piece = content[at..content.len().min(at + 1 + dice.below(600))].to_vec();
                let to = dice.below(content.len());
                content.splice(to..to, piece);
            }
            _ => {
                let (_, other) = dice.pick(sound);
                let from = dice.below(other.len());
                let piece = other[from..other.len().min(from + 1 + dice.below(600))].to_vec();
                content.splice(at..at, piece);
            }
        }
    }
}

/// The longest look at one file of less than half a megabyte that is put up with, a thousandfold of what it takes: an endless one is found,
/// a slow machine is not.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn contents_of_files() {
    let (mut dice, mut run) = Dice::from_env();
    let sound = sound();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    for (name, content) in &sound {
        std::fs::write(&path, content).unwrap();
        assert!(kind_of(&path, name).is_ok(), "{name} is taken as it is");
    }
    let (mut taken, mut refused) = (0u64, 0u64);
    while run.goes_on() {
        let (own, mut content) = dice.pick(&sound).clone();
        let name = if dice.below(4) == 0 { dice.pick(&sound).0 } else { own };
        hurt(&mut dice, &sound, &mut content);
        std::fs::write(&path, &content).unwrap();
        let began = Instant::now();
        match kind_of(&path, name) {
            Ok(_) => taken += 1,
            Err(WrongKind::Io(error)) => panic!("{name}: damage is no fault of the disk: {error}"),
            Err(wrong) => {
                refused += 1;
                assert!(in_chinese(&wrong.to_string()), "{wrong}");
            }
        }
        assert!(began.elapsed() < PATIENCE, "{name}: an endless look");
        // Whatever else is in it: what begins as a program or a page is none of ours.
        for start in [&b"MZ\x90\0\x03\0\0\0"[..], b"\x7fELF\x02\x01\x01", b"#!/bin/sh\n", b"<!DOCTYPE html>"] {
            if dice.below(20) == 0 {
                std::fs::write(&path, [start, &content].concat()).unwrap();
                let taken = kind_of(&path, name);
                assert!(taken.is_err(), "{name}: {} was taken: {taken:?}", start.escape_ascii());
            }
        }
    }
    println!("{refused} refused, {taken} taken");
    assert!(refused > 20 && taken > 5, "the damage is too small or too great: {refused} refused, {taken} taken");
}
