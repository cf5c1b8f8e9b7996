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
/// Pairs that are not worth looking through for those that are of no use any more.
const FEW: usize = 10_000;

type ByNumber<T> = HashMap<u32, T, BuildHasherDefault<Mixed>>;

/// What becomes of a message. Twenty thousand begin alone, so that one alone takes nothing besides its features.
enum Group {
    One,
    Many(Box<Many>),
    /// It went into another.
    Gone,
}

#[derive(Default)]
struct Many {
    members: Vec<u32>,
    /// The sum of the members' weights, and its length.
    sum: Vec<Gram>,
    length: f32,
    titled: BTreeMap<u32, u32>,
    named: BTreeMap<u32, u32>,
    /// Names that a third of the members have.
    names: Features,
}

/// Two groups that may become one, as they were when they were compared.
struct Pair {
    alike: f32,
    groups: (u32, u32),
    /// How often each had changed by then, counted from 1.
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
pub(super) fn groups(messages: &[Features]) -> Vec<Vec<u32>> {
    let near = near(messages);
    let mut grouping = Grouping::new(messages, &near);
    let mut alone = grouping.alone();
    let (mut pairs, mut current) = (BinaryHeap::new(), 0);
    loop {
        while alone.last().is_some_and(|pair| !grouping.is_current(&grouping.of_alone(*pair))) {
            alone.pop();
        }
        let first = alone.last().map(|pair| grouping.of_alone(*pair));
        let next = match (first, pairs.peek()) {
            (Some(first), Some(other)) if first < *other => pairs.pop(),
            (None, _) => pairs.pop(),
            (first, _) => {
                alone.pop();
                first
            }
        };
        let Some(pair) = next else { break };
        let (a, b) = pair.groups;
        if grouping.is_current(&pair) && grouping.is_one_matter(a, b) {
            grouping.join(a, b);
            pairs.extend(grouping.near[a as usize].iter().filter_map(|n| grouping.pair(a, *n)));
            // Those of a group that has changed since would only be thrown away when their turn comes.
            if pairs.len() > 2 * current + FEW {
                pairs.retain(|pair| grouping.is_current(pair));
                pairs.shrink_to(2 * pairs.len() + FEW);
                current = pairs.len();
            }
        }
    }
    drop((alone, pairs));
    let found = grouping.found();
    tidied(messages, found, &near)
}

/// Groups on their way.
struct Grouping<'m> {
    messages: &'m [Features],
    groups: Vec<Group>,
    /// Counts the changes of each, from 1; 0 is a group that went into another.
    ages: Vec<u32>,
    /// What is near the messages.
    first: &'m Near,
    /// What is near each group; of a message alone, what came to be so since.
    near: Vec<Vec<u32>>,
}

impl<'m> Grouping<'m> {
    fn new(messages: &'m [Features], first: &'m Near) -> Grouping<'m> {
        let groups = messages.iter().map(|_| Group::One).collect();
        let near = vec![Vec::new(); messages.len()];
        Grouping { messages, groups, ages: vec![1; messages.len()], first, near }
    }

    /// Pairs of messages that may become groups, the first one last. As numbers, which sort as [`Pair`]s do: how alike they are, which is
    /// above 0, as bits; below it the place of the pair among all that are near, turned round.
    fn alone(&self) -> Vec<u64> {
        let mut pairs = Vec::new();
        for a in 0..self.messages.len() as u32 {
            let start = self.first.start(a);
            let behind = (start..).zip(self.first.of(a)).filter(|(_, b)| **b > a);
            let pair = |(place, b): (u32, &u32)| {
                Some(u64::from(self.pair(a, *b)?.alike.to_bits()) << 32 | u64::from(u32::MAX - place))
            };
            pairs.extend(behind.filter_map(pair));
        }
        pairs.sort_unstable();
        pairs
    }

    fn of_alone(&self, pair: u64) -> Pair {
        let place = u32::MAX - pair as u32;
        let a = self.first.ends.partition_point(|end| *end <= place) as u32;
        Pair { alike: f32::from_bits((pair >> 32) as u32), groups: (a, self.first.of[place as usize]), ages: (1, 1) }
    }

    fn is_current(&self, pair: &Pair) -> bool {
        let (a, b) = pair.groups;
        (self.ages[a as usize], self.ages[b as usize]) == pair.ages
    }

    /// The sum of what it says, its length, and the names.
    fn compared(&self, group: u32) -> (&[Gram], f32, &Features) {
        match &self.groups[group as usize] {
            Group::Many(many) => (&many.sum, many.length, &many.names),
            _ => (&self.messages[group as usize].grams, 1.0, &self.messages[group as usize]),
        }
    }

    fn pair(&self, a: u32, b: u32) -> Option<Pair> {
        let ((one, of_one, names), (two, of_two, others)) = (self.compared(a), self.compared(b));
        let enough = if same_place(names, others) { ALIKE_THERE } else { ALIKE };
        let both = of_one * of_two;
        let alike = if both > 0.0 { cosine(one, two) / both } else { 0.0 };
        let may = alike >= enough && !elsewhere(names, others);
        may.then(|| Pair { alike, groups: (a, b), ages: (self.ages[a as usize], self.ages[b as usize]) })
    }

    fn members(&self, group: u32) -> Vec<u32> {
        match &self.groups[group as usize] {
            Group::One => vec![group],
            Group::Many(many) => many.members.clone(),
            Group::Gone => Vec::new(),
        }
    }

    fn is_one_matter(&self, a: u32, b: u32) -> bool {
        let both = [self.members(a), self.members(b)].concat();
        if both.len() < SMALL {
            return true;
        }
        let some: Vec<u32> = both.iter().copied().step_by(both.len().div_ceil(HELD_AGAINST)).collect();
        let message = |no: u32| &self.messages[no as usize];
        let pairs = some.iter().enumerate().flat_map(|(n, a)| some[..n].iter().map(move |b| (*a, *b)));
        let apart = pairs.filter(|(a, b)| elsewhere(message(*a), message(*b))).count();
        if apart as f32 > APART * (some.len() * (some.len() - 1) / 2) as f32 {
            return false;
        }
        let mean = |most| {
            let fits = fits(self.messages, &some, most);
            fits.iter().sum::<f32>() / fits.len() as f32
        };
        mean(most(some.len())) >= COHERENT || mean(usize::MAX) >= TIGHT
    }

    /// Makes one group of both, which is the first from now on.
    fn join(&mut self, a: u32, b: u32) {
        let (mut near, others) = (self.take_near(a), self.take_near(b));
        let one = self.take(a);
        let joined = one.join(self.take(b));
        self.groups[a as usize] = Group::Many(Box::new(joined));
        self.ages[a as usize] += 1;
        self.ages[b as usize] = 0;
        near.retain(|n| self.ages[*n as usize] > 0);
        let new: Vec<u32> = others
            .into_iter()
            .filter(|n| *n != a && self.ages[*n as usize] > 0 && near.binary_search(n).is_err())
            .collect();
        // What was near the first one has it among its own already.
        new.iter().for_each(|n| self.near[*n as usize].push(a));
        near.extend(new);
        near.sort_unstable();
        self.near[a as usize] = near;
    }

    /// What is near a group, in order.
    fn take_near(&mut self, group: u32) -> Vec<u32> {
        let mut near = std::mem::take(&mut self.near[group as usize]);
        if matches!(self.groups[group as usize], Group::One) {
            near.extend(self.first.of(group));
        }
        near.sort_unstable();
        near.dedup();
        near
    }

    fn take(&mut self, group: u32) -> Many {
        match std::mem::replace(&mut self.groups[group as usize], Group::Gone) {
            Group::One => Many::of(group, &self.messages[group as usize]),
            Group::Many(many) => *many,
            Group::Gone => Many::default(),
        }
    }

    fn found(self) -> Vec<Vec<u32>> {
        let members = |(no, group)| match group {
            Group::One => Some(vec![no]),
            Group::Many(many) => Some(many.members),
            Group::Gone => None,
        };
        (0..).zip(self.groups).filter_map(members).collect()
    }
}

/// Which messages share grams enough for their groups to be compared.
struct Near {
    /// Where those of each message end.
    ends: Vec<u32>,
    /// Those of the first, in order, then those of the second.
    of: Vec<u32>,
}

impl Near {
    fn start(&self, message: u32) -> u32 {
        message.checked_sub(1).map_or(0, |before| self.ends[before as usize])
    }

    fn of(&self, message: u32) -> &[u32] {
        &self.of[self.start(message) as usize..self.ends[message as usize] as usize]
    }

    /// Both ways, of pairs that are known from the later message only.
    fn both_ways(before: &Near) -> Near {
        let messages = before.ends.len() as u32;
        let mut ends: Vec<u32> = (0..messages).map(|no| before.of(no).len() as u32).collect();
        before.of.iter().for_each(|no| ends[*no as usize] += 1);
        let mut sum = 0;
        // Where each begins; when it is filled, where it ends.
        for end in &mut ends {
            sum += std::mem::replace(end, sum);
        }
        let mut near = Near { ends, of: vec![0; sum as usize] };
        for no in 0..messages {
            for other in before.of(no) {
                near.push(no, *other);
                near.push(*other, no);
            }
        }
        near
    }

    fn push(&mut self, message: u32, other: u32) {
        let end = &mut self.ends[message as usize];
        self.of[*end as usize] = other;
        *end += 1;
    }
}

fn near(messages: &[Features]) -> Near {
    let mut having = Having::of(messages);
    let mut before = Near { ends: Vec::with_capacity(messages.len()), of: Vec::new() };
    let (mut sums, mut met) = (vec![0.0_f32; messages.len()], Vec::new());
    for (no, message) in (0..).zip(messages) {
        for gram in &message.grams {
            for (other, weight) in having.before(gram, no) {
                let sum = &mut sums[*other as usize];
                if *sum == 0.0 {
                    met.push(*other);
                }
                *sum += gram.weight * weight;
            }
        }
        let mut near: Vec<(u32, f32)> =
            met.drain(..).map(|other| (other, std::mem::take(&mut sums[other as usize]))).collect();
        near.retain(|(_, sum)| *sum >= NEAR);
        if near.len() > NEAR_MOST {
            near.select_nth_unstable_by(NEAR_MOST, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            near.truncate(NEAR_MOST);
        }
        near.sort_unstable_by_key(|(other, _)| *other);
        before.of.extend(near.into_iter().map(|(other, _)| other));
        before.ends.push(before.of.len() as u32);
    }
    drop(having);
    Near::both_ways(&before)
}

/// Which messages have a gram, for those that several have: of each the first [`COMMON`] and one.
struct Having {
    grams: Vec<u32>,
    /// Where those that have each gram begin, and how many are there by now; and where the last one's end.
    lists: Vec<(u32, u32)>,
    messages: Vec<(u32, f32)>,
}

impl Having {
    fn of(messages: &[Features]) -> Having {
        let mut all: Vec<u32> = Vec::with_capacity(messages.iter().map(|m| m.grams.len()).sum());
        messages.iter().for_each(|m| all.extend(m.grams.iter().map(|g| g.number)));
        all.sort_unstable();
        let (mut grams, mut lists, mut end) = (Vec::new(), Vec::new(), 0);
        for same in all.chunk_by(|a, b| a == b).filter(|same| same.len() > 1) {
            grams.push(same[0]);
            lists.push((end, 0));
            end += same.len().min(COMMON + 1) as u32;
        }
        drop(all);
        lists.push((end, 0));
        Having { grams, lists, messages: vec![(0, 0.0); end as usize] }
    }

    /// The messages that have it and came before this one, which is noted; none if they are too many.
    fn before(&mut self, gram: &Gram, message: u32) -> &[(u32, f32)] {
        let Ok(at) = self.grams.binary_search(&gram.number) else { return &[] };
        let ((start, count), (end, _)) = (self.lists[at], self.lists[at + 1]);
        let (start, next) = (start as usize, (start + count) as usize);
        if next == end as usize {
            return &[];
        }
        self.messages[next] = (message, gram.weight);
        self.lists[at].1 += 1;
        &self.messages[start..next]
    }
}

/// So many of a group are most of it.
fn most(members: usize) -> usize {
    (members * 3).div_ceil(5).max(2)
}

/// What each of some messages says that not `most` or more of them say, without names.
fn rests(messages: &[Features], group: &[u32], most: usize) -> Vec<Vec<Gram>> {
    let mut have: ByNumber<usize> = HashMap::default();
    group.iter().flat_map(|m| &messages[*m as usize].grams).for_each(|g| *have.entry(g.number).or_default() += 1);
    let is_rest = |g: &&Gram| !g.is_name && have.get(&g.number).is_some_and(|n| *n < most);
    group.iter().map(|m| messages[*m as usize].grams.iter().filter(is_rest).copied().collect()).collect()
}

/// How alike each message of a group is to the others in what not `most` or more of them say.
fn fits(messages: &[Features], group: &[u32], most: usize) -> Vec<f32> {
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
fn tidied(messages: &[Features], groups: Vec<Vec<u32>>, near: &Near) -> Vec<Vec<u32>> {
    let (mut large, mut small): (Vec<Vec<u32>>, Vec<Vec<u32>>) = groups.into_iter().partition(|g| g.len() >= SMALL);
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
    let mut of: Vec<Option<u32>> = vec![None; messages.len()];
    for (no, group) in (0..).zip(&large) {
        group.iter().for_each(|m| of[*m as usize] = Some(no));
    }
    let home = |group: &Vec<u32>| {
        let mut into: Vec<u32> = group.iter().flat_map(|m| near.of(*m)).filter_map(|n| of[*n as usize]).collect();
        into.sort_unstable();
        into.dedup();
        let fits = |no: usize| group.iter().all(|m| belongs(messages, *m, &large[no], middles[no]));
        into.into_iter().map(|no| no as usize).find(|no| fits(*no))
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

fn belongs(messages: &[Features], message: u32, group: &[u32], middle: f32) -> bool {
    let of = |no: u32| &messages[no as usize];
    let there = group.iter().filter(|m| same_place(of(message), of(**m))).count();
    if there * 3 < group.len() {
        return false;
    }
    let mut some: Vec<u32> = group.iter().copied().step_by(group.len().div_ceil(HELD_AGAINST)).collect();
    some.push(message);
    fits(messages, &some, most(some.len())).last().is_some_and(|fit| *fit >= middle * INSIDE)
}

impl Many {
    fn of(no: u32, message: &Features) -> Many {
        let once = |names: &[u32]| names.iter().map(|n| (*n, 1)).collect();
        Many {
            members: vec![no],
            sum: message.grams.clone(),
            length: 1.0,
            titled: once(&message.titled),
            named: once(&message.named),
            names: message.names(),
        }
    }

    fn join(mut self, other: Many) -> Many {
        self.members.extend(other.members);
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
        self
    }
}
