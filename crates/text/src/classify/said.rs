//! Which runs each of many messages has, and how often, in some two bytes a run: what twenty thousand messages say is to take some tens of
//! megabytes beside everything else that a process has.

use super::grams::Count;

/// Says how often a run is said, below the distance to the run before it.
const IN_DETAIL: u16 = 0;
const IN_TITLE: u16 = 1;
const IN_BOTH: u16 = 2;
/// The next word says it; if that is 0, it is no run, but leads on to one that is too far away for one word.
const OFTEN: u16 = 3;
const KIND_BITS: u32 = 2;
const FARTHEST: u32 = (u16::MAX >> KIND_BITS) as u32;
/// As often as can be written down: what is said more often is taken to be said as often as this.
const MOST_IN_DETAIL: u32 = (1 << DETAIL_BITS) - 1;
const MOST_IN_TITLE: u32 = (1 << (u16::BITS - DETAIL_BITS)) - 1;
const DETAIL_BITS: u32 = 10;

/// What messages say, each run as a number.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Apart, as one long list would be copied whenever it grows.
    messages: Vec<Box<[u16]>>,
}

impl Said {
    /// The next message; its runs by number.
    pub fn push(&mut self, counts: impl Iterator<Item = Count>) {
        let (mut words, mut before) = (Vec::new(), 0);
        for Count { gram, title, detail } in counts {
            let mut far = gram - before;
            before = gram;
            while far > FARTHEST {
                words.extend([word(FARTHEST, OFTEN), 0]);
                far -= FARTHEST;
            }
            match (title, detail) {
                (0, 1) => words.push(word(far, IN_DETAIL)),
                (1, 0) => words.push(word(far, IN_TITLE)),
                (1, 1) => words.push(word(far, IN_BOTH)),
                _ => {
                    let often = title.min(MOST_IN_TITLE) << DETAIL_BITS | detail.min(MOST_IN_DETAIL);
                    words.extend([word(far, OFTEN), often as u16]);
                }
            }
        }
        self.messages.push(words.into());
    }

    /// The runs of a message, by number.
    pub fn message(&self, no: usize) -> Message<'_> {
        Message { words: self.messages[no].iter(), gram: 0 }
    }
}

fn word(far: u32, kind: u16) -> u16 {
    (far as u16) << KIND_BITS | kind
}

pub(super) struct Message<'a> {
    words: std::slice::Iter<'a, u16>,
    gram: u32,
}

impl Iterator for Message<'_> {
    type Item = Count;

    fn next(&mut self) -> Option<Count> {
        loop {
            let word = *self.words.next()?;
            self.gram += u32::from(word >> KIND_BITS);
            let gram = self.gram;
            match word & OFTEN {
                IN_DETAIL => return Some(Count { gram, title: 0, detail: 1 }),
                IN_TITLE => return Some(Count { gram, title: 1, detail: 0 }),
                IN_BOTH => return Some(Count { gram, title: 1, detail: 1 }),
                _ => {
                    let often = u32::from(*self.words.next()?);
                    if often > 0 {
                        return Some(Count { gram, title: often >> DETAIL_BITS, detail: often & MOST_IN_DETAIL });
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_comes_back() {
        let of = |gram, title, detail| Count { gram, title, detail };
        let (far, most) = (FARTHEST, (MOST_IN_TITLE, MOST_IN_DETAIL));
        let messages = [
            vec![of(0, 0, 1), of(1, 1, 0), of(2, 1, 1), of(3, 2, 0), of(4, 0, 2), of(5, most.0, most.1)],
            vec![],
            vec![of(far, 0, 1), of(2 * far + 1, 1, 0), of(5 * far, 3, 7), of(u32::MAX >> 8, 0, 1)],
        ];
        let mut said = Said::default();
        messages.iter().for_each(|m| said.push(m.iter().copied()));
        for (no, message) in messages.iter().enumerate() {
            assert_eq!(said.message(no).collect::<Vec<_>>(), *message, "{no}");
        }
    }

    #[test]
    fn what_is_said_too_often_is_said_as_often_as_can_be_written_down() {
        let mut said = Said::default();
        said.push([Count { gram: 7, title: MOST_IN_TITLE + 1, detail: MOST_IN_DETAIL + 1 }].into_iter());
        let most = Count { gram: 7, title: MOST_IN_TITLE, detail: MOST_IN_DETAIL };
        assert_eq!(said.message(0).collect::<Vec<_>>(), [most]);
    }
}
