//! Lives lived by several threads, and what was done in them brought into one order of time.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

use jiesu_domain::Instant;
use jiesu_lives::Centre;
use jiesu_store::{Fill, Filled, Group, Lived};
use tokio::sync::mpsc::Sender;

use super::rows::{Whole, whole};

/// Lives that a thread lives before it hands them over.
const CHUNK: u64 = 128;
/// What one transaction writes, in commands; each is two or three journal entries.
const GROUP: usize = 12_000;

/// Something done, in its place: by instant, then by ticket, then as it happened.
struct Placed {
    at: Instant,
    no: u64,
    step: usize,
    lived: Box<Lived>,
}

impl Placed {
    fn place(&self) -> (Instant, u64, usize) {
        (self.at, self.no, self.step)
    }
}

impl PartialEq for Placed {
    fn eq(&self, other: &Placed) -> bool {
        self.place() == other.place()
    }
}
impl Eq for Placed {}
impl PartialOrd for Placed {
    fn partial_cmp(&self, other: &Placed) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Placed {
    fn cmp(&self, other: &Placed) -> std::cmp::Ordering {
        self.place().cmp(&other.place())
    }
}

/// Sends group after group, each with the number of its tickets. In memory is what is still ahead of the tickets registered so far.
///
/// # Errors
/// A life cannot be lived.
pub(super) fn groups(centre: &Centre, mut fill: Fill, send: &Sender<(u64, Group)>) -> Result<(), String> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let lives: Vec<Receiver<Lives>> = (0..threads)
            .map(|thread| {
                let (hand, over) = sync_channel(2);
                scope.spawn(move || {
                    for chunk in (thread as u64..chunks(centre)).step_by(threads) {
                        if hand.send(live(centre, chunk)).is_err() {
                            return; // nobody wants them any more
                        }
                    }
                });
                over
            })
            .collect();
        let mut order = Order::default();
        for chunk in 0..chunks(centre) {
            let lived = lives[chunk as usize % threads].recv().map_err(|_| "生成演示工单的线程中断".to_owned())?;
            order.take(chunk * CHUNK, lived?);
            let next = (chunk + 1) * CHUNK;
            let before = if next < centre.load.tickets() { centre.load.arrival(next) } else { Instant::MAX };
            while order.until(before) {
                let (tickets, done) = order.group();
                if send.blocking_send((tickets.len() as u64, fill.group(tickets, done))).is_err() {
                    return Ok(()); // the writer failed, and says so itself
                }
            }
        }
        Ok(())
    })
}

type Lives = Result<Vec<Whole>, String>;

fn chunks(centre: &Centre) -> u64 {
    centre.load.tickets().div_ceil(CHUNK)
}

fn live(centre: &Centre, chunk: u64) -> Lives {
    let from = chunk * CHUNK;
    (from..(from + CHUNK).min(centre.load.tickets())).map(|no| whole(centre, no)).collect()
}

/// What was done, coming into order.
#[derive(Default)]
struct Order {
    ahead: BinaryHeap<Reverse<Placed>>,
    tickets: Vec<Filled>,
    done: Vec<Lived>,
}

impl Order {
    fn take(&mut self, first: u64, lives: Vec<Whole>) {
        for (no, Whole { filled, lived }) in (first..).zip(lives) {
            self.tickets.push(filled);
            let placed = lived.into_iter().enumerate();
            self.ahead
                .extend(placed.map(|(step, lived)| Reverse(Placed { at: lived.at, no, step, lived: Box::new(lived) })));
        }
    }

    /// Brings into order what was done before an instant, as far as a group holds; whether there is a group to write.
    fn until(&mut self, before: Instant) -> bool {
        while self.done.len() < GROUP {
            match self.ahead.peek() {
                Some(Reverse(next)) if next.at < before => {}
                _ => return before == Instant::MAX && !(self.done.is_empty() && self.tickets.is_empty()),
            }
            self.done.extend(self.ahead.pop().map(|Reverse(placed)| *placed.lived));
        }
        true
    }

    fn group(&mut self) -> (Vec<Filled>, Vec<Lived>) {
        (std::mem::take(&mut self.tickets), std::mem::take(&mut self.done))
    }
}
