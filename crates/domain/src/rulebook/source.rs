//! The plain text of a regulation, cut into the places that a rule can cite, and a rulebook's citations held against it.
//!
//! Texts come in three shapes, told apart by themselves: a regulation of articles (`第十三条（三）`), a notice of parts
//! (`第一部分（七）2（1）`), and a report that has nothing but headlines, which are then cited word for word.
//! No file is read here; the text is handed in. What a citation looks like is in `docs/rulebook-format.md`.

mod check;
mod cite;
mod numeral;
mod read;

pub use check::{Checked, Citation, Finding, Listed, Severity, check, citations};
pub use cite::order;

use cite::Target;

/// What divides a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `第N条`.
    Articles,
    /// `一、` with sections `（一）`.
    Parts,
    /// Headline lines.
    Headlines,
}

/// One step down to a place, and its number. A headline's number is its place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    rank: Rank,
    n: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rank {
    Part,
    Article,
    Headline,
    /// `（一）`
    Item,
    /// `1.`
    Number,
    /// `（1）`
    Sub,
}

impl Rank {
    /// How deep; each stands only under a lower one.
    const fn level(self) -> u8 {
        match self {
            Rank::Part | Rank::Article | Rank::Headline => 0,
            Rank::Item => 1,
            Rank::Number => 2,
            Rank::Sub => 3,
        }
    }
}

/// A place that can be cited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// As it is cited: `第十三条（三）`, `第一部分（七）2（1）`, `第十八条第二款`, or a headline.
    pub name: String,
    /// Its words, what lies in it included; without its own number.
    pub text: String,
    /// The line of the text on which it begins, from 1.
    pub line: usize,
    /// One of those that must each be cited or listed: an article, a section (or a part without sections), a headline.
    pub unit: bool,
    steps: Vec<Step>,
    /// The paragraph (款) it is, or in which it stands.
    paragraph: u32,
    is_paragraph: bool,
}

impl Place {
    /// The first words, for a message.
    pub fn snippet(&self) -> String {
        const LONGEST: usize = 24;
        let cut: String = self.text.lines().next().unwrap_or_default().chars().take(LONGEST).collect();
        let more = if cut.len() < self.text.len() { "…" } else { "" };
        format!("{}{more}", cut.trim_end_matches(['。', '，', ',', '；', ';', '：', ':']))
    }

    /// Whether `other` is this place or lies in it.
    fn holds(&self, other: &Place) -> bool {
        if !self.is_paragraph {
            return other.steps.starts_with(&self.steps);
        }
        let below = other.is_paragraph || other.steps.len() > self.steps.len();
        below && other.divided() == self.steps && other.paragraph == self.paragraph
    }

    /// The place whose paragraphs this stands in, or is: an article, in a notice the section or a part.
    fn divided(&self) -> &[Step] {
        let section = self.steps[0].rank == Rank::Part && self.steps.get(1).is_some_and(|s| s.rank == Rank::Item);
        &self.steps[..if section { 2 } else { 1 }]
    }

    /// Whether this is the next level below `parent`.
    fn is_child_of(&self, parent: &Place) -> bool {
        !self.is_paragraph
            && !parent.is_paragraph
            && self.steps.len() == parent.steps.len() + 1
            && self.steps.starts_with(&parent.steps)
    }
}

/// A regulation's text in places, in the order of the text.
#[derive(Clone, Debug)]
pub struct Source {
    pub shape: Shape,
    places: Vec<Place>,
}

impl Source {
    /// Cuts a text into its places. A text in which nothing is recognised has none.
    pub fn parse(text: &str) -> Source {
        read::read(text)
    }

    /// Every place, in the order of the text; what lies in another one follows it.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The places that must each be cited or listed as not encoded.
    pub fn units(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(|p| p.unit)
    }

    /// The places a citation names, e.g. `第十三条（二）、第二十条` or `第十条至第十二条`.
    ///
    /// # Errors
    /// In Chinese, what of it is not in the text.
    pub fn find(&self, citation: &str) -> Result<Vec<&Place>, String> {
        Ok(self.indices(citation)?.into_iter().map(|i| &self.places[i]).collect())
    }

    fn indices(&self, citation: &str) -> Result<Vec<usize>, String> {
        if self.shape == Shape::Headlines {
            return self.headlines(citation);
        }
        let mut found = Vec::new();
        for (first, last) in cite::targets(citation)? {
            match last {
                None => found.push(self.place(&first)?),
                Some(last) => {
                    for target in first.up_to(&last)? {
                        found.push(self.place(&target)?);
                    }
                }
            }
        }
        Ok(found)
    }

    /// The one place a citation means; a paragraph is asked for only where items of two paragraphs bear one number.
    fn place(&self, target: &Target) -> Result<usize, String> {
        let name = || target.name(self.shape);
        let wants = |p: &Place| {
            p.steps == target.steps
                && match target.paragraph {
                    None => !p.is_paragraph,
                    // Only what has several paragraphs has them as places; the first is then the whole.
                    Some((n, at_end)) => n == p.paragraph && p.is_paragraph == at_end,
                }
        };
        let mut fit = self.places.iter().enumerate().filter(|(_, p)| wants(p)).map(|(i, _)| i);
        match (fit.next(), fit.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(format!("“{}”有两处，须写明第几款", name())),
            _ => Err(format!("“{}”不在原文之中", name())),
        }
    }

    /// Headlines may hold any separator themselves, so they are taken off the front one by one, the longest that fits first.
    fn headlines(&self, citation: &str) -> Result<Vec<usize>, String> {
        let folded = fold(citation);
        let mut rest = folded.as_str();
        let mut found = Vec::new();
        while !rest.is_empty() {
            let fits = self.places.iter().enumerate().filter_map(|(i, p)| {
                let longest = aliases(&p.name).filter(|a| rest.starts_with(a.as_str())).map(|a| a.len()).max()?;
                Some((longest, i))
            });
            let Some((taken, i)) = fits.max_by_key(|(len, i)| (*len, usize::MAX - i)) else {
                return Err(format!("“{}”不是原文中的小标题", citation.trim()));
            };
            found.push(i);
            rest = &rest[taken..];
            if !rest.is_empty() {
                rest = cite::separator(rest).ok_or_else(|| format!("“{}”不是原文中的小标题", citation.trim()))?;
            }
        }
        if found.is_empty() { Err("引用为空".into()) } else { Ok(found) }
    }
}

/// A headline may be cited whole, or by one of its halves.
fn aliases(headline: &str) -> impl Iterator<Item = String> {
    let halves: Vec<String> = headline.split_whitespace().map(fold).collect();
    std::iter::once(fold(headline)).chain(halves)
}

/// Full- and half-width signs made one, and spaces left out, so that a citation and a text meet.
fn fold(s: &str) -> String {
    s.chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{feff}')
        .map(|c| match c {
            '(' => '（',
            ')' => '）',
            ',' => '，',
            ';' => '；',
            ':' => '：',
            '．' => '.',
            '０'..='９' => char::from(b'0' + (u32::from(c) - u32::from('０')) as u8),
            c => c,
        })
        .collect()
}

/// How a place is written; `paragraph` stands behind the step it belongs to.
fn name(shape: Shape, steps: &[Step], paragraph: Option<(usize, u32)>) -> String {
    let mut s = String::new();
    for (i, step) in steps.iter().enumerate() {
        match step.rank {
            Rank::Part => s.push_str(&format!("第{}部分", numeral::write(step.n))),
            Rank::Article => s.push_str(&format!("第{}条", numeral::write(step.n))),
            Rank::Headline => {}
            Rank::Item => s.push_str(&format!("（{}）", numeral::write(step.n))),
            Rank::Number => s.push_str(&step.n.to_string()),
            Rank::Sub => s.push_str(&format!("（{}）", step.n)),
        }
        if let Some((_, n)) = paragraph.filter(|(behind, _)| *behind == i) {
            let word = if shape == Shape::Parts { "段" } else { "款" };
            s.push_str(&format!("第{}{word}", numeral::write(n)));
        }
    }
    s
}
