//! Journal entries are short and say nearly the same words: pressed against a dictionary of such words they take less than half, which pays
//! for what sealing adds. Pressed first, as nothing sealed can be pressed.
//!
//! The dictionary is part of the format: what was pressed against it is lost with it. A better one gets a new number, the old one stays.

use lz4_flex::block::{compress_with_dict, decompress_with_dict};

/// The first byte of everything: which dictionary.
const FIRST: u8 = 1;
const DICTIONARY: &[u8] = include_bytes!("words-1.txt");

/// Longest text that is taken: nothing of ours is near it.
const MOST: usize = 64 << 20;

pub(super) fn press(plain: &[u8]) -> Vec<u8> {
    let mut out = vec![FIRST];
    let mut length = plain.len();
    // LEB128.
    loop {
        let low = (length & 0x7f) as u8;
        length >>= 7;
        out.push(if length == 0 { low } else { low | 0x80 });
        if length == 0 {
            break;
        }
    }
    out.extend(compress_with_dict(plain, DICTIONARY));
    out
}

pub(super) fn unpress(pressed: &[u8]) -> Option<Vec<u8>> {
    let (&number, mut rest) = pressed.split_first()?;
    if number != FIRST {
        return None;
    }
    let mut length = 0_usize;
    for place in 0..4 {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        length |= usize::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            break;
        }
    }
    let plain = decompress_with_dict(rest, length.min(MOST), DICTIONARY).ok()?;
    (plain.len() == length).then_some(plain)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sm3::{Digest, Sm3};

    use super::*;
    use crate::chain::hex;

    #[test]
    fn goes_back() {
        let same = "a".repeat(100_000);
        for text in ["", "a", "{\"event\":\"clock-met\",\"clock\":1,\"at\":\"2026-09-02T01:42:00Z\"}", &same] {
            assert_eq!(unpress(&press(text.as_bytes())).unwrap(), text.as_bytes());
        }
        assert_eq!(unpress(&[]), None);
        assert_eq!(unpress(&[9, 0]), None);
        assert_eq!(unpress(&[FIRST, 0xff, 0xff, 0xff, 0xff]), None);
    }

    #[test]
    fn an_ordinary_entry_takes_less_than_half() {
        let entry = "{\"event\":\"clock-started\",\"id\":2,\"kind\":\"sign\",\"unit\":\"zhujian\",\"from\":\"2026-09-02T01:42:00Z\",\
            \"amount\":\"1 working day\",\"due\":\"2026-09-03T16:00:00Z\",\"provisional\":false}";
        assert!(press(entry.as_bytes()).len() * 2 < entry.len());
    }

    /// Whoever changes the dictionary cannot read what stands there.
    #[test]
    fn the_dictionary_is_the_one_that_journals_were_pressed_against() {
        assert_eq!(hex(&Sm3::digest(DICTIONARY)), include_str!("words-1.sm3").trim());
    }
}
