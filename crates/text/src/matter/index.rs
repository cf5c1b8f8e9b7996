//! Finds, for a message that comes in, the earlier ones that may be about the same matter: among a million in some milliseconds, with every
//! message added as it comes.
//!
//! A message is looked up by its weightiest grams: each has a list of the messages it was weighty for, the newest first to be looked at. Those
//! that share most are then compared in full. A gram that very many share says little, so its list is only followed through its newest part:
//! what is looked at has a limit, however long the history.

use std::{collections::HashMap, hash::BuildHasherDefault};

use super::features::{Features, Gram, Rarity, cosine, elsewhere, said, same_place, weighed};
use crate::classify::Mixed;

/// Grams that a message is looked up by.
const KEYS: usize = 24;
/// Messages of one gram that are looked at: the newest.
const NEWEST: usize = 1_000;
/// Candidates that are compared in full.
const COMPARED: usize = 100;
/// Grams that are kept of a message.
const KEPT: usize = 48;
/// As alike as this is the same text again, perhaps with another beginning.
pub const SAME_TEXT: f32 = 0.8;
/// The same matter, where both name the same place.
const ALIKE_THERE: f32 = 0.35;
/// The same matter, where no place is named.
const ALIKE: f32 = 0.5;

/// Who wrote it, as far as it matters: equal numbers are one person. Made by the caller, say of a keyed hash of the phone.
pub type Person = u64;

/// What an earlier message has to do with a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The same text, by the same person: a message that was sent again.
    Again,
    /// The same fact by the same person, in other words.
    SamePerson,
    /// The same fact by somebody else.
    OtherPerson,
}

/// Why two messages are held to be about one matter, for a person to judge by.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    /// The number that [`Index::add`] gave.
    pub message: u32,
    pub relation: Relation,
    /// 1 is the same text, 0 nothing in common.
    pub alike: f32,
    /// Both name the same place in a title.
    pub same_place: bool,
}

#[derive(Debug, Clone)]
struct Kept {
    person: Person,
    /// Of each gram, in 255ths.
    weights: Box<[u8]>,
    /// The grams, the names in the title, all names, in one list, as there are a hundred thousand of these.
    numbers: Box<[u32]>,
    titled: u8,
}

/// All messages so far.
#[derive(Debug, Default)]
pub struct Index {
    rarity: Rarity,
    having: HashMap<u32, Vec<u32>, BuildHasherDefault<Mixed>>,
    messages: Vec<Kept>,
}

impl Index {
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// Adds a message and gives its number: they are numbered from 0.
    pub fn add(&mut self, person: Person, title: &str, detail: &str) -> u32 {
        let said = said(title, detail);
        self.rarity.count(&said);
        let mut features = weighed(&said, &self.rarity);
        let number = self.messages.len() as u32;
        for gram in keys(&features.grams) {
            self.having.entry(gram).or_default().push(number);
        }
        Gram::keep(&mut features.grams, KEPT);
        self.messages.push(Kept::of(person, &features));
        number
    }

    /// The earlier messages about the same matter, as far as it is plain; the most alike first, of equals the newest.
    pub fn alike(&self, person: Person, title: &str, detail: &str) -> Vec<Alike> {
        let features = weighed(&said(title, detail), &self.rarity);
        let candidates = self.candidates(&features).into_iter();
        let mut found: Vec<Alike> =
            candidates.filter_map(|message| self.compared(&features, person, message)).collect();
        found.sort_by(|a, b| b.alike.total_cmp(&a.alike).then(b.message.cmp(&a.message)));
        found
    }

    /// The most alike of the earlier messages, however little that is and whatever places they name: what is not told, for measuring.
    pub fn nearest(&self, person: Person, title: &str, detail: &str) -> Option<Alike> {
        let features = weighed(&said(title, detail), &self.rarity);
        let all = self.candidates(&features).into_iter().filter_map(|m| self.weighed_against(&features, person, m));
        all.max_by(|a, b| a.alike.total_cmp(&b.alike).then(a.message.cmp(&b.message)))
    }

    /// Those that share most of the weightiest grams.
    fn candidates(&self, features: &Features) -> Vec<u32> {
        let mut shared: Vec<u32> = Vec::new();
        for gram in keys(&features.grams) {
            let having = self.having.get(&gram).map_or(&[][..], Vec::as_slice);
            shared.extend(&having[having.len().saturating_sub(NEWEST)..]);
        }
        shared.sort_unstable();
        let together = shared.chunk_by(|a, b| a == b);
        let mut candidates: Vec<(usize, u32)> = together.map(|same| (same.len(), same[0])).collect();
        if candidates.len() > COMPARED {
            candidates.select_nth_unstable_by(COMPARED, |a, b| b.cmp(a));
            candidates.truncate(COMPARED);
        }
        candidates.into_iter().map(|(_, message)| message).collect()
    }

    fn compared(&self, new: &Features, person: Person, message: u32) -> Option<Alike> {
        let found = self.weighed_against(new, person, message)?;
        let enough = if found.same_place { ALIKE_THERE } else { ALIKE };
        let plain = found.alike >= enough && !elsewhere(new, &self.messages.get(message as usize)?.features());
        plain.then_some(found)
    }

    fn weighed_against(&self, new: &Features, person: Person, message: u32) -> Option<Alike> {
        let kept = self.messages.get(message as usize)?;
        let old = kept.features();
        let alike = cosine(&new.grams, &old.grams).min(1.0);
        let same_place = same_place(new, &old);
        let relation = match (person == kept.person, alike >= SAME_TEXT) {
            (true, true) => Relation::Again,
            (true, false) => Relation::SamePerson,
            (false, _) => Relation::OtherPerson,
        };
        Some(Alike { message, relation, alike, same_place })
    }

    /// Bytes that it takes, nearly.
    pub fn bytes(&self) -> usize {
        let of_message = |m: &Kept| size_of::<Kept>() + m.weights.len() + m.numbers.len() * size_of::<u32>();
        let of_list = |list: &Vec<u32>| size_of::<(u32, Vec<u32>)>() + 1 + list.capacity() * size_of::<u32>();
        self.messages.iter().map(of_message).sum::<usize>()
            + self.having.values().map(of_list).sum::<usize>()
            + self.rarity.bytes()
    }
}

/// The weightiest grams.
fn keys(grams: &[Gram]) -> impl Iterator<Item = u32> {
    let mut keys = grams.to_vec();
    Gram::keep(&mut keys, KEYS);
    keys.into_iter().map(|g| g.number)
}

impl Kept {
    fn of(person: Person, features: &Features) -> Kept {
        let grams = features.grams.iter().map(|g| g.number);
        Kept {
            person,
            weights: features.grams.iter().map(|g| (g.weight * 255.0).ceil().min(255.0) as u8).collect(),
            numbers: grams.chain(features.titled.iter().copied()).chain(features.named.iter().copied()).collect(),
            titled: features.titled.len() as u8,
        }
    }

    fn features(&self) -> Features {
        let (grams, names) = self.numbers.split_at(self.weights.len());
        let (titled, named) = names.split_at(usize::from(self.titled));
        let gram = |(number, weight): (&u32, &u8)| Gram { number: *number, weight: f32::from(*weight), is_name: false };
        let mut grams: Vec<Gram> = grams.iter().zip(&self.weights).map(gram).collect();
        let length = super::features::length(&grams).max(f32::MIN_POSITIVE);
        grams.iter_mut().for_each(|g| g.weight /= length);
        Features { grams, titled: titled.to_vec(), named: named.to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OILY: (&str, &str) =
        ("翠竹园小区楼下烧烤店油烟太大", "翠竹园小区楼下的烧烤店每天晚上油烟直排，家里不敢开窗，噪音到凌晨");

    fn index(messages: &[(Person, (&str, &str))]) -> Index {
        let mut index = Index::default();
        for (person, (title, detail)) in messages {
            index.add(*person, title, detail);
        }
        index
    }

    fn found(index: &Index, person: Person, (title, detail): (&str, &str)) -> Vec<(u32, Relation)> {
        index.alike(person, title, detail).into_iter().map(|a| (a.message, a.relation)).collect()
    }

    #[test]
    fn the_same_fact_is_told_by_who_says_it() {
        let index = index(&[(1, OILY), (9, ("公园路灯不亮", "滨江公园的路灯坏了半个月"))]);
        let words = ("翠竹园烧烤店油烟扰民", "翠竹园小区楼下烧烤店油烟直排，家里不敢开窗，噪音到凌晨还有");
        assert_eq!(found(&index, 1, OILY), [(0, Relation::Again)]);
        assert_eq!(found(&index, 2, OILY), [(0, Relation::OtherPerson)]);
        assert_eq!(found(&index, 1, words), [(0, Relation::SamePerson)]);
        assert_eq!(found(&index, 2, words), [(0, Relation::OtherPerson)]);
    }

    #[test]
    fn another_place_and_another_problem_are_not_proposed() {
        let index = index(&[(1, OILY)]);
        let elsewhere = (OILY.0.replace("翠竹园", "碧水湾"), OILY.1.replace("翠竹园", "碧水湾"));
        assert_eq!(found(&index, 2, (&elsewhere.0, &elsewhere.1)), []);
        assert_eq!(found(&index, 2, ("翠竹园小区电梯三天两头坏", "翠竹园五栋电梯经常困人，物业说没有维修资金")), []);
        assert_eq!(found(&index, 2, ("", "")), []);
    }

    #[test]
    fn the_nearest_is_told_also_where_it_is_no_matter() {
        let index = index(&[(1, OILY), (9, ("公园路灯不亮", "滨江公园的路灯坏了半个月"))]);
        let other = ("翠竹园小区电梯三天两头坏", "翠竹园五栋电梯经常困人，物业说没有维修资金");
        assert_eq!(found(&index, 2, other), []);
        let nearest = index.nearest(2, other.0, other.1).unwrap();
        assert!(nearest.message == 0 && nearest.alike < ALIKE_THERE, "{nearest:?}");
        assert_eq!(index.nearest(2, "", ""), None);
    }

    #[test]
    fn what_was_added_last_is_found_at_once_among_many() {
        let mut index = Index::default();
        for n in 0..3_000 {
            index.add(n, &format!("第{n}号路灯不亮"), &format!("巡查编号{n}的路灯不亮，请修理"));
        }
        assert!(index.alike(1, OILY.0, OILY.1).is_empty());
        let number = index.add(7, OILY.0, OILY.1);
        assert_eq!(found(&index, 8, OILY), [(number, Relation::OtherPerson)]);
        assert_eq!((index.len(), number), (3_001, 3_000));
    }
}
