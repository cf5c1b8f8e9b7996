//! Passwords: which will do, and how they are hashed.

use std::sync::LazyLock;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use super::policy::Policy;
use crate::app::{random_below, random_token};

/// KiB of memory, passes, lanes: what OWASP asks of argon2id at least, some 20 ms of one core here (`docs/performance.md`). When they
/// change, each password is hashed anew at its next log-in.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Longer ones only cost time.
pub const PASSWORD_MOST: usize = 128;
/// Neighbours in a row that make a password easy to guess.
const RUN: usize = 4;
/// Parts of a log-in name shorter than this may be in a password.
const NAME_LEAST: usize = 4;
/// More than a hundred million guesses: safe where each one costs what argon2 costs.
pub const STRONG: u8 = Score::Three as u8;
const KEYBOARD: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
/// What guessers try first, with the digits that people put for letters put back.
const COMMON: [&str; 10] =
    ["password", "admin", "root", "letmein", "welcome", "iloveyou", "woaini", "mima", "abc123", "jiesu"];

/// What a password is compared with when there is none, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash(&random_token()));

/// A password, or another secret that somebody typed: overwritten when it is dropped. What the network and the reader of JSON hold of a request for
/// a moment is not.
pub type Secret = Zeroizing<String>;

/// How many passwords a process looks at in one moment: each takes 19 MiB and one core, however many people come.
#[derive(Debug)]
pub struct Hashing(Semaphore);

impl Default for Hashing {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Hashing(Semaphore::new(cores))
    }
}

/// What became of a comparison.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// It is the password.
    pub matches: bool,
    /// It is, and should be stored under this hash from now on.
    pub anew: Option<String>,
}

impl Hashing {
    /// Compares with a hash; `None`: there is none, which takes as long.
    pub async fn compare(&self, password: Secret, hash: Option<String>) -> Compared {
        self.on_a_thread(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.clone());
            let matches = matches(&password, &hash) && known;
            let anew = (matches && !is_current(&hash)).then(|| self::hash(&password));
            Compared { matches, anew }
        })
        .await
    }

    /// Whether a password is any of these.
    pub async fn any(&self, password: Secret, hashes: Vec<String>) -> bool {
        self.on_a_thread(move || hashes.iter().any(|hash| matches(&password, hash))).await
    }

    pub async fn hash(&self, password: Secret) -> String {
        self.on_a_thread(move || hash(&password)).await
    }

    async fn on_a_thread<T: Send + Default + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _turn = self.0.acquire().await;
        // A panic in there opens nothing: what comes out then is "no".
        tokio::task::spawn_blocking(work).await.unwrap_or_default()
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY, PASSES, LANES, None).expect("within the bounds of argon2");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes with argon2id; a PHC string.
///
/// # Panics
/// Never with parameters within argon2's bounds.
pub fn hash(password: &str) -> String {
    hasher().hash_password(password.as_bytes()).expect("argon2 with parameters within its bounds").to_string()
}

fn matches(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

fn is_current(hash: &str) -> bool {
    hash.starts_with(&format!("$argon2id$v=19$m={MEMORY},t={PASSES},p={LANES}$"))
}

/// Whether a password will do for this account.
///
/// # Errors
/// What is wrong with it and what would do, in Chinese. Never quotes it.
pub fn fits(policy: &Policy, password: &str, login: &str) -> Result<(), String> {
    let length = password.chars().count();
    let least = policy.password_length as usize;
    if length < least || length > PASSWORD_MOST {
        return Err(format!("密码应为{least}至{PASSWORD_MOST}个字符，请加长后再试"));
    }
    if classes(password) < policy.password_classes as usize {
        let n = policy.password_classes;
        return Err(format!("密码须有大写字母、小写字母、数字、其他字符中的{n}种，请补充后再试"));
    }
    let (folded, login) = (unleet(password), login.to_lowercase());
    let own =
        login.chars().count() >= NAME_LEAST && (password.to_lowercase().contains(&login) || folded.contains(&login));
    if own {
        return Err("密码中不能有登录名，请换一个".into());
    }
    if has_run(password) {
        return Err(format!("密码中不能有连续{RUN}个相同或相邻的字符（如1111、1234、qwer），请换一个"));
    }
    if COMMON.iter().any(|word| folded.contains(word)) {
        return Err("密码中有容易被猜到的词，请换一个".into());
    }
    if strength(password, &login) < STRONG {
        return Err("密码容易被猜到（像常用密码、姓名、日期或重复的字），请加长或换一个".into());
    }
    Ok(())
}

/// How hard a password is to guess, from 0 to 4: known passwords and names, dates, patterns of keys and repeats count as what they are.
/// From [`STRONG`] on it will do.
pub fn strength(password: &str, login: &str) -> u8 {
    u8::from(zxcvbn(password, &[login]).score())
}

fn classes(password: &str) -> usize {
    let kind = |c: char| match c {
        c if c.is_lowercase() => 0,
        c if c.is_uppercase() => 1,
        c if c.is_numeric() => 2,
        _ => 3,
    };
    password.chars().map(kind).collect::<std::collections::BTreeSet<_>>().len()
}

/// Small letters, with the signs that stand for letters put back.
fn unleet(password: &str) -> String {
    let put_back = |c: char| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        c => c,
    };
    password.to_lowercase().chars().map(put_back).collect()
}

fn has_run(password: &str) -> bool {
    let small: Vec<char> = password.to_lowercase().chars().collect();
    let on_keyboard = |part: &[char]| {
        let (there, back): (String, String) = (part.iter().collect(), part.iter().rev().collect());
        KEYBOARD.iter().any(|row| row.contains(&there) || row.contains(&back))
    };
    let even = |part: &[char]| {
        let steps: Vec<i64> =
            part.windows(2).map(|w| i64::from(u32::from(w[1])) - i64::from(u32::from(w[0]))).collect();
        (-1..=1).contains(&steps[0]) && steps.iter().all(|s| *s == steps[0])
    };
    small.windows(RUN).any(|part| even(part) || on_keyboard(part))
}

/// A password for the first log-in, which another one must replace there: easy to read out, and of the kinds that are asked for.
pub fn initial_password(policy: &Policy, login: &str) -> Secret {
    // Without those that look alike.
    const SIGNS: &[u8] = b"abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let length = (policy.password_length as usize).max(12);
    loop {
        let mut made: String = (0..length).map(|_| char::from(SIGNS[random_below(SIGNS.len())])).collect();
        made.insert(length / 2, '-');
        if fits(policy, &made, login).is_ok() {
            return Secret::new(made);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn length_and_kinds_hold_at_their_edges() {
        let policy = Policy::default();
        let fits = |password: &str| fits(&policy, password, "zhangwei").is_ok();
        assert!(fits("Lu7mao-Xuq")); // ten, four kinds
        assert!(!fits("Lu7mao-Xu"), "nine");
        assert!(fits("lu7mao-xuq"), "three kinds");
        assert!(!fits("lu7maokxuq"), "two kinds");
        let long =
            |most| ["Lu7mao-Xuq", "修好了没有呀"].iter().cycle().flat_map(|w| w.chars()).take(most).collect::<String>();
        assert!(fits(&long(128)));
        assert!(!fits(&long(129)));
        assert!(fits("路灯Lu7修好了没有呀"), "any script");
    }

    #[test]
    fn what_guessers_try_first_will_not_do() {
        let policy = Policy::default();
        for guessable in [
            "Zhangwei-77",
            "ZHANGWEI77-x",
            "Xu-1234-mao",
            "Xu-4321-mao",
            "Xu-aaaa-7mo",
            "Xu-qwer-7mo",
            "Xu-lkjh-7mo",
            "P@ssw0rd-77x",
            "Adm1n-77-xyq",
            "W0aini-77xyq",
            // On every list of passwords that were stolen, or made of what is.
            "Trustno1-77",
            "Michael-1990",
            "Lu7Lu7Lu7Lu7",
        ] {
            assert!(fits(&policy, guessable, "zhangwei").is_err(), "{guessable}");
        }
        for good in ["Xu-123-mao-7", "Xu-aaa-mao-7", "Xu-qwe-mao-7"] {
            assert!(fits(&policy, good, "zhangwei").is_ok(), "{good}");
        }
        assert!(fits(&policy, "Lu7mao-Xuq-li", "li").is_ok(), "a short name is in many words");
    }

    #[test]
    fn initial_passwords_will_do_and_differ() {
        let policy = Policy { password_classes: 4, ..Policy::default() };
        let made: std::collections::BTreeSet<String> =
            (0..50).map(|_| initial_password(&policy, "wang").to_string()).collect();
        assert_eq!(made.len(), 50);
        assert!(made.iter().all(|p| fits(&policy, p, "wang").is_ok()));
    }

    /// `cargo test --release -p jiesu-server --lib -- --ignored how_long_a_password_takes --nocapture`
    #[test]
    #[ignore = "prints a figure"]
    fn how_long_a_password_takes() {
        let time = |_| {
            let began = std::time::Instant::now();
            assert!(hash("Lu7mao-Xuq").starts_with("$argon2id$"));
            began.elapsed()
        };
        let mut times: Vec<_> = (0..20).map(time).collect();
        times.sort();
        println!("fastest {:?}, median {:?}", times[0], times[10]);
    }

    #[tokio::test]
    async fn an_old_hash_is_replaced_and_nobody_matches_nothing() {
        let hashing = Hashing::default();
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let old = weak.hash_password(b"Lu7mao-Xuq").unwrap().to_string();
        let compared = hashing.compare(secret("Lu7mao-Xuq"), Some(old.clone())).await;
        assert!(compared.matches);
        let anew = compared.anew.unwrap();
        assert_eq!(hashing.compare(secret("Lu7mao-Xuq"), Some(anew)).await, Compared { matches: true, anew: None });
        assert_eq!(hashing.compare(secret("lu7mao-Xuq"), Some(old)).await, Compared::default());
        assert_eq!(hashing.compare(secret("Lu7mao-Xuq"), None).await, Compared::default());
        assert_eq!(hashing.compare(secret("x"), Some("not a hash".into())).await, Compared::default());
    }
}
