//! Ranked search over short documents with a title and a text: which entries of a knowledge base answer what somebody is just typing.
//!
//! Every query term counts that a document has, none has to be there: people do not use the words of the regulation. Terms are those of the
//! full-text search, pairs of neighbouring characters and Latin words. The score is BM25 over two fields (a term of the title counts
//! several times, each field is held against its own mean length). All in memory: some thousand entries take some megabytes, and what is
//! found is never older than what was put in.

use std::collections::HashMap;

use crate::fold;

/// How soon more of the same term stops to count.
const K1: f32 = 1.2;
/// How much a long text is held back, and a long title.
const B_TEXT: f32 = 0.75;
const B_TITLE: f32 = 0.3;
/// How many times a term of the title counts.
const TITLE: f32 = 3.0;
/// A term in more than this part of the documents tells nothing.
const COMMON: f32 = 0.5;
/// Terms of a query that are looked at, the rarest first: a caller's whole story has no more to say.
const MOST_TERMS: usize = 120;

/// The index. Documents are known by the caller's key.
#[derive(Debug, Clone, Default)]
pub struct Ranked {
    /// Slot by key.
    slots: HashMap<String, u32>,
    docs: Vec<Option<Doc>>,
    free: Vec<u32>,
    /// Every term that was ever there, with its place in `postings`.
    terms: HashMap<Box<str>, u32>,
    postings: Vec<Vec<Posting>>,
    /// Sum of the lengths of titles and texts.
    lengths: (u64, u64),
}

#[derive(Debug, Clone)]
struct Doc {
    key: String,
    /// Places of its terms, so that it can be taken out again.
    terms: Vec<u32>,
    title: u32,
    text: u32,
}

/// How often a document has a term.
#[derive(Debug, Clone, Copy)]
struct Posting {
    doc: u32,
    title: u16,
    text: u16,
}

/// A document that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit<'i> {
    pub key: &'i str,
    pub score: f32,
}

impl Ranked {
    /// How many documents there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Puts a document in, in the place of the one that had its key.
    pub fn put(&mut self, key: &str, title: &str, text: &str) {
        self.remove(key);
        let mut counts: HashMap<String, (u16, u16)> = HashMap::new();
        let (mut titles, mut texts) = (0, 0);
        each(title, |term| {
            titles += 1;
            let of = &mut counts.entry(term.to_owned()).or_default().0;
            *of = of.saturating_add(1);
        });
        each(text, |term| {
            texts += 1;
            let of = &mut counts.entry(term.to_owned()).or_default().1;
            *of = of.saturating_add(1);
        });
        let slot = self.free.pop().unwrap_or_else(|| {
            self.docs.push(None);
            self.docs.len() as u32 - 1
        });
        let mut terms = Vec::with_capacity(counts.len());
        for (term, (title, text)) in counts {
            let next = self.postings.len() as u32;
            let term = *self.terms.entry(term.into()).or_insert(next);
            if term == next {
                self.postings.push(Vec::new());
            }
            self.postings[term as usize].push(Posting { doc: slot, title, text });
            terms.push(term);
        }
        self.lengths.0 += u64::from(titles);
        self.lengths.1 += u64::from(texts);
        self.docs[slot as usize] = Some(Doc { key: key.to_owned(), terms, title: titles, text: texts });
        self.slots.insert(key.to_owned(), slot);
    }

    /// Takes a document out, if it is there.
    pub fn remove(&mut self, key: &str) {
        let Some(slot) = self.slots.remove(key) else { return };
        let Some(doc) = self.docs[slot as usize].take() else { return };
        self.lengths.0 -= u64::from(doc.title);
        self.lengths.1 -= u64::from(doc.text);
        for term in &doc.terms {
            self.postings[*term as usize].retain(|p| p.doc != slot);
        }
        self.free.push(slot);
    }

    /// The best documents for a query, at most `most`, of those that `may` lets through; the key decides between equals.
    pub fn search<'i>(&'i self, query: &str, most: usize, may: impl Fn(&str) -> bool) -> Vec<Hit<'i>> {
        let all = self.len() as f32;
        let mean = (self.lengths.0 as f32 / all.max(1.0), self.lengths.1 as f32 / all.max(1.0));
        let mut scores: HashMap<u32, f32> = HashMap::new();
        for (postings, times) in self.asked(query) {
            let has = postings.len() as f32;
            let idf = (1.0 + (all - has + 0.5) / (has + 0.5)).ln();
            // What is said again and again is meant, up to a point.
            let weight = idf * (1.0 + (times as f32).ln());
            for posting in postings {
                let Some(doc) = &self.docs[posting.doc as usize] else { continue };
                let held = |n: u16, length: u32, mean: f32, b: f32| {
                    f32::from(n) / (1.0 - b + b * length as f32 / mean.max(1.0))
                };
                let often = TITLE * held(posting.title, doc.title, mean.0, B_TITLE)
                    + held(posting.text, doc.text, mean.1, B_TEXT);
                *scores.entry(posting.doc).or_default() += weight * often * (K1 + 1.0) / (K1 + often);
            }
        }
        let mut hits: Vec<Hit<'i>> = scores
            .into_iter()
            .filter_map(|(slot, score)| Some(Hit { key: &self.docs[slot as usize].as_ref()?.key, score }))
            .filter(|hit| may(hit.key))
            .collect();
        let better = |a: &Hit<'_>, b: &Hit<'_>| b.score.total_cmp(&a.score).then_with(|| a.key.cmp(b.key));
        if hits.len() > most && most > 0 {
            hits.select_nth_unstable_by(most - 1, better);
        }
        hits.truncate(most);
        hits.sort_by(better);
        hits
    }

    /// The terms of a query that tell something, the rarest first, with how often they are said.
    fn asked(&self, query: &str) -> Vec<(&[Posting], u32)> {
        let mut times: HashMap<String, u32> = HashMap::new();
        each(query, |term| *times.entry(term.to_owned()).or_default() += 1);
        let common = (self.len() as f32 * COMMON).max(2.0);
        let of = |term: &u32| Some(&*self.postings[*term as usize]).filter(|postings| !postings.is_empty());
        let known = times.iter().filter_map(|(term, n)| Some((of(self.terms.get(term.as_str())?)?, term, *n)));
        let mut known: Vec<(&[Posting], &String, u32)> =
            known.filter(|(postings, ..)| postings.len() as f32 <= common).collect();
        if known.is_empty() {
            // Of a handful of documents all may have the only word that is asked for; and somebody may have typed half a word.
            let half = |term: &str| times.iter().find(|(said, _)| term.contains(said.as_str()));
            let halves = self.terms.iter().filter_map(|(term, place)| half(term).map(|(said, n)| (place, said, *n)));
            known = halves.filter_map(|(place, said, n)| Some((of(place)?, said, n))).collect();
        }
        known.sort_by(|a, b| a.0.len().cmp(&b.0.len()).then_with(|| a.1.cmp(b.1)));
        known.truncate(MOST_TERMS);
        known.into_iter().map(|(postings, _, n)| (postings, n)).collect()
    }
}

/// Every term of a text, as often as it stands there: pairs of Chinese characters, a single one where a run has no more, Latin words and
/// numbers.
fn each(text: &str, mut term: impl FnMut(&str)) {
    let folded = fold(text);
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        let mut rest = word;
        while let Some(first) = rest.chars().next() {
            let han = crate::is_han(first);
            let end = rest.find(|c| crate::is_han(c) != han).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            rest = after;
            if !han {
                term(run);
                continue;
            }
            let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
            if starts.len() == 2 {
                term(run);
            }
            starts.windows(3).for_each(|w| term(&run[w[0]..w[2]]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Ranked {
        let mut base = Ranked::default();
        base.put("pension", "灵活就业人员怎样参加养老保险？", "带身份证到社保经办窗口办理，也可以在网上办理。");
        base.put("medical", "灵活就业人员怎样参加医疗保险？", "带身份证到医保经办窗口办理，也可以在网上办理。");
        base.put("water", "停水了找谁？", "请拨打水务公司24小时热线，抢修人员会尽快赶到。");
        base.put("lamp", "路灯不亮找谁？", "由城市管理局维修，夜间报修次日处理。");
        base
    }

    fn keys<'b>(base: &'b Ranked, query: &str) -> Vec<&'b str> {
        base.search(query, 3, |_| true).into_iter().map(|hit| hit.key).collect()
    }

    #[test]
    fn the_right_entry_comes_first_while_somebody_types() {
        let base = base();
        assert_eq!(keys(&base, "养老")[0], "pension");
        assert_eq!(keys(&base, "我是灵活就业的，想交医疗保险要怎么弄")[0], "medical");
        assert_eq!(keys(&base, "家里从早上停水到现在没有人管")[0], "water");
        assert_eq!(keys(&base, "灯"), ["lamp"], "half a word");
        assert_eq!(keys(&base, "２４小时"), ["water"], "full-width digits fold");
        assert!(keys(&base, "").is_empty() && keys(&base, "，。？").is_empty());
    }

    #[test]
    fn a_word_of_the_title_counts_more_than_one_of_the_text() {
        let mut base = base();
        base.put("other", "水务公司地址", "停水请看公告。路灯也归别人管。");
        assert_eq!(keys(&base, "停水")[0], "water");
    }

    #[test]
    fn what_was_changed_or_taken_out_is_not_found_as_it_was() {
        let mut base = base();
        base.put("water", "停气了找谁？", "请拨打燃气公司热线。");
        assert!(!keys(&base, "停水").contains(&"water"));
        assert_eq!(keys(&base, "停气")[0], "water");
        base.remove("water");
        base.remove("water");
        assert!(keys(&base, "停气").is_empty());
        assert_eq!(base.len(), 3);
        base.put("gas", "停气了找谁？", "请拨打燃气公司热线。");
        assert_eq!((base.len(), keys(&base, "停气")[0]), (4, "gas"));
        for key in ["pension", "medical", "lamp", "gas"] {
            base.remove(key);
        }
        let left = base.postings.iter().map(Vec::len).sum::<usize>();
        assert!(base.is_empty() && left == 0 && base.lengths == (0, 0), "nothing is left behind");
    }

    #[test]
    fn what_one_may_not_see_takes_no_place() {
        let base = base();
        let found = base.search("灵活就业怎样参加保险", 1, |key| key != "pension" && key != "water");
        assert_eq!(found.iter().map(|hit| hit.key).collect::<Vec<_>>(), ["medical"]);
    }
}
