//! Cutting a text into places. Lines are the only form a plain text keeps: a line that begins with a number opens a place, a line
//! after a finished sentence opens a paragraph, and any other goes on where the line before it broke off.

use super::{Place, Rank, Shape, Source, Step, name, numeral};

/// A line is long enough to be prose from here on; headlines are shorter.
const LONGEST_HEADLINE: usize = 30;

pub(super) fn read(text: &str) -> Source {
    let lines: Vec<Line<'_>> = text
        .lines()
        .enumerate()
        .map(|(i, line)| Line {
            number: i + 1,
            text: line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}'),
        })
        .filter(|line| !line.text.is_empty())
        .collect();
    let shape = shape(&lines);
    let mut reader = Reader { shape, ..Reader::default() };
    match shape {
        Shape::Headlines => lines.iter().for_each(|line| reader.headline(*line)),
        Shape::Articles => lines.iter().for_each(|line| reader.line(*line)),
        Shape::Parts => notice(&lines).iter().for_each(|line| reader.line(*line)),
    }
    reader.finish()
}

#[derive(Clone, Copy)]
struct Line<'t> {
    number: usize,
    text: &'t str,
}

fn shape(lines: &[Line<'_>]) -> Shape {
    if lines.iter().any(|l| article(l.text).is_some()) {
        Shape::Articles
    } else if lines.iter().any(|l| part(l.text).is_some()) {
        Shape::Parts
    } else {
        Shape::Headlines
    }
}

/// What a report encloses is the notice; the report's own parts are none of it. Without an enclosure of parts, the whole text.
fn notice<'l, 't>(lines: &'l [Line<'t>]) -> &'l [Line<'t>] {
    let begins = lines.iter().enumerate().filter(|(_, l)| is_annex(l.text)).map(|(i, _)| i + 1);
    let upto = |from: usize| lines[from..].iter().position(|l| is_annex(l.text)).map_or(lines.len(), |n| from + n);
    begins
        .map(|from| &lines[from..upto(from)])
        .find(|part_of| part_of.iter().find_map(|l| part(l.text)).is_some_and(|(n, _)| n == 1))
        .unwrap_or(lines)
}

/// `附件2` or `附件：` alone on its line.
fn is_annex(line: &str) -> bool {
    line.strip_prefix("附件")
        .is_some_and(|rest| rest.chars().all(|c| c.is_whitespace() || numeral::is_part(c) || "：:".contains(c)))
}

/// `第十三条 …`: the number and what follows.
fn article(line: &str) -> Option<(u32, &str)> {
    numbered(line.strip_prefix('第')?, "条")
}

/// `一、…`.
fn part(line: &str) -> Option<(u32, &str)> {
    let first = line.chars().next()?;
    if first.is_ascii_digit() { None } else { numbered(line, "、") }
}

/// `第二章 …` divides the text and can not be cited.
fn is_chapter(line: &str) -> bool {
    line.strip_prefix('第').is_some_and(|rest| {
        line.chars().count() <= LONGEST_HEADLINE && ["编", "章", "节"].iter().any(|w| numbered(rest, w).is_some())
    })
}

fn numbered<'t>(line: &'t str, word: &str) -> Option<(u32, &'t str)> {
    let (number, rest) = line.split_once(word)?;
    Some((numeral::read(number)?, rest))
}

/// `（一）…`, `1.…` or `(1)…` in full or half width.
fn item(line: &str) -> Option<(Step, &str)> {
    if let Some(inside) = line.strip_prefix(['（', '(']) {
        let (number, rest) = inside.split_once(['）', ')'])?;
        let number = number.trim();
        let rank = if number.starts_with(|c: char| c.is_ascii_digit()) { Rank::Sub } else { Rank::Item };
        return Some((Step { rank, n: numeral::read(number)? }, rest));
    }
    let digits = line.find(|c: char| !c.is_ascii_digit()).filter(|at| (1..=2).contains(at))?;
    let rest = line[digits..].strip_prefix(['.', '．', '、'])?;
    // `1.5倍` is a number.
    (!rest.starts_with(|c: char| c.is_ascii_digit()))
        .then_some((Step { rank: Rank::Number, n: line[..digits].parse().ok()? }, rest))
}

/// Whether a line ends a sentence or announces a list, so that the next one is not its continuation.
fn ends(line: &str) -> bool {
    line.ends_with(['。', '；', ';', '：', ':', '！', '？', '”', '"'])
}

struct Reader {
    shape: Shape,
    places: Vec<Place>,
    /// Indices of the places that are open, outermost first; a paragraph stands behind the place it divides.
    open: Vec<usize>,
    ended: bool,
}

impl Default for Reader {
    fn default() -> Self {
        Reader { shape: Shape::Headlines, places: Vec::new(), open: Vec::new(), ended: true }
    }
}

impl Reader {
    fn line(&mut self, line: Line<'_>) {
        if is_chapter(line.text) || is_annex(line.text) {
            self.open.clear();
            self.ended = true;
        } else if let Some((step, rest)) = self.top(line.text) {
            self.open_place(line, &[step]);
            self.ended = true;
            match step.rank {
                // A part's line is its title.
                Rank::Part => self.append(rest, "\n"),
                _ if rest.trim().is_empty() => {}
                _ => self.prose(Line { text: rest.trim(), ..line }),
            }
        } else if self.open.is_empty() {
            // Title, date of enactment, table of contents.
        } else if let Some((step, rest)) = item(line.text) {
            self.item(line, step, rest.trim());
        } else {
            self.prose(line);
        }
    }

    /// Articles and parts only ever count upwards; what breaks that is a reference at the beginning of a line.
    fn top(&self, line: &str) -> Option<(Step, String)> {
        let last = self.places.iter().rfind(|p| p.steps.len() == 1).map_or(0, |p| p.steps[0].n);
        let (rank, (n, rest)) = match self.shape {
            Shape::Parts => (Rank::Part, part(line)?),
            _ => (Rank::Article, article(line)?),
        };
        // An excerpt leaves articles out; its headings are then known by the space behind them.
        let heading = rest.is_empty() || rest.starts_with(char::is_whitespace);
        let expected = n == last + 1 || (rank == Rank::Article && n > last && self.ended && heading);
        expected.then(|| (Step { rank, n }, rest.trim().to_owned()))
    }

    fn item(&mut self, line: Line<'_>, step: Step, rest: &str) {
        let Some(holder) =
            self.open.iter().rfind(|i| !self.places[**i].is_paragraph && self.level(**i) < step.rank.level())
        else {
            return;
        };
        let mut steps = self.places[*holder].steps.clone();
        steps.push(step);
        self.open_place(line, &steps);
        self.ended = true;
        if self.divides(&steps) {
            self.prose(Line { text: rest, ..line })
        } else {
            self.append(rest, "\n")
        }
        self.ended = ends(rest);
    }

    fn level(&self, index: usize) -> u8 {
        self.places[index].steps.last().map_or(0, |s| s.rank.level())
    }

    /// Places with paragraphs of their own: articles, and in a notice parts and sections.
    fn divides(&self, steps: &[Step]) -> bool {
        steps.len() == 1 || (self.shape == Shape::Parts && steps.len() == 2 && steps[1].rank == Rank::Item)
    }

    /// A line without a number: goes on with what was broken off, or opens the next paragraph.
    fn prose(&mut self, line: Line<'_>) {
        if !self.ended {
            self.append(line.text, "");
            self.ended = ends(line.text);
            return;
        }
        while let Some(last) = self.open.last() {
            if !self.places[*last].is_paragraph && self.divides(&self.places[*last].steps) {
                break;
            }
            self.open.pop();
        }
        let Some(holder) = self.open.last().copied() else { return };
        let n = self.places[holder].paragraph + 1;
        self.places[holder].paragraph = n;
        let steps = self.places[holder].steps.clone();
        self.push(Place { paragraph: n, is_paragraph: true, ..place(line, steps) });
        self.append(line.text, "\n");
        self.ended = ends(line.text);
    }

    fn open_place(&mut self, line: Line<'_>, steps: &[Step]) {
        while self.open.last().is_some_and(|last| {
            let last = &self.places[*last];
            // An item stays in the paragraph that announces it.
            !(steps.len() > last.steps.len() && steps.starts_with(&last.steps))
        }) {
            self.open.pop();
        }
        let paragraph =
            self.open.iter().rfind(|i| self.places[**i].is_paragraph).map_or(0, |i| self.places[*i].paragraph);
        // A place that has paragraphs of its own counts them from one.
        let paragraph = if self.divides(steps) { 0 } else { paragraph };
        self.push(Place { paragraph, ..place(line, steps.to_vec()) });
    }

    fn push(&mut self, place: Place) {
        self.open.push(self.places.len());
        self.places.push(place);
    }

    /// What lies in a place belongs to all places around it.
    fn append(&mut self, text: impl AsRef<str>, between: &str) {
        for i in &self.open {
            let place = &mut self.places[*i].text;
            if !place.is_empty() {
                place.push_str(between);
            }
            place.push_str(text.as_ref().trim());
        }
    }

    /// A headline is a short line that is no sentence. Two of them in a row are one.
    fn headline(&mut self, line: Line<'_>) {
        const NOT_TEXT: [&str; 4] = ["文/", "发布日期", "来源", "作者"];
        if NOT_TEXT.iter().any(|w| line.text.starts_with(w)) {
            return;
        }
        let short = line.text.chars().count() <= LONGEST_HEADLINE;
        if !short || line.text.ends_with(['。', '；', ';', '：', ':', '，', ',', '、']) {
            self.append(line.text, "\n");
            return;
        }
        match self.open.first() {
            Some(last) if self.places[*last].text.is_empty() => {
                self.places[*last].name.push_str(&format!(" {}", line.text));
            }
            _ => {
                self.open.clear();
                let step = Step { rank: Rank::Headline, n: self.places.len() as u32 + 1 };
                self.push(Place { name: line.text.to_owned(), ..place(line, vec![step]) });
            }
        }
    }

    fn finish(self) -> Source {
        let (shape, mut places) = (self.shape, self.places);
        // A single paragraph is the place itself.
        let several: Vec<Vec<Step>> =
            places.iter().filter(|p| p.is_paragraph && p.paragraph == 2).map(|p| p.steps.clone()).collect();
        places.retain(|p| !p.is_paragraph || several.contains(&p.steps));
        for p in places.iter_mut().filter(|p| !p.is_paragraph && (p.steps.len() == 1 || shape == Shape::Parts)) {
            if several.contains(&p.steps) {
                // That counted its paragraphs; it stands in none.
                p.paragraph = 0;
            }
        }
        let with_sections =
            |p: &Place| places.iter().any(|q| q.is_child_of(p) && q.steps.last().is_some_and(|s| s.rank == Rank::Item));
        let units: Vec<bool> = places
            .iter()
            .map(|p| match (shape, p.steps.as_slice()) {
                _ if p.is_paragraph => false,
                (Shape::Parts, [_]) => !with_sections(p),
                (Shape::Parts, [_, last]) => last.rank == Rank::Item,
                (_, steps) => steps.len() == 1,
            })
            .collect();
        let same: Vec<bool> = places
            .iter()
            .map(|p| places.iter().filter(|q| !p.is_paragraph && !q.is_paragraph && q.steps == p.steps).count() > 1)
            .collect();
        for ((p, unit), same) in places.iter_mut().zip(units).zip(same) {
            p.unit = unit;
            if shape != Shape::Headlines {
                let behind = if p.is_paragraph { p.steps.len() - 1 } else { 0 };
                p.name = name(shape, &p.steps, (p.is_paragraph || same).then_some((behind, p.paragraph)));
            }
        }
        Source { shape, places }
    }
}

fn place(line: Line<'_>, steps: Vec<Step>) -> Place {
    Place {
        name: String::new(),
        text: String::new(),
        line: line.number,
        unit: false,
        steps,
        paragraph: 0,
        is_paragraph: false,
    }
}
