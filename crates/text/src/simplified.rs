//! Traditional characters as their simplified ones, one by one: for comparing, not for showing. What one traditional character says in two ways
//! (乾 as 干 or 乾) is folded to the more frequent one, for texts and queries alike.

use std::{collections::HashMap, sync::LazyLock};

const PAIRS: &str = include_str!("../data/simplified.txt");

/// The block that nearly all characters are in: looked up by place.
const FIRST: u32 = 0x4e00;
const LAST: u32 = 0x9fff;

struct Table {
    common: Vec<char>,
    rare: HashMap<char, char>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut common: Vec<char> = (FIRST..=LAST).filter_map(char::from_u32).collect();
    let mut rare = HashMap::new();
    let mut chars = PAIRS.lines().filter(|line| !line.starts_with('#')).flat_map(str::chars);
    while let (Some(from), Some(to)) = (chars.next(), chars.next()) {
        match common.get_mut((u32::from(from)).wrapping_sub(FIRST) as usize) {
            Some(place) => *place = to,
            None => drop(rare.insert(from, to)),
        }
    }
    Table { common, rare }
});

/// The simplified character; any other as it is.
pub fn simplified(c: char) -> char {
    if c < '\u{3400}' {
        return c;
    }
    let table = &*TABLE;
    match table.common.get(u32::from(c).wrapping_sub(FIRST) as usize) {
        Some(to) => *to,
        None => table.rare.get(&c).copied().unwrap_or(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_characters_become_simplified_ones_and_stay_so() {
        let of = |text: &str| text.chars().map(simplified).collect::<String>();
        assert_eq!(of("縣城門市場停電，重慶廈門臺灣 𠌥 abc１"), "县城门市场停电，重庆厦门台湾 𠆿 abc１");
        assert_eq!(of("县城门市场停电"), "县城门市场停电");
        let mut pairs = 0;
        let mut chars = PAIRS.lines().filter(|line| !line.starts_with('#')).flat_map(str::chars);
        while let (Some(from), Some(to)) = (chars.next(), chars.next()) {
            assert_eq!((simplified(from), simplified(to)), (to, to), "{from}");
            pairs += 1;
        }
        assert!(pairs > 4_000, "{pairs}");
    }
}
