//! Search for any substring: how texts are cut for an index, and what a search says of a text that the index gave.
//!
//! Texts and queries are folded alike ([`crate::fold`]). Blanks and punctuation separate: a query's words are what stands between them, and a
//! text is found if it has every word, in one piece. Everything else counts as a character: Chinese of any plane, letters, digits, emoji.
//!
//! The index knows each character of a text and each pair of neighbours, of Latin words and numbers runs of three and four, as pairs of
//! digits tell little, and of all else the class of each three in a row ([`class_of`]). That finds every text that has a query, and now and
//! then one that has its pieces apart: so [`Words::find`] looks at what was found, and says where the words stand.

use std::collections::BTreeSet;

use crate::{folded, is_common_han, is_han};

/// Terms of one search at most: more do not narrow it further, and every one costs a look into the index.
const MOST_TERMS: usize = 24;
/// Longest run of a Latin word or number that is a term.
const LONG: usize = 4;
/// Classes of three characters in a row, as a power of two: 8,192. A hundred times as many runs of three would each be a word of the index;
/// of so few, a text of three hundred characters has a given one by chance in one of thirty cases.
const CLASS_BITS: u32 = 13;
/// The first of the characters that name classes. Private ones, which [`counts`] knows none of: nobody can ask for one.
const CLASSES: u32 = 0xf_0000;
/// Classes of a word that do without the pairs within it.
const ENOUGH: usize = 3;
/// Classes of a word that are all asked for; of more every other one, which says nearly as much and is found sooner.
const ALL_OF: usize = 5;
/// What stands for blanks and punctuation in a folded text.
const GAP: char = ' ';

/// Whether a character can be looked for. Emoji and other pictures can, blanks and punctuation separate.
fn counts(c: char) -> bool {
    let picture = matches!(c, '\u{2190}'..='\u{2fff}' | '\u{e000}'..='\u{f8ff}' | '\u{1f000}'..='\u{1faff}');
    is_common_han(c) || c.is_alphanumeric() || picture
}

/// Letters and digits that are no Chinese.
fn is_narrow(c: char) -> bool {
    c.is_alphanumeric() && !is_han(c)
}

/// A text as it is compared.
#[derive(Debug, Clone, Default)]
struct Folded {
    chars: Vec<char>,
    /// The characters of the text that each one comes from: first, and the one after the last.
    from: Vec<(u32, u32)>,
}

impl Folded {
    fn of(text: &str) -> Folded {
        let mut all = Folded { chars: Vec::with_capacity(text.len() / 2), from: Vec::with_capacity(text.len() / 2) };
        folded(text, |c, from, to| {
            all.chars.push(if counts(c) { c } else { GAP });
            all.from.push((from as u32, to as u32));
        });
        all
    }
}

/// The class that three characters in a row fall into: FNV-1a by characters, its upper bits. It stands in every index: another one asks for
/// the words to be cut anew.
fn class_of(run: &[char]) -> char {
    let hash = run.iter().fold(0x811c_9dc5_u32, |hash, c| (hash ^ *c as u32).wrapping_mul(0x0100_0193));
    char::from_u32(CLASSES + (hash >> (u32::BITS - CLASS_BITS))).expect("a character of plane 15")
}

fn is_narrow_run(run: &[char]) -> bool {
    run.iter().all(|c| is_narrow(*c))
}

/// The term of a run of characters: itself; of three that are not all Latin or a number, their class, and of more of such none.
fn term_of(run: &[char]) -> Option<String> {
    match run.len() {
        length if length <= 2 || is_narrow_run(run) => Some(run.iter().collect()),
        3 => Some(class_of(run).to_string()),
        _ => None,
    }
}

fn words(chars: &[char]) -> impl Iterator<Item = &[char]> {
    chars.split(|c| *c == GAP).filter(|word| !word.is_empty())
}

/// A text as its words are looked for in one piece: folded, a blank for each run of blanks and punctuation, one at either end. A text has a
/// query's words if this has each of [`Words::each`].
pub fn plain(text: &str) -> String {
    let folded = Folded::of(text);
    let mut plain = String::from(" ");
    for word in words(&folded.chars) {
        plain.extend(word);
        plain.push(GAP);
    }
    plain
}

/// The terms of a text to be indexed, each once.
pub fn index_terms(text: &str) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for word in words(&Folded::of(text).chars) {
        for length in 1..=LONG.min(word.len()) {
            terms.extend(word.windows(length).filter_map(term_of));
        }
    }
    terms
}

/// Where something stands in a text: its first character, and the one after its last. Characters are Unicode scalar values, from 0.
pub type Mark = (usize, usize);

/// The words of a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(Vec<Vec<char>>);

impl Words {
    pub fn of(query: &str) -> Words {
        let mut words: Vec<Vec<char>> = words(&Folded::of(query).chars).map(<[char]>::to_vec).collect();
        words.sort_unstable();
        words.dedup();
        Words(words)
    }

    /// Each word: letters, digits, Chinese and pictures only.
    pub fn each(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(|word| word.iter().collect())
    }

    /// Nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Terms that the entry of every text has in which the words stand.
    pub fn terms(&self) -> BTreeSet<String> {
        let all: BTreeSet<String> = self.0.iter().flat_map(|word| terms_of(word)).collect();
        // Which of very many is all the same; spread over them they say most.
        let step = all.len().div_ceil(MOST_TERMS).max(1);
        all.into_iter().step_by(step).collect()
    }

    /// Whether [`Words::find`] may find them in texts that stand in a larger one, such as the strings of a JSON object. `false` is certain; it
    /// costs a part of taking the texts out and looking at each.
    pub fn may_stand_in(&self, whole: &str) -> bool {
        let mut chars = Vec::with_capacity(whole.len());
        folded(whole, |c, _, _| chars.push(c));
        self.0.iter().all(|word| chars.windows(word.len()).any(|run| run == word))
    }

    /// Looks for the words in texts that belong together: for each text where they stand in it, in its order, pieces that touch joined.
    /// `None` if a word stands in none of them.
    pub fn find(&self, texts: &[&str]) -> Option<Vec<Places>> {
        let folded: Vec<Folded> = texts.iter().map(|text| Folded::of(text)).collect();
        let mut places = vec![Places::default(); texts.len()];
        for (no, word) in self.0.iter().enumerate() {
            let mut there = false;
            for (text, places) in folded.iter().zip(&mut places) {
                let starts =
                    text.chars.windows(word.len()).enumerate().filter(|(_, run)| run == word).map(|(at, _)| at);
                places.0.extend(starts.map(|at| {
                    there = true;
                    let (from, to) = (text.from[at].0, text.from[at + word.len() - 1].1);
                    (no, (from as usize, to as usize))
                }));
            }
            if !there {
                return None;
            }
        }
        places.iter_mut().for_each(|places| places.0.sort_unstable_by_key(|(no, mark)| (*mark, *no)));
        Some(places)
    }
}

/// The terms that tell most of a word: classes of three, and longer runs where it is Latin or a number. Of a long word only its first and last
/// pair: what lies between is in two classes and more, which a text hardly ever has by chance, and the lists of frequent pairs are long.
fn terms_of(word: &[char]) -> Vec<String> {
    if word.len() <= 2 {
        return vec![word.iter().collect()];
    }
    // What is Latin or a number within it has its own, longer runs.
    let mixed = |length| word.windows(length).filter(|run| !is_narrow_run(run));
    let mut runs: Vec<&[char]> = mixed(3).collect();
    if runs.len() > ALL_OF {
        let last = runs.len() - 1;
        runs = (0..last).step_by(2).chain([last]).map(|n| runs[n]).collect();
    }
    if runs.len() < ENOUGH {
        runs.extend(mixed(2));
    } else {
        let ends = [&word[..2], &word[word.len() - 2..]];
        runs.extend(ends.into_iter().filter(|run| !is_narrow_run(run)));
    }
    let narrow = word.chunk_by(|a, b| is_narrow(*a) && is_narrow(*b)).filter(|run| run.len() > 1);
    runs.extend(narrow.flat_map(|run| run.windows(LONG.min(run.len()))));
    runs.into_iter().filter_map(term_of).collect()
}

/// Where the words of a search stand in a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places(Vec<(usize, Mark)>);

impl Places {
    /// How many of the words stand there.
    pub fn words(&self) -> usize {
        self.0.iter().map(|(no, _)| no).collect::<BTreeSet<_>>().len()
    }

    /// The marks, in the order of the text, none over another.
    pub fn marks(&self) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        for (_, (from, to)) in &self.0 {
            match marks.last_mut() {
                Some(last) if *from <= last.1 => last.1 = last.1.max(*to),
                _ => marks.push((*from, *to)),
            }
        }
        marks
    }

    /// The part of the text, at most `most` characters, in which most of the words stand, the first such; `None` if none does.
    pub fn snippet(&self, text: &str, most: usize) -> Option<Snippet> {
        let chars: Vec<char> =
            text.chars().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c }).collect();
        let within = |start: usize| {
            let inside = self.0.iter().filter(|(_, (from, to))| *from >= start && *to <= start + most);
            inside.map(|(no, _)| no).collect::<BTreeSet<_>>().len()
        };
        // Somewhat before the first word, so that it reads like a sentence.
        let start_of = |mark: &Mark| mark.0.saturating_sub(most / 5).min(chars.len().saturating_sub(most));
        let best =
            self.0.iter().map(|(_, mark)| start_of(mark)).max_by_key(|start| (within(*start), usize::MAX - start))?;
        let end = chars.len().min(best + most);
        let (before, after) = (if best > 0 { "…" } else { "" }, if end < chars.len() { "…" } else { "" });
        let shift = before.chars().count();
        let clipped =
            self.marks().into_iter().map(|(from, to)| (from.max(best), to.min(end))).filter(|(from, to)| from < to);
        Some(Snippet {
            text: format!("{before}{}{after}", chars[best..end].iter().collect::<String>()),
            marks: clipped.map(|(from, to)| (from - best + shift, to - best + shift)).collect(),
        })
    }
}

/// A piece of a text with what was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// In one line; "…" where the text goes on.
    pub text: String,
    /// Where the words stand in it.
    pub marks: Vec<Mark>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "縣城北门菜市场旁３号楼每天停水，电话０７９３－１２３４，Abc小区 😀𠮷家 é";

    /// Every substring is found by its terms and by looking; the positions are those of the text.
    #[test]
    fn every_substring_is_found_where_it_stands() {
        let have = index_terms(TEXT);
        let chars: Vec<char> = TEXT.chars().collect();
        for from in 0..chars.len() {
            for to in from + 1..=chars.len() {
                let query: String = chars[from..to].iter().collect();
                let words = Words::of(&query);
                assert!(words.terms().is_subset(&have), "{query}: {:?}", words.terms());
                let places = words.find(&[TEXT]).unwrap_or_else(|| panic!("{query}"));
                let marked = places[0].marks();
                let counted = |at: &usize| Folded::of(&chars[*at].to_string()).chars.iter().any(|c| *c != GAP);
                for at in (from..to).filter(counted) {
                    assert!(marked.iter().any(|(a, b)| (*a..*b).contains(&at)), "{query} at {at}: {marked:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for query in ["停电", "水天", "停水电话", "07931234", "小区吉", "bd", "ab停", "😁", "县门", "停水 停电"]
        {
            assert!(Words::of(query).find(&[TEXT]).is_none(), "{query}");
        }
        let class = class_of(&['停', '水', '三']).to_string();
        assert!(index_terms("停水三天").contains(&class));
        for query in ["", " ", "，。", "\"*():^\u{0}\u{200d}", "\u{fe0f}", &class] {
            assert!(Words::of(query).is_empty() && Words::of(query).terms().is_empty(), "{query:?}");
        }
        assert!(Words::of("停水 县城").find(&["每天停水", "县城"]).is_some(), "one word here, another there");
        assert!(Words::of("停水县城").find(&["停水", "县城"]).is_none(), "no word runs from one text into another");
    }

    /// What stands in a text stands in its JSON, whatever has to be escaped there: no piece of it is held to be nowhere.
    #[test]
    fn what_stands_in_a_text_may_stand_in_its_json() {
        let hard = format!("{TEXT}\n停电\t水管\"爆\"了\\漏\n\u{301}天\u{1}三 ｢ＡＢ｣ e\u{301}坏");
        let escape = |c: char| match c {
            '"' | '\\' => format!("\\{c}"),
            '\n' => "\\n".to_owned(),
            '\t' => "\\t".to_owned(),
            '\u{1}' => "\\u0001".to_owned(),
            c => c.to_string(),
        };
        let json = format!("[\"标题\",\"{}\"]", hard.chars().map(escape).collect::<String>());
        let chars: Vec<char> = hard.chars().collect();
        for from in 0..chars.len() {
            for to in from + 1..=chars.len() {
                let words = Words::of(&chars[from..to].iter().collect::<String>());
                assert!(words.find(&[&hard]).is_none() || words.may_stand_in(&json), "{words:?}");
            }
        }
        for nowhere in ["爆了", "停水 停电话", "AB坏"] {
            assert!(!Words::of(nowhere).may_stand_in(&json), "{nowhere}");
        }
    }

    #[test]
    fn numbers_and_latin_words_are_narrowed_by_long_runs() {
        let terms = |query: &str| Words::of(query).terms().into_iter().collect::<Vec<_>>();
        assert_eq!(terms("2026-0430"), ["0430", "2026"]);
        let class = |run: &str| class_of(&run.chars().collect::<Vec<_>>()).to_string();
        assert_eq!(terms("3号楼"), ["3号", "号楼", &class("3号楼")]);
        assert_eq!(terms("Abc小区")[..3], ["abc", "c小", "小区"]);
        assert_eq!(terms("Abc小区").len(), 5, "with bc小 and c小区");
        assert_eq!(terms("小区停水")[..3], ["停水", "区停", "小区"]);
        let long = terms("小区停水三天a");
        assert_eq!((&long[0][..], &long[1][..], long.len()), ("天a", "小区", 7), "{long:?}");
        assert_eq!(terms("12345"), ["1234", "2345"]);
        assert_eq!(terms("水"), ["水"]);
        let long: String = (0..100).filter_map(|i| char::from_u32(0x4e00 + i)).collect();
        assert!(Words::of(&long).terms().len() <= MOST_TERMS);
    }

    /// Which class a run is in stands in every index: it may not change by itself. They fill evenly.
    #[test]
    fn classes_stay_and_are_even() {
        assert_eq!(u32::from(class_of(&['停', '水', '了'])), CLASSES + 4_494);
        let mut runs = vec![0_u32; 1 << CLASS_BITS];
        let han: Vec<char> = (0..64).filter_map(|i| char::from_u32(0x4e00 + i * 37)).collect();
        for a in &han {
            for b in &han {
                for c in &han {
                    runs[(u32::from(class_of(&[*a, *b, *c])) - CLASSES) as usize] += 1;
                }
            }
        }
        let (least, most) = (runs.iter().min().unwrap(), runs.iter().max().unwrap());
        assert!(*least > 8 && *most < 80, "{least} to {most} of 32");
    }

    #[test]
    fn a_snippet_is_where_most_words_stand() {
        let text = format!("小区{}\n停水三天，全小区都停水。{}", "甲".repeat(80), "乙".repeat(80));
        let places = Words::of("小区 停水").find(&[&text]).unwrap().remove(0);
        let snippet = places.snippet(&text, 60).unwrap();
        let shown: Vec<char> = snippet.text.chars().collect();
        assert_eq!(shown.len(), 62, "{}", snippet.text);
        let marked: Vec<String> = snippet.marks.iter().map(|(a, b)| shown[*a..*b].iter().collect()).collect();
        assert_eq!(marked, ["停水", "小区", "停水"]);
        assert!(!snippet.text.contains('\n'));
        let short = Words::of("三").find(&["停水三天"]).unwrap().remove(0).snippet("停水三天", 60).unwrap();
        assert_eq!(short, Snippet { text: "停水三天".into(), marks: vec![(2, 3)] });
        assert!(Words::of("天").find(&["停水", "三天"]).unwrap()[0].snippet("停水", 60).is_none());
    }
}
