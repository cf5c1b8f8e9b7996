//! Labels in levels (`城市管理/市容秩序`): one model for the first level, and one inside each label that has several below it. A label that a
//! model would have to learn from a handful of messages is left out.

use std::collections::BTreeMap;

use super::{MOST_LABELS, Model, ModelError, Sample, TrainError, train};

/// Levels of a label.
pub const LEVELS: usize = 3;
/// Fewer messages in all teach nothing that could be shown to people.
pub const LEAST_SAMPLES: usize = 200;
/// A label that fewer messages have is not learnt.
pub const LEAST_OF_LABEL: usize = 8;
/// What stands between the levels when a label is put together.
const BETWEEN: char = '/';
/// How a part begins whose label has a single one below it.
const SINGLE: u8 = b'=';

/// Nothing can be learnt, or not to its end.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TreeError {
    #[error("已分类的留言太少：至少要有{LEAST_SAMPLES}件属于两种以上类别的，这里只有{0}件")]
    Few(usize),
    #[error("学习已中止")]
    Stopped,
    #[error(transparent)]
    Train(#[from] TrainError),
}

/// What is below a label.
#[derive(Debug, Clone, PartialEq)]
enum Below {
    Model(Box<Model>),
    /// Everything below it is this.
    Single(String),
}

/// Models of a tree of labels.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tree {
    /// By the label that it is learnt inside of; the first level's is empty.
    parts: BTreeMap<String, Below>,
}

/// Where in the tree a message belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The label, down to the level that is sure enough.
    pub label: String,
    /// How often such guesses are right, 0 to 1: of all its levels together.
    pub confidence: f32,
}

/// A label's levels, tidied; more than [`LEVELS`] are one at the last.
pub fn levels(label: &str) -> Vec<String> {
    let mut levels: Vec<String> = label.split(['/', '／', '>', '＞']).map(|l| l.trim().to_owned()).collect();
    levels.retain(|level| !level.is_empty());
    if levels.len() > LEVELS {
        let last = levels.split_off(LEVELS - 1).join("-");
        levels.push(last);
    }
    levels
}

/// A label as it is written.
pub fn joined(levels: &[String]) -> String {
    levels.join(&BETWEEN.to_string())
}

impl Tree {
    /// Learns every level. `go_on` is asked before each model; where it says no, the learning stops.
    ///
    /// # Errors
    /// Too few messages, or stopped.
    pub fn train(samples: &[Sample<'_>], go_on: &dyn Fn() -> bool) -> Result<Tree, TreeError> {
        let split: Vec<Vec<String>> = samples.iter().map(|s| levels(s.label)).collect();
        let mut tree = Tree::default();
        let all: Vec<usize> = (0..samples.len()).filter(|no| !split[*no].is_empty()).collect();
        let mut inside = vec![(String::new(), 0, all)];
        while let Some((part, depth, members)) = inside.pop() {
            if !go_on() {
                return Err(TreeError::Stopped);
            }
            let mut of_label: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for no in members.iter().filter(|no| split[**no].len() > depth) {
                of_label.entry(&split[*no][depth]).or_default().push(*no);
            }
            let known = commonest(of_label);
            let taught: usize = known.iter().map(|(_, of)| of.len()).sum();
            let below = match known.as_slice() {
                [] if depth > 0 => continue,
                [(label, _)] if depth > 0 => Below::Single((*label).to_owned()),
                [] | [_] => return Err(TreeError::Few(taught)),
                _ if depth == 0 && taught < LEAST_SAMPLES => return Err(TreeError::Few(taught)),
                known => {
                    let of = |no: usize, label| Sample { label, ..samples[no] };
                    // In the order of the messages: the same messages give the same tree.
                    let mut own: Vec<(usize, &str)> =
                        known.iter().flat_map(|(label, of)| of.iter().map(|no| (*no, *label))).collect();
                    own.sort_unstable();
                    let own: Vec<Sample<'_>> = own.into_iter().map(|(no, label)| of(no, label)).collect();
                    Below::Model(Box::new(train(&own)?))
                }
            };
            for (label, members) in known {
                if depth + 1 < LEVELS {
                    inside.push((under(&part, label), depth + 1, members));
                }
            }
            tree.parts.insert(part, below);
        }
        Ok(tree)
    }

    /// Where a message belongs, as far down as the guess is at least so sure; `None`: not even the first level is.
    pub fn place(&self, title: &str, detail: &str, least: f32) -> Option<Place> {
        let mut at = Place { label: String::new(), confidence: 1.0 };
        while let Some(below) = self.parts.get(&at.label) {
            let (label, confidence) = match below {
                Below::Single(label) => (label.clone(), at.confidence),
                Below::Model(model) => {
                    let guess = model.guess(title, detail);
                    (guess.label.to_owned(), at.confidence * guess.confidence)
                }
            };
            if confidence < least {
                break;
            }
            at = Place { label: under(&at.label, &label), confidence };
        }
        (!at.label.is_empty()).then_some(at)
    }

    /// The words of a message that a place rests on, the strongest of each level first.
    pub fn reasons<'t>(&self, title: &'t str, detail: &'t str, label: &str) -> Vec<&'t str> {
        let levels = levels(label);
        let mut words: Vec<&str> = Vec::new();
        for depth in 0..levels.len() {
            if let Some(Below::Model(model)) = self.parts.get(&joined(&levels[..depth])) {
                words.extend(model.reasons(title, detail, &levels[depth]));
            }
        }
        words
    }

    /// How many models it is made of.
    pub fn models(&self) -> usize {
        self.parts.values().filter(|below| matches!(below, Below::Model(_))).count()
    }

    /// Each part by the label that it is learnt inside of, as bytes. The first level's label is empty.
    pub fn to_parts(&self) -> Vec<(String, Vec<u8>)> {
        let bytes = |below: &Below| match below {
            Below::Model(model) => model.to_bytes(),
            Below::Single(label) => [&[SINGLE], label.as_bytes()].concat(),
        };
        self.parts.iter().map(|(part, below)| (part.clone(), bytes(below))).collect()
    }

    /// A tree from what [`Tree::to_parts`] gave.
    ///
    /// # Errors
    /// A part is none, or damaged.
    pub fn from_parts(parts: &[(String, Vec<u8>)]) -> Result<Tree, ModelError> {
        let mut tree = Tree::default();
        for (part, bytes) in parts {
            let below = match bytes.strip_prefix(&[SINGLE]) {
                Some(label) => {
                    let label = String::from_utf8(label.to_vec()).map_err(|_| ModelError::Damaged)?;
                    Below::Single(label)
                }
                None => Below::Model(Box::new(Model::from_bytes(bytes)?)),
            };
            tree.parts.insert(part.clone(), below);
        }
        Ok(tree)
    }
}

/// A label below another one.
fn under(part: &str, label: &str) -> String {
    if part.is_empty() { label.to_owned() } else { format!("{part}{BETWEEN}{label}") }
}

/// The labels that enough messages have, as many as a model can tell apart.
fn commonest(of_label: BTreeMap<&str, Vec<usize>>) -> Vec<(&str, Vec<usize>)> {
    let mut known: Vec<(&str, Vec<usize>)> =
        of_label.into_iter().filter(|(_, members)| members.len() >= LEAST_OF_LABEL).collect();
    known.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.0.cmp(b.0)));
    known.truncate(MOST_LABELS);
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: [(&str, [&str; 4]); 5] = [
        ("城市管理/路灯照明", ["路灯不亮", "路灯坏了没人修", "街灯时亮时灭", "路灯杆倾斜"]),
        ("城市管理/环境卫生", ["垃圾没人清运", "垃圾桶满了", "路边堆着垃圾", "垃圾站臭"]),
        ("公共服务/供水/停水", ["家里停水", "停水没有通知", "又停水了", "停水三天"]),
        ("公共服务/供水/水质", ["自来水发黄", "水里有异味", "水质浑浊", "水发黑"]),
        ("教育", ["学校补课收费", "幼儿园入园", "学校食堂难吃", "老师体罚"]),
    ];

    /// A message said in so many ways that each label has enough.
    fn samples() -> Vec<(String, &'static str)> {
        let of = |n: usize| {
            SAID.iter().flat_map(move |(label, said)| said.iter().map(move |s| (format!("{s}，第{n}次反映"), *label)))
        };
        (0..12).flat_map(of).collect()
    }

    fn tree() -> Tree {
        let said = samples();
        let samples: Vec<Sample<'_>> =
            said.iter().map(|(said, label)| Sample { title: said, detail: "", label }).collect();
        Tree::train(&samples, &|| true).unwrap()
    }

    #[test]
    fn each_level_is_learnt_inside_the_one_above() {
        let tree = tree();
        for (said, label) in [
            ("路灯不亮了", "城市管理/路灯照明"),
            ("垃圾没人管", "城市管理/环境卫生"),
            ("小区停水", "公共服务/供水/停水"),
            ("自来水发黄有异味", "公共服务/供水/水质"),
            ("学校乱收费", "教育"),
        ] {
            let place = tree.place(said, "", 0.4).unwrap();
            assert_eq!(place.label, label, "{said}");
            assert!(place.confidence <= 1.0 && place.confidence >= 0.4);
        }
        // 公共服务 has one label below it: nothing is to be told apart there.
        assert_eq!(tree.models(), 3);
    }

    #[test]
    fn it_goes_down_only_as_far_as_it_is_sure() {
        let tree = tree();
        assert_eq!(tree.place("路灯不亮了", "", 1.1), None);
        let sure = tree.place("路灯不亮了", "", 0.4).unwrap();
        let first = tree.place("路灯不亮了", "", sure.confidence + 1e-4).map(|p| p.label);
        assert!(
            first.is_none_or(|label| label == "城市管理"),
            "above the leaf's confidence only the level above is left"
        );
        assert!(tree.reasons("路灯不亮了", "", "城市管理/路灯照明").iter().any(|w| "路灯不亮了".contains(w)));
    }

    #[test]
    fn a_tree_comes_back_from_its_parts() {
        let tree = tree();
        let mut parts = tree.to_parts();
        assert_eq!(Tree::from_parts(&parts).unwrap(), tree);
        assert_eq!(tree, self::tree(), "the same messages, the same tree");
        parts[0].1[20] ^= 1;
        assert!(Tree::from_parts(&parts).is_err());
    }

    #[test]
    fn few_messages_or_one_label_teach_nothing() {
        let said = samples();
        let of = |n: usize, label: Option<&'static str>| -> Result<Tree, TreeError> {
            let some = said.iter().filter(|(_, l)| label.is_none_or(|only| only == *l)).take(n);
            let samples: Vec<Sample<'_>> =
                some.map(|(said, label)| Sample { title: said, detail: "", label }).collect();
            Tree::train(&samples, &|| true)
        };
        assert_eq!(of(LEAST_SAMPLES - 1, None).err(), Some(TreeError::Few(LEAST_SAMPLES - 1)));
        assert_eq!(of(1000, Some("教育")).err(), Some(TreeError::Few(48)));
        let all: Vec<Sample<'_>> = said.iter().map(|(said, label)| Sample { title: said, detail: "", label }).collect();
        assert_eq!(Tree::train(&all, &|| false).err(), Some(TreeError::Stopped));
    }

    #[test]
    fn labels_are_split_into_three_levels_at_most() {
        assert_eq!(levels(" 城市管理／路灯 "), ["城市管理", "路灯"]);
        assert_eq!(levels("a/b/c/d"), ["a", "b", "c-d"]);
        assert_eq!(levels("/"), Vec::<String>::new());
    }
}
