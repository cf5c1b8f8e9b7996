//! Who may hold which post, what a unit must have named, and who gives posts (SR-9, QD-3, QD-0). Accounts have no power of their own: a
//! post gives it, for as long as it is held.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Actor, Role,
    rulebook::UnitKind,
    ticket::{Refusal, UnitInfo, Units},
    words::words,
};

words! {
    /// What sort of calls a seat takes (QD-0). An outsourced seat is a role of its own.
    SeatKind, "坐席类别" {
        Ordinary = "ordinary" "普通坐席",
        Deputies = "deputies" "代表委员坐席",
        Business = "business" "涉企坐席",
    }
}

words! {
    /// What a unit has to name and has not (SR-9, QD-3).
    Missing, "缺员" {
        Leader = "leader" "分管领导",
        Office = "office" "责任科室",
        Handler = "handler" "承办人员",
        Clerk = "clerk" "知识库信息员",
        /// Public-service enterprises answer round the clock.
        Duty = "duty" "24小时值守电话",
    }
}

/// Longest unit id, name and the like, in characters.
const ID_MOST: usize = 40;
const NAME_MOST: usize = 60;
/// Units above one another.
const DEPTH_MOST: usize = 8;

/// Centres above one another: province, city, county.
const CENTRES_MOST: usize = 3;

/// Centres of one database, by id.
pub type Centres = BTreeMap<String, Centre>;

/// A 12345 centre in the tree of centres.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Centre {
    pub name: String,
    /// The centre it stands under.
    pub under: Option<String>,
}

/// A post: what its holder is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Post {
    pub role: Role,
    /// For the roles of a unit.
    #[serde(default)]
    pub unit: Option<String>,
    /// For seats; ordinary if not said.
    #[serde(default)]
    pub seat: Option<SeatKind>,
}

impl Post {
    /// Whether there can be such a post.
    ///
    /// # Errors
    /// Names the field that is wrong.
    pub fn check(&self, units: &Units) -> Result<(), Refusal> {
        let role = self.role;
        if !role.of_staff() {
            return Err(Refusal::input("role", format!("“{role}”不是工作人员的角色")));
        }
        match (&self.unit, role.of_unit()) {
            (None, true) => return Err(Refusal::input("unit", format!("{role}须写明所属单位"))),
            (Some(_), false) => return Err(Refusal::input("unit", format!("{role}属热线中心，不写单位"))),
            (Some(unit), true) if !units.get(unit).is_some_and(|u| u.active) => {
                return Err(Refusal::input("unit", "没有这个单位，或单位已停用；请先登记或恢复单位"));
            }
            _ => {}
        }
        if self.seat.is_some() && role != Role::Seat {
            return Err(Refusal::input("seat", format!("坐席类别只用于{}", Role::Seat)));
        }
        Ok(())
    }
}

/// Whether somebody may give a post to an account, or take it back: nobody for themselves.
///
/// # Errors
/// They are the same person.
pub fn may_grant(by: &Actor, account: &str) -> Result<(), Refusal> {
    if by.id == account {
        return Err(Refusal::forbidden("不能给自己授予或收回岗位，请由另一位安全管理员办理"));
    }
    Ok(())
}

/// Said where an account holds a post already: one at a time.
pub fn has_a_post() -> Refusal {
    Refusal::not_now("has-a-post", "这个账户已有岗位；请先收回，再授予新的岗位")
}

/// Said where a unit names somebody else's person as its knowledge clerk.
pub fn clerk_elsewhere() -> Refusal {
    Refusal::input("clerk", "知识库信息员须是在本单位任职、在用的账户")
}

/// Said where the only security administrator would be left without the post: nobody could give one any more.
pub fn last_security_admin() -> Refusal {
    Refusal::not_now("last-security-admin", "这是唯一在用的安全管理员，收回后没有人能授予岗位；请先授予另一人")
}

/// What a unit has named besides its people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duties {
    /// The office that answers for the hotline's tickets.
    pub office: Option<String>,
    /// Account of its knowledge clerk.
    pub clerk: Option<String>,
    /// Answered round the clock.
    pub duty_phone: Option<String>,
    /// Code of the administrative division that it is of, where it is of one.
    pub division: Option<String>,
}

/// What a unit has to name and has not, given the roles that people in office hold there. A committee only assists; it needs somebody who
/// does that.
pub fn missing(unit: &UnitInfo, duties: &Duties, held: &[Role]) -> Vec<Missing> {
    let needs = |missing: &Missing| match missing {
        _ if !unit.active || unit.kind == UnitKind::Centre => false,
        Missing::Handler => !held.contains(&Role::Handler),
        _ if unit.kind == UnitKind::Committee => false,
        Missing::Leader => !held.contains(&Role::UnitLeader),
        Missing::Office => duties.office.is_none(),
        Missing::Clerk => duties.clerk.is_none(),
        Missing::Duty => unit.kind == UnitKind::Enterprise && duties.duty_phone.is_none(),
    };
    Missing::ALL.iter().copied().filter(needs).collect()
}

/// Whether a unit may stand so in the tree.
///
/// # Errors
/// Names the field that is wrong.
pub fn check_unit(id: &str, unit: &UnitInfo, units: &Units) -> Result<(), Refusal> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || id.len() > ID_MOST || !id.chars().all(plain) {
        return Err(Refusal::input("unit", format!("单位编号用小写字母、数字和“-”，1至{ID_MOST}位")));
    }
    let name = unit.name.trim();
    if name.is_empty() || name.chars().count() > NAME_MOST {
        return Err(Refusal::input("name", format!("请写明单位名称，最多{NAME_MOST}字")));
    }
    if units.iter().any(|(other, u)| other != id && u.active && u.name.trim() == name) {
        return Err(Refusal::input("name", format!("已有名为“{name}”的单位；名称须能区分")));
    }
    let above = |id: &str| units.get(id).map(|u| u.parent.as_deref());
    climb(id, unit.parent.as_deref(), above, DEPTH_MOST).map(drop).map_err(|fault| {
        let message = match fault {
            Climb::Circle => "上级单位不能是本单位或其下级".into(),
            Climb::Unknown(parent) => format!("没有编号为“{parent}”的上级单位；请先登记上级"),
            Climb::Deep => format!("单位最多{DEPTH_MOST}级"),
        };
        Refusal::input("parent", message)
    })
}

/// Whether a centre may stand under another: province, city, county (SR-8), each under one at most.
///
/// # Errors
/// Names the field that is wrong.
pub fn check_centre(id: &str, under: &str, centres: &Centres) -> Result<(), Refusal> {
    let refused = |message| Err(Refusal::input("parent", message));
    let above = |id: &str| centres.get(id).map(|c| c.under.as_deref());
    match climb(id, Some(under), above, CENTRES_MOST) {
        Err(Climb::Circle) => return refused("上级热线不能是本热线或其下级".into()),
        Err(Climb::Unknown(parent)) => return refused(format!("没有编号为“{parent}”的热线；请先启用上级热线")),
        Err(Climb::Deep) => return refused(format!("热线最多{CENTRES_MOST}级（省、市、县）")),
        Ok(levels) if levels + height(id, centres) > CENTRES_MOST => {
            return refused(format!("连同其下级，热线会超过{CENTRES_MOST}级（省、市、县）"));
        }
        Ok(_) => {}
    }
    Ok(())
}

/// The centres under one, at any depth, nearest first and by id: what it may see the counts of. Never itself, nor one beside or above it.
pub fn below<'a>(id: &str, centres: &'a Centres) -> Vec<(&'a str, usize)> {
    let mut found: Vec<(&str, usize)> = Vec::new();
    let mut level = vec![id.to_owned()];
    for depth in 1..=CENTRES_MOST {
        let under = |c: &Centre| c.under.as_ref().is_some_and(|u| level.contains(u));
        let next: Vec<&str> = centres.iter().filter(|(_, c)| under(c)).map(|(id, _)| id.as_str()).collect();
        found.extend(next.iter().map(|id| (*id, depth)));
        level = next.into_iter().map(str::to_owned).collect();
    }
    found
}

/// Levels of centres under one, itself counted.
fn height(id: &str, centres: &Centres) -> usize {
    1 + below(id, centres).last().map_or(0, |(_, depth)| *depth)
}

/// What is wrong with the way up.
enum Climb<'a> {
    /// It comes back to where it began.
    Circle,
    /// There is none of this id.
    Unknown(&'a str),
    /// It has more levels than there may be.
    Deep,
}

/// Goes up from `id` by way of `parent`. Returns how many are above.
fn climb<'a>(
    id: &str,
    parent: Option<&'a str>,
    above: impl Fn(&str) -> Option<Option<&'a str>>,
    most: usize,
) -> Result<usize, Climb<'a>> {
    let mut next = parent;
    for levels in 0..most {
        let Some(parent) = next else { return Ok(levels) };
        if parent == id {
            return Err(Climb::Circle);
        }
        next = above(parent).ok_or(Climb::Unknown(parent))?;
    }
    Err(Climb::Deep)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(kind: UnitKind, parent: Option<&str>) -> UnitInfo {
        UnitInfo { name: "某单位".into(), kind, parent: parent.map(str::to_owned), active: true }
    }

    /// SR-9, QD-3: one leader, an office, one handler at least, a knowledge clerk; round the clock where the service is.
    #[test]
    fn who_is_missing_is_said() {
        use Missing as M;
        let bare = Duties::default();
        let named = Duties {
            office: Some("办公室".into()),
            clerk: Some("a".into()),
            duty_phone: Some("1".into()),
            division: None,
        };
        let both = [Role::Handler, Role::UnitLeader];
        for (kind, duties, held, wanted) in [
            (UnitKind::Department, &bare, &[][..], &[M::Leader, M::Office, M::Handler, M::Clerk][..]),
            (UnitKind::Department, &named, &both, &[]),
            (UnitKind::Department, &named, &[Role::UnitLeader], &[M::Handler]),
            (UnitKind::Town, &named, &[Role::Handler], &[M::Leader]),
            (UnitKind::Enterprise, &Duties { duty_phone: None, ..named.clone() }, &both, &[M::Duty]),
            (UnitKind::Committee, &bare, &[], &[M::Handler]),
            (UnitKind::Committee, &bare, &[Role::Handler], &[]),
            (UnitKind::Centre, &bare, &[], &[]),
        ] {
            assert_eq!(missing(&unit(kind, None), duties, held), wanted, "{kind} {held:?}");
        }
        assert_eq!(missing(&UnitInfo { active: false, ..unit(UnitKind::Town, None) }, &bare, &[]), []);
    }

    #[test]
    fn a_tree_has_no_circle() {
        let info = |parent| unit(UnitKind::Department, parent);
        let named = |id: &str, parent| (id.to_owned(), UnitInfo { name: id.to_owned(), ..info(parent) });
        let units = Units::from([named("a", None), named("b", Some("a")), named("c", Some("b"))]);
        let field = |id: &str, unit: &UnitInfo| check_unit(id, unit, &units).err().and_then(|e| e.field);
        assert_eq!(field("d", &info(Some("c"))), None);
        assert_eq!(field("a", &info(Some("c"))), Some("parent"));
        assert_eq!(field("a", &info(Some("a"))), Some("parent"));
        assert_eq!(field("d", &info(Some("nowhere"))), Some("parent"));
        assert_eq!(field("大", &info(None)), Some("unit"));
        assert_eq!(field("d", &UnitInfo { name: " b".into(), ..info(None) }), Some("name"));
    }

    #[test]
    fn centres_stand_in_three_levels_without_a_circle() {
        let centre = |id: &str, under: Option<&str>| {
            (id.to_owned(), Centre { name: id.to_owned(), under: under.map(str::to_owned) })
        };
        let centres = Centres::from([
            centre("province", None),
            centre("city", Some("province")),
            centre("county", Some("city")),
            centre("beside", Some("city")),
            centre("other", None),
        ]);
        let field = |id: &str, under: &str| check_centre(id, under, &centres).err().and_then(|e| e.field);
        assert_eq!(field("other", "province"), None);
        assert_eq!(field("other", "city"), None, "the third level");
        assert_eq!(field("other", "county"), Some("parent"), "a fourth level");
        assert_eq!(field("province", "other"), Some("parent"), "its own two levels go with it");
        assert_eq!(field("city", "other"), None);
        assert_eq!(field("province", "county"), Some("parent"));
        assert_eq!(field("province", "province"), Some("parent"));
        assert_eq!(field("county", "nowhere"), Some("parent"));
        assert_eq!(below("province", &centres), [("city", 1), ("beside", 2), ("county", 2)]);
        assert_eq!(below("county", &centres), []);
        assert_eq!(below("other", &centres), []);
    }

    #[test]
    fn a_post_is_of_a_unit_or_of_the_centre() {
        let units = Units::from([
            ("a".to_owned(), unit(UnitKind::Department, None)),
            ("gone".to_owned(), UnitInfo { active: false, ..unit(UnitKind::Department, None) }),
        ]);
        let post = |role, unit: Option<&str>, seat| Post { role, unit: unit.map(str::to_owned), seat };
        let field = |post: Post| post.check(&units).err().and_then(|e| e.field);
        assert_eq!(field(post(Role::Handler, Some("a"), None)), None);
        assert_eq!(field(post(Role::Seat, None, Some(SeatKind::Deputies))), None);
        assert_eq!(field(post(Role::Handler, None, None)), Some("unit"));
        assert_eq!(field(post(Role::Handler, Some("gone"), None)), Some("unit"));
        assert_eq!(field(post(Role::Seat, Some("a"), None)), Some("unit"));
        assert_eq!(field(post(Role::Reviewer, None, Some(SeatKind::Business))), Some("seat"));
        for role in [Role::Citizen, Role::Platform, Role::System] {
            assert_eq!(field(post(role, None, None)), Some("role"));
        }
    }
}
