//! Ticket numbers: `SR-20260430-000123-7`. The last digit is a check digit by ISO 7064 MOD 11,10 (GB/T 17710) over the digits before
//! it, so that a number misheard on the phone is noticed.

/// Forms a number from the place's prefix, the day of receipt (`20260430`) and the serial of that day.
pub fn ticket_number(prefix: &str, day: &str, serial: u32) -> String {
    let digits = format!("{day}{serial:06}");
    format!("{prefix}-{day}-{serial:06}-{}", check_digit(&digits))
}

/// Whether this is a well-formed number with the right check digit.
pub fn is_ticket_number(number: &str) -> bool {
    let parts: Vec<&str> = number.split('-').collect();
    let [prefix, day, serial, check] = parts.as_slice() else { return false };
    let digits = |s: &str, n: usize| s.len() >= n && s.bytes().all(|b| b.is_ascii_digit());
    prefix.len() == 2
        && prefix.bytes().all(|b| b.is_ascii_uppercase())
        && day.len() == 8
        && digits(day, 8)
        && digits(serial, 6)
        && check.parse() == Ok(check_digit(&format!("{day}{serial}")))
}

/// A number as people type it: full-width digits, small letters, blanks and missing or long dashes are put right.
pub fn tidy_number(typed: &str) -> String {
    let folded = jiesu_text::fold(typed).to_uppercase();
    let bare: String = folded.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    if bare.len() < 17 || !bare.is_ascii() {
        return folded.trim().to_owned();
    }
    let (prefix, rest) = bare.split_at(2);
    let (day, rest) = rest.split_at(8);
    let (serial, check) = rest.split_at(rest.len() - 1);
    format!("{prefix}-{day}-{serial}-{check}")
}

fn check_digit(digits: &str) -> u32 {
    let p = digits.bytes().fold(10, |p, b| {
        let s = (p + u32::from(b - b'0')) % 10;
        (if s == 0 { 10 } else { s }) * 2 % 11
    });
    (11 - p) % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digit_agrees_with_the_standard() {
        // ISO 7064 MOD 11,10 of 0794 is 5.
        assert_eq!(check_digit("0794"), 5);
    }

    #[test]
    fn every_single_wrong_digit_is_noticed() {
        let number = ticket_number("SR", "20260430", 123);
        assert!(is_ticket_number(&number), "{number}");
        for (i, c) in number.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            for wrong in ('0'..='9').filter(|w| *w != c) {
                let mut typed = number.clone();
                typed.replace_range(i..=i, &wrong.to_string());
                assert!(!is_ticket_number(&typed), "{typed}");
            }
        }
    }

    #[test]
    fn typed_numbers_are_put_right() {
        let number = ticket_number("SR", "20260430", 123);
        for typed in [
            number.to_lowercase(),
            number.replace('-', ""),
            number.replace('-', " "),
            number.replace('-', "—"),
            format!(" {number} "),
        ] {
            assert_eq!(tidy_number(&typed), number);
        }
        assert_eq!(tidy_number("ＳＲ－２０２６０４３０"), "SR-20260430");
    }
}
