//! Groups of messages about one matter, found among all at once: the two most alike groups become one, again and again, as long as any two are
//! alike enough. A group is compared by the sum of its messages, so that what they all say weighs more than how each says it. What most of a
//! group say, which is mostly the name of a place, is not enough to be one matter: what is left has to be alike as well.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BinaryHeap, HashMap},
    hash::BuildHasherDefault,
};

use super::features::{Features, Gram, cosine, elsewhere, length, same_place};
use crate::classify::Mixed;

/// Groups that are less alike stay apart, unless they name the same place.
const ALIKE: f32 = 0.25;
const ALIKE_THERE: f32 = 0.15;
/// How alike the messages of a group are in what not most of them say, at least.
const COHERENT: f32 = 0.06;
/// Or in all they say besides names: they may all say the same.
const TIGHT: f32 = 0.25;
/// Of the pairs of a group, so many may name different places in their titles.
const APART: f32 = 0.1;
/// A smaller group is not looked at so: hardly anything is said by some and not by most.
const SMALL: usize = 4;
/// A message that fits its group by less than this share of the middle one is left out.
const OUTSIDE: f32 = 0.25;
/// A message of hardly any group that fits a larger one of the same place by this share of its middle one is taken in.
const INSIDE: f32 = 0.3;
/// Two messages less alike than this do not make their groups be compared.
const NEAR: f32 = 0.1;
/// Messages before it that a message is compared with at most, the most alike: of thousands that say the same, each is near all.
const NEAR_MOST: usize = 100;
/// Grams that are kept of a group.
const KEPT: usize = 160;
/// A gram that more messages have makes none be compared.
const COMMON: usize = 400;
/// Messages of a group that others are held against.
const HELD_AGAINST: usize = 30;

type ByNumber<T> = HashMap<u32, T, BuildHasherDefault<Mixed>>;

#[derive(Default)]
struct Group {
    members: Vec<usize>,
    /// The sum of the members' weights, and its length.
    sum: Vec<Gram>,
    length: f32,
    titled: BTreeMap<u32, u32>,
    named: BTreeMap<u32, u32>,
    /// Names that a third of the members have.
    names: Features,
    near: Vec<usize>,
    /// Counts the changes; 0 is a group that went into another.
    age: u32,
}

/// Two groups that may become one, as they were when they were compared.
struct Pair {
    alike: f32,
    groups: (usize, usize),
    ages: (u32, u32),
}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> Ordering {
        self.alike.total_cmp(&other.alike).then(other.groups.cmp(&self.groups)).then(self.ages.cmp(&other.ages))
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Pair {}

/// The messages by group, each message in one; a message alone is a group.
pub(super) fn groups(messages: &[Features]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Group> = messages.iter().enumerate().map(|(no, m)| Group::of(no, m)).collect();
    let mut pairs = BinaryHeap::new();
    for (a, b) in near(messages) {
        groups[a].near.push(b);
        groups[b].near.push(a);
        pairs.extend(pair(&groups, a, b));
    }
    let near_first: Vec<Vec<usize>> = groups.iter().map(|g| g.near.clone()).collect();
    while let Some(Pair { groups: (a, b), ages, .. }) = pairs.pop() {
        if (groups[a].age, groups[b].age) == ages && is_one_matter(messages, &groups[a], &groups[b]) {
            join(&mut groups, a, b);
            let near = std::mem::take(&mut groups[a].near);
            for &n in &near {
                groups[n].near.push(a);
                pairs.extend(pair(&groups, a, n));
            }
            groups[a].near = near;
        }
    }
    let found = groups.into_iter().filter(|g| g.age > 0).map(|g| g.members).collect();
    tidied(messages, found, &near_first)
}

fn pair(groups: &[Group], a: usize, b: usize) -> Option<Pair> {
    let (one, two) = (&groups[a], &groups[b]);
    let enough = if same_place(&one.names, &two.names) { ALIKE_THERE } else { ALIKE };
    let both = one.length * two.length;
    let alike = if both > 0.0 { cosine(&one.sum, &two.sum) / both } else { 0.0 };
    let may = alike >= enough && !elsewhere(&one.names, &two.names);
    may.then_some(Pair { alike, groups: (a, b), ages: (one.age, two.age) })
}

fn is_one_matter(messages: &[Features], a: &Group, b: &Group) -> bool {
    let both: Vec<usize> = a.members.iter().chain(&b.members).copied().collect();
    if both.len() < SMALL {
        return true;
    }
    let some: Vec<usize> = both.iter().copied().step_by(both.len().div_ceil(HELD_AGAINST)).collect();
    let pairs = some.iter().enumerate().flat_map(|(n, a)| some[..n].iter().map(move |b| (*a, *b)));
    let apart = pairs.filter(|(a, b)| elsewhere(&messages[*a], &messages[*b])).count();
    if apart as f32 > APART * (some.len() * (some.len() - 1) / 2) as f32 {
        return false;
    }
    let mean = |most| {
        let fits = fits(messages, &some, most);
        fits.iter().sum::<f32>() / fits.len() as f32
    };
    mean(most(some.len())) >= COHERENT || mean(usize::MAX) >= TIGHT
}

/// So many of a group are most of it.
fn most(members: usize) -> usize {
    (members * 3).div_ceil(5).max(2)
}

fn join(groups: &mut [Group], a: usize, b: usize) {
    let other = std::mem::take(&mut groups[b]);
    groups[a].join(other);
    let mut near = std::mem::take(&mut groups[a].near);
    near.retain(|n| *n != a && groups[*n].age > 0);
    near.sort_unstable();
    near.dedup();
    groups[a].near = near;
}

/// Messages that share grams enough for their groups to be compared.
fn near(messages: &[Features]) -> Vec<(usize, usize)> {
    let mut having: ByNumber<Vec<(u32, f32)>> = HashMap::default();
    let mut pairs = Vec::new();
    for (no, message) in messages.iter().enumerate() {
        let mut sums: ByNumber<f32> = HashMap::default();
        for gram in &message.grams {
            let have = having.entry(gram.number).or_default();
            if have.len() <= COMMON {
                have.iter().for_each(|(other, w)| *sums.entry(*other).or_default() += gram.weight * w);
                have.push((no as u32, gram.weight));
            }
        }
        let mut near: Vec<(u32, f32)> = sums.into_iter().filter(|(_, sum)| *sum >= NEAR).collect();
        if near.len() > NEAR_MOST {
            near.select_nth_unstable_by(NEAR_MOST, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            near.truncate(NEAR_MOST);
        }
        pairs.extend(near.into_iter().map(|(other, _)| (other as usize, no)));
    }
    pairs.sort_unstable();
    pairs
}

/// What each of some messages says that not `most` or more of them say, without names.
fn rests(messages: &[Features], group: &[usize], most: usize) -> Vec<Vec<Gram>> {
    let mut have: ByNumber<usize> = HashMap::default();
    group.iter().flat_map(|m| &messages[*m].grams).for_each(|g| *have.entry(g.number).or_default() += 1);
    let is_rest = |g: &&Gram| !g.is_name && have.get(&g.number).is_some_and(|n| *n < most);
    group.iter().map(|m| messages[*m].grams.iter().filter(is_rest).copied().collect()).collect()
}

/// How alike each message of a group is to the others in what not `most` or more of them say.
fn fits(messages: &[Features], group: &[usize], most: usize) -> Vec<f32> {
    let rests = rests(messages, group, most);
    let lengths: Vec<f32> = rests.iter().map(|r| length(r)).collect();
    // How alike it is to each, added up, is how alike it is to the sum of them, itself left out.
    let mut sum: ByNumber<f32> = HashMap::default();
    for (rest, length) in rests.iter().zip(&lengths) {
        rest.iter().for_each(|g| *sum.entry(g.number).or_default() += g.weight / length);
    }
    let others = rests.len().saturating_sub(1).max(1) as f32;
    let fit = |(rest, length): (&Vec<Gram>, &f32)| {
        let all: f32 = rest.iter().map(|g| g.weight / length * sum[&g.number]).sum();
        if rest.is_empty() { 0.0 } else { (all - 1.0).max(0.0) / others }
    };
    rests.iter().zip(&lengths).map(fit).collect()
}

fn middle(fits: &[f32]) -> f32 {
    let mut sorted = fits.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// The groups without the messages that hardly fit, and with those of hardly any group that fit well and name the same place.
fn tidied(messages: &[Features], groups: Vec<Vec<usize>>, near: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let (mut large, mut small): (Vec<Vec<usize>>, Vec<Vec<usize>>) = groups.into_iter().partition(|g| g.len() >= SMALL);
    let mut middles = Vec::new();
    for group in &mut large {
        let fits = fits(messages, group, most(group.len()));
        middles.push(middle(&fits));
        let enough = middle(&fits) * OUTSIDE;
        let mut of_members = fits.iter();
        group.retain(|m| {
            let fits = of_members.next().is_none_or(|fit| *fit >= enough);
            if !fits {
                small.push(vec![*m]);
            }
            fits
        });
    }
    let mut of: HashMap<usize, usize> = HashMap::new();
    for (no, group) in large.iter().enumerate() {
        group.iter().for_each(|m| _ = of.insert(*m, no));
    }
    let home = |group: &Vec<usize>| {
        let mut into: Vec<usize> = group.iter().flat_map(|m| &near[*m]).filter_map(|n| of.get(n)).copied().collect();
        into.sort_unstable();
        into.dedup();
        into.into_iter().find(|no| group.iter().all(|m| belongs(messages, *m, &large[*no], middles[*no])))
    };
    let homes: Vec<Option<usize>> = small.iter().map(home).collect();
    let mut out = Vec::new();
    for (group, home) in small.into_iter().zip(homes) {
        match home {
            Some(no) => large[no].extend(group),
            None => out.push(group),
        }
    }
    large.append(&mut out);
    large
}

fn belongs(messages: &[Features], message: usize, group: &[usize], middle: f32) -> bool {
    let there = group.iter().filter(|m| same_place(&messages[message], &messages[**m])).count();
    if there * 3 < group.len() {
        return false;
    }
    let mut some: Vec<usize> = group.iter().copied().step_by(group.len().div_ceil(HELD_AGAINST)).collect();
    some.push(message);
    fits(messages, &some, most(some.len())).last().is_some_and(|fit| *fit >= middle * INSIDE)
}

impl Group {
    fn of(no: usize, message: &Features) -> Group {
        let once = |names: &[u32]| names.iter().map(|n| (*n, 1)).collect();
        Group {
            members: vec![no],
            sum: message.grams.clone(),
            length: 1.0,
            titled: once(&message.titled),
            named: once(&message.named),
            names: message.names(),
            near: Vec::new(),
            age: 1,
        }
    }

    fn join(&mut self, other: Group) {
        self.members.extend(other.members);
        self.near.extend(other.near);
        let mut all: Vec<Gram> = std::mem::take(&mut self.sum).into_iter().chain(other.sum).collect();
        all.sort_unstable_by_key(|g| g.number);
        for gram in all {
            match self.sum.last_mut() {
                Some(last) if last.number == gram.number => last.weight += gram.weight,
                _ => self.sum.push(gram),
            }
        }
        Gram::keep(&mut self.sum, KEPT);
        self.length = length(&self.sum);
        other.titled.into_iter().for_each(|(name, n)| *self.titled.entry(name).or_default() += n);
        other.named.into_iter().for_each(|(name, n)| *self.named.entry(name).or_default() += n);
        let members = self.members.len() as u32;
        let often =
            |names: &BTreeMap<u32, u32>| names.iter().filter(|(_, n)| **n * 3 >= members).map(|(n, _)| *n).collect();
        self.names = Features { titled: often(&self.titled), named: often(&self.named), ..Features::default() };
        self.age += 1;
    }
}
