//! Which messages are about one matter: one place or group, and one problem. It is told by what messages have in common and how rare that is,
//! without any list of places or problems; so it is a proposal, and people decide. Where it doubts, it says nothing: a wrong merge leaves
//! somebody without an answer.

mod features;
mod group;
mod hot;
mod index;
mod names;

use std::borrow::Cow;

pub use hot::{Compared, Issue, Matter, Posted, heat, hot, looked_at};
pub use index::{Alike, Index, Person, Relation, SAME_TEXT};

/// A title as it is compared: where it names no place or body, with the place that was written down beside it. Two messages of one problem at
/// two places are two matters, and a title often leaves the place to its own field.
pub fn titled<'t>(title: &'t str, place: Option<&str>) -> Cow<'t, str> {
    let folded: Vec<char> = crate::classify::characters(title).map(|(c, _)| c).collect();
    match place.map(str::trim).filter(|place| !place.is_empty()) {
        Some(place) if names::find(&folded).is_empty() => Cow::Owned(format!("{place}，{title}")),
        _ => Cow::Borrowed(title),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_without_a_place_is_compared_with_the_place_beside_it() {
        assert_eq!(titled("楼下烧烤店油烟太大", Some("信州区胜利路")), "信州区胜利路，楼下烧烤店油烟太大");
        for place in [None, Some(" ")] {
            assert_eq!(titled("楼下烧烤店油烟太大", place), "楼下烧烤店油烟太大");
        }
        assert_eq!(titled("翠竹园小区烧烤店油烟太大", Some("信州区")), "翠竹园小区烧烤店油烟太大");
        let text = "楼下的烧烤店每天晚上油烟直排，家里不敢开窗，噪音到凌晨";
        let found = |place: &str| {
            let mut index = Index::default();
            index.add(1, "翠竹园小区楼下烧烤店油烟太大", text);
            index.alike(2, &titled("楼下烧烤店油烟太大", Some(place)), text).len()
        };
        assert_eq!((found(""), found("信州区胜利路"), found("信州区翠竹园小区")), (1, 0, 1));
    }
}
