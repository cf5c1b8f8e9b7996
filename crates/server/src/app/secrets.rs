//! Tokens, codes and digests. Passwords are in `login`.

use sm3::{Digest, Sm3};

/// 32 random bytes as hex.
pub fn random_token() -> String {
    hex(&random_bytes::<32>())
}

/// So many random bytes.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0u8; N];
    fill(&mut bytes);
    bytes
}

/// A random number below `n`, each as likely as the others; `n` is at most 256.
pub(crate) fn random_below(n: usize) -> usize {
    // Beyond the largest multiple of `n` in a byte the low numbers would be likelier.
    let even = 256 - 256 % n;
    loop {
        let [byte] = random_bytes::<1>();
        if usize::from(byte) < even {
            return usize::from(byte) % n;
        }
    }
}

/// `n` random decimal digits.
pub fn random_digits(n: usize) -> String {
    (0..n).map(|_| char::from(b'0' + random_below(10) as u8)).collect()
}

/// What is stored of a token: its SM3 digest as hex.
pub fn digest(token: &str) -> String {
    hex(&Sm3::digest(token.as_bytes()))
}

fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the operating system gives random bytes");
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Bytes from hex digits; `None` if these are none.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let even = digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
    even.then(|| {
        digits.chunks(2).filter_map(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok()).collect()
    })
}
