//! The second factor: codes of an authenticator app (RFC 6238, in the form that all apps know: HMAC-SHA-1, six digits, 30 seconds), and
//! recovery codes for when the device is lost.

use hmac::{Hmac, KeyInit, Mac};
use qrcode::{QrCode, render::svg};
use serde::Serialize;
use sha1::Sha1;
use utoipa::ToSchema;

use crate::app::random_bytes;

const STEP_SECONDS: i64 = 30;
const DIGITS: u32 = 6;
/// Steps by which a device's clock may be ahead or behind.
const DRIFT: i64 = 1;
/// Bytes of a secret: as long as the digest.
const SECRET: usize = 20;
/// Recovery codes given out at once.
pub const RECOVERY_CODES: usize = 10;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A secret as it is shown once, to be taken into an app.
#[derive(Serialize, ToSchema)]
pub struct Offer {
    /// To be typed where no picture can be taken: base32.
    pub secret: String,
    /// `otpauth://…`, as the picture says it.
    pub uri: String,
    /// The picture, as SVG.
    pub svg: String,
}

impl std::fmt::Debug for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Offer(…)")
    }
}

/// A new secret, and how it is shown to `login` of the centre `issuer`.
///
/// # Panics
/// Never: what is shown fits a QR code many times over.
pub fn offer(issuer: &str, login: &str) -> ([u8; SECRET], Offer) {
    let secret: [u8; SECRET] = random_bytes();
    let shown = base32(&secret);
    let (issuer, login) = (encoded(issuer), encoded(login));
    let uri = format!(
        "otpauth://totp/{issuer}:{login}?secret={shown}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    );
    let code = QrCode::new(&uri).expect("an address of some hundred characters fits");
    let svg = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    (secret, Offer { secret: shown, uri, svg })
}

/// The step of time whose code this is, within the drift that is borne; `None`: of none. The caller sees to it that a step is used once.
pub fn matching_step(secret: &[u8], typed: &str, now_second: i64) -> Option<i64> {
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if typed.len() != DIGITS as usize || !typed.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let typed: u32 = typed.parse().ok()?;
    let now = now_second.div_euclid(STEP_SECONDS);
    (now - DRIFT..=now + DRIFT).find(|step| code(secret, *step) == typed)
}

/// The code of a step (HOTP, RFC 4226).
///
/// # Panics
/// Never: HMAC takes a secret of any length.
pub fn code(secret: &[u8], step: i64) -> u32 {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let from = usize::from(digest[19] & 0x0f);
    let word = u32::from_be_bytes([digest[from], digest[from + 1], digest[from + 2], digest[from + 3]]) & 0x7fff_ffff;
    word % 10u32.pow(DIGITS)
}

/// A recovery code as it is shown once: 80 bits, in groups that can be read out.
pub fn recovery_code() -> String {
    let code = base32(&random_bytes::<10>());
    format!("{}-{}-{}-{}", &code[..4], &code[4..8], &code[8..12], &code[12..])
}

/// A recovery code as typed; `None`: it is none.
pub fn tidy_recovery(typed: &str) -> Option<String> {
    let code: String = typed.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect();
    (code.len() == 16).then_some(code)
}

fn base32(bytes: &[u8]) -> String {
    let bits: Vec<u8> = bytes.iter().flat_map(|b| (0..8).rev().map(move |i| b >> i & 1)).collect();
    let of = |five: &[u8]| five.iter().fold(0, |n, bit| n << 1 | usize::from(*bit));
    bits.chunks(5).map(|five| char::from(BASE32[of(five) << (5 - five.len())])).collect()
}

/// For a part of an address.
fn encoded(text: &str) -> String {
    let byte = |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    /// RFC 6238, appendix B, the last six of the eight digits there; RFC 4226, appendix D.
    #[test]
    fn the_vectors_of_the_standards() {
        for (second, eight) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            assert_eq!(code(SECRET, second / 30), eight % 1_000_000, "{second}");
        }
        assert_eq!((0..3).map(|n| code(SECRET, n)).collect::<Vec<_>>(), [755_224, 287_082, 359_152]);
    }

    #[test]
    fn one_step_of_drift_and_no_more() {
        let of = |step: i64| format!("{:06}", code(SECRET, step));
        let now = 41_152_263 * 30 + 29;
        for (step, borne) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let step = 41_152_263 + step;
            assert_eq!(matching_step(SECRET, &of(step), now), borne.then_some(step));
        }
        assert_eq!(matching_step(SECRET, &format!(" {} ", of(41_152_263)), now), Some(41_152_263));
        for wrong in ["", "12345", "1234567", "+12345", "１２３４５６"] {
            assert_eq!(matching_step(SECRET, wrong, now), None);
        }
    }

    /// RFC 4648, section 10.
    #[test]
    fn base32_is_the_standards() {
        for (text, coded) in
            [("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(text.as_bytes()), coded);
        }
    }

    #[test]
    fn an_offer_is_a_picture_without_anything_that_runs() {
        let (secret, offer) = offer("上饶12345", "zhang wei");
        assert!(offer.uri.starts_with("otpauth://totp/%E4%B8%8A%E9%A5%B612345:zhang%20wei?secret="));
        assert!(offer.uri.contains(&base32(&secret)));
        assert!(offer.svg.contains("<svg") && !offer.svg.contains("script"), "{}", offer.svg);
        assert_ne!(super::offer("a", "b").0, super::offer("a", "b").0);
    }

    #[test]
    fn recovery_codes_are_read_as_people_type_them() {
        let code = recovery_code();
        assert_eq!(tidy_recovery(&code.to_lowercase().replace('-', " ")), Some(code.replace('-', "")));
        assert_eq!(tidy_recovery("123456"), None);
    }
}
