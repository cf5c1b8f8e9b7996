//! What a citation names: `第十三条（二）、第二十条`, `第十条至第十二条`, `第一部分（七）2（1）、3`, `第十八条第二款`.

use super::{Rank, Shape, Step, fold, name, numeral};

/// A place as a citation names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub steps: Vec<Step>,
    /// The paragraph it names, and whether it stops there.
    pub paragraph: Option<(u32, bool)>,
    /// Behind which step the paragraph was written.
    behind: usize,
}

impl Target {
    pub fn name(&self, shape: Shape) -> String {
        name(shape, &self.steps, self.paragraph.map(|(n, _)| (self.behind, n)))
    }

    /// All places from this one to another at the same height.
    pub fn up_to(&self, last: &Target) -> Result<Vec<Target>, String> {
        let (Some((from, above)), Some((to, above_last))) = (self.steps.split_last(), last.steps.split_last()) else {
            return Err("范围的两端不明".into());
        };
        let plain = self.paragraph.is_none() && last.paragraph.is_none();
        if above != above_last || from.rank != to.rank || from.n >= to.n || !plain {
            return Err("“至”的两端须为同一层次，并由小到大".into());
        }
        let at = |n| Target {
            steps: above.iter().copied().chain([Step { rank: from.rank, n }]).collect(),
            paragraph: None,
            behind: self.behind,
        };
        Ok((from.n..=to.n).map(at).collect())
    }
}

/// The places a citation names, ranges with both their ends.
pub(super) fn targets(citation: &str) -> Result<Vec<(Target, Option<Target>)>, String> {
    let wrong =
        || format!("“{}”不是条文的写法；应写作“第十三条（二）”“第一部分（七）2（1）”，多处以“、”分开", citation.trim());
    let folded = fold(citation);
    let mut rest = folded.as_str();
    let mut found: Vec<(Target, Option<Target>)> = Vec::new();
    loop {
        let before = found.last().map(|(first, last)| last.as_ref().unwrap_or(first));
        let first = target(&mut rest, before).ok_or_else(wrong)?;
        let last = match rest.strip_prefix(['至', '到']) {
            None => None,
            Some(after) => {
                rest = after;
                Some(target(&mut rest, Some(&first)).ok_or_else(wrong)?)
            }
        };
        found.push((first, last));
        if rest.is_empty() {
            return Ok(found);
        }
        rest = separator(rest).ok_or_else(wrong)?;
    }
}

/// What follows a separator between two places; `None` if there is none, or nothing follows.
pub(super) fn separator(rest: &str) -> Option<&str> {
    let after = ["、", "，", "；", "以及", "及", "和", "与"].iter().find_map(|s| rest.strip_prefix(s))?;
    (!after.is_empty()).then_some(after)
}

/// A key by which citations sort as the text does; `None` for a headline and for what is no citation.
pub fn order(citation: &str) -> Option<Vec<u32>> {
    let (first, _) = targets(citation).ok()?.into_iter().next()?;
    let paragraph = first.paragraph.map(|(n, _)| n).filter(|_| first.steps.len() == 1);
    Some(first.steps.iter().map(|s| s.n).chain(paragraph).collect())
}

enum Token {
    Step(Step),
    Paragraph(u32),
}

/// Takes one place off the front. One that begins below the top goes on where the place before it stood: `第十三条（二）、（三）`.
fn target(rest: &mut &str, before: Option<&Target>) -> Option<Target> {
    let mut found = Target { steps: Vec::new(), paragraph: None, behind: 0 };
    let mut begun = false;
    while let Some((token, after)) = token(rest) {
        if !begun {
            let level = match &token {
                Token::Step(step) => step.rank.level(),
                Token::Paragraph(_) => 1,
            };
            let above = before.map_or(&[][..], |b| b.steps.as_slice());
            found.steps = above.iter().copied().take_while(|s| s.rank.level() < level).collect();
            if level > 0 && found.steps.is_empty() {
                return None;
            }
            begun = true;
        }
        match token {
            Token::Step(step) if found.steps.last().is_none_or(|last| last.rank.level() < step.rank.level()) => {
                found.steps.push(step);
                found.paragraph = found.paragraph.map(|(n, _)| (n, false));
            }
            Token::Paragraph(n) if found.paragraph.is_none() => {
                found.paragraph = Some((n, true));
                found.behind = found.steps.len() - 1;
            }
            _ => return None,
        }
        *rest = after;
    }
    begun.then_some(found)
}

fn token(s: &str) -> Option<(Token, &str)> {
    let step = |rank, n, rest| Some((Token::Step(Step { rank, n }), rest));
    if let Some(inside) = s.strip_prefix('（') {
        let (number, rest) = inside.split_once('）')?;
        return step(bracket_rank(number), numeral::read(number)?, rest);
    }
    if let Some(after) = s.strip_prefix("第（") {
        let (number, rest) = after.split_once('）')?;
        return step(bracket_rank(number), numeral::read(number)?, rest.strip_prefix('项').unwrap_or(rest));
    }
    if let Some(after) = s.strip_prefix('第') {
        let end = after.find(|c| !numeral::is_part(c))?;
        let (number, rest) = (numeral::read(&after[..end])?, &after[end..]);
        if let Some(rest) = rest.strip_prefix("部分") {
            return step(Rank::Part, number, rest);
        }
        let mut chars = rest.chars();
        return match chars.next()? {
            '条' => step(Rank::Article, number, chars.as_str()),
            '项' if after.starts_with(|c: char| c.is_ascii_digit()) => step(Rank::Number, number, chars.as_str()),
            '项' => step(Rank::Item, number, chars.as_str()),
            '款' | '段' => Some((Token::Paragraph(number), chars.as_str())),
            _ => None,
        };
    }
    let end = s.find(|c: char| !c.is_ascii_digit()).unwrap_or(s.len());
    let rest = &s[end..];
    step(Rank::Number, numeral::read(&s[..end])?, rest.strip_prefix('.').unwrap_or(rest))
}

fn bracket_rank(number: &str) -> Rank {
    if number.starts_with(|c: char| c.is_ascii_digit()) { Rank::Sub } else { Rank::Item }
}
