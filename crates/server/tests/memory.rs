//! How much memory it takes at its most to find the hot issues among many messages, and to learn from them: bytes a message, counted by the
//! allocator, so the same on every machine. A process that serves a city has 200 MB for all it does, and both go on beside it.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and measures time where it is asked to"
)]

use std::sync::{Mutex, PoisonError};

use jiesu_lives::{
    Rng,
    matter::{self, Matter},
};
use jiesu_text::{
    classify::{Sample, tree::Tree},
    matter::{Posted, hot},
};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What others take meanwhile would be counted too.
static ALONE: Mutex<()> = Mutex::new(());

/// A message as the demo's lives tell it: thousands say nearly the same.
struct Told {
    title: String,
    content: String,
    matter: &'static Matter,
    unit: String,
}

const SINCE: [&str; 5] = ["已经持续三天", "从上周开始", "近一个月来", "这种情况已有半年", "一直没有好转"];
const BEFORE: [&str; 4] = ["曾向物业反映，没有结果", "已打过两次电话", "此前没有反映过", "社区说不归他们管"];
const WISH: [&str; 4] = ["希望尽快处理", "请有关部门到现场核实", "请尽快解决并回电", "希望依法查处"];
/// Units that a message may have gone to.
const UNITS: usize = 64;

fn told(messages: usize) -> Vec<Told> {
    let mut rng = Rng::new(9);
    let mut one = |_| {
        let about = rng.below(matter::all().len());
        let matter = &matter::all()[about];
        let at_home = rng.odds(6_500);
        let spot = match at_home {
            true => format!("{}{}栋", matter::community(&mut rng), 1 + rng.below(38)),
            false => format!("{}{}号", matter::street(&mut rng), 1 + rng.below(390)),
        };
        let (detail, since, before, wish) =
            (rng.pick(&matter.details), rng.word(&SINCE), rng.word(&BEFORE), rng.word(&WISH));
        let title = if matter.at_a_place { format!("{spot}{}", matter.subject) } else { matter.subject.clone() };
        let content = format!("诉求人反映：{spot}{detail}，{since}。{before}，{wish}。");
        Told { title, content, matter, unit: format!("{:02}", (about + rng.below(3) * 20) % UNITS) }
    };
    (0..messages).map(&mut one).collect()
}

/// Bytes that are taken at the most while it is done, besides those that were taken before.
fn at_most<T>(done: impl FnOnce() -> T) -> (usize, T) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let out = done();
    (MEMORY.peak_usage() - before, out)
}

fn hot_of(told: &[Told]) -> usize {
    let posted: Vec<Posted<'_>> = (0..)
        .zip(told)
        .map(|(at, t)| Posted { user: &t.title, title: &t.title, detail: &t.content, at, likes: 0, dislikes: 0 })
        .collect();
    hot(&posted).len()
}

fn learn<'t>(told: &'t [Told], label: impl Fn(&'t Told) -> &'t str) -> usize {
    let of = |t: &'t Told| Sample { title: &t.title, detail: &t.content, label: label(t) };
    let samples: Vec<Sample<'_>> = told.iter().map(of).collect();
    Tree::train(&samples, &|| true).unwrap().models()
}

const MESSAGES: usize = 10_000;

#[test]
fn finding_hot_issues_takes_three_kilobytes_a_message() {
    let told = told(MESSAGES);
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (most, matters) = at_most(|| hot_of(&told));
    assert!(matters > 1, "{matters}");
    // With the table of how rare grams are, which takes 8 MB however many messages there are.
    assert!(most < 3_000 * MESSAGES, "{} bytes a message", most / MESSAGES);
}

#[test]
fn learning_takes_two_and_a_half_kilobytes_a_message() {
    let told = told(MESSAGES);
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (most, models) = at_most(|| learn(&told, |t| &t.matter.category));
    assert!(models > 1, "{models}");
    // With the models that come of it.
    assert!(most < 2_500 * MESSAGES, "{} bytes a message", most / MESSAGES);
}

/// Seconds that this process has had of the processor.
fn processor_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let of_all: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (of_all[11].parse::<f64>().unwrap() + of_all[12].parse::<f64>().unwrap()) / 100.0
}

#[test]
#[ignore = "measures; run alone, optimised"]
fn what_twenty_thousand_take() {
    let told = told(20_000);
    let timed = |what: &str, done: &dyn Fn() -> usize| {
        let begun = processor_time();
        let (most, out) = at_most(done);
        println!("{what}: {:.1} MB, {:.1} s ({out})", most as f64 / 1e6, processor_time() - begun);
    };
    timed("hot", &|| hot_of(&told));
    timed("categories", &|| learn(&told, |t| &t.matter.category));
    timed("units", &|| learn(&told, |t| &t.unit));
}
