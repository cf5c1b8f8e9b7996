//! A rating in a short message. Read only what cannot be meant otherwise: the number alone, or the words alone.

use crate::words::Satisfaction;

/// The rating that a message says, or `None` where it must be asked again. Full-width digits, blanks and punctuation around it, and
/// brackets do not matter; a number inside a sentence does not count, because it may be anything.
///
/// `1` 满意, `2` 基本满意, `3` 不满意, as the request says.
pub fn read(text: &str) -> Option<Satisfaction> {
    let bare: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !"，。、；：？！“”‘’（）【】《》〈〉…—,.;:?!()[]<>'\"~～·".contains(*c))
        .map(narrow)
        .collect();
    match bare.as_str() {
        "1" | "满意" | "1满意" | "非常满意" | "很满意" => Some(Satisfaction::Satisfied),
        "2" | "基本满意" | "2基本满意" => Some(Satisfaction::Basically),
        "3" | "不满意" | "3不满意" => Some(Satisfaction::Unsatisfied),
        "非常不满意" | "很不满意" => Some(Satisfaction::Very),
        _ => None,
    }
}

fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
        '①' => '1',
        '②' => '2',
        '③' => '3',
        c => c,
    }
}
