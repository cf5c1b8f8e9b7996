//! What the fields of commands are chosen from: vocabularies, the rulebook, the catalogue, the units, and what stands on a ticket.

use std::collections::BTreeMap;

use jiesu_domain::{
    Catalogue, Channel, Rulebook,
    rulebook::UnitKind,
    ticket::{ConductState, ExclusionState, Finding, HelpKind, LedgerState, Ticket, Units},
    words::{Contact, Satisfaction},
};

use crate::{api::reference::Choice, view::Viewer};

/// Lists by key.
pub(super) type Choices = BTreeMap<&'static str, Vec<Choice>>;

/// The law and the units that a form is for.
pub(super) struct Desk<'a> {
    pub book: &'a Rulebook,
    pub catalogue: Option<&'a Catalogue>,
    pub units: &'a Units,
}

macro_rules! words {
    ($type:ty) => {
        <$type>::ALL.iter().map(|w| Choice::new(w.code(), w.zh())).collect::<Vec<_>>()
    };
}

macro_rules! rules {
    ($list:expr) => {
        $list.iter().map(|r| Choice::new(r.id.clone(), r.name.clone())).collect::<Vec<_>>()
    };
}

fn texts(list: &[String]) -> Vec<Choice> {
    list.iter().map(|s| Choice::new(s.clone(), s.clone())).collect()
}

/// The list of a vocabulary, by the name of its schema.
pub(super) fn of_word(schema: &str) -> Option<&'static str> {
    Some(match schema {
        "Channel" => "channels",
        "Contact" => "contacts",
        "Satisfaction" => "satisfaction",
        "Finding" => "findings",
        "HelpKind" => "help",
        _ => return None,
    })
}

impl Desk<'_> {
    /// Every list; those of a ticket are empty without one.
    pub fn choices(&self, ticket: Option<(&Ticket, &Viewer)>) -> Choices {
        let mut all = self.of_law();
        all.extend(self.of_routing());
        for key in OF_TICKET {
            all.insert(key, Vec::new());
        }
        if let Some((ticket, viewer)) = ticket {
            all.extend(self.of_ticket(ticket, viewer));
        }
        all
    }

    fn of_law(&self) -> Choices {
        let book = self.book;
        let grounds = rules!(book.redo_ground).into_iter().chain(rules!(book.no_redo)).collect();
        let settle = book.no_redo.iter().filter(|g| g.settles).map(|g| Choice::new(g.id.clone(), g.name.clone()));
        Choices::from([
            ("channels", words!(Channel)),
            ("contacts", words!(Contact)),
            ("satisfaction", words!(Satisfaction)),
            ("findings", words!(Finding)),
            ("help", words!(HelpKind)),
            ("refusals", rules!(book.refusal)),
            ("malicious", rules!(book.malicious)),
            ("closure-grounds", rules!(book.closure_ground)),
            ("redo-grounds", rules!(book.redo_ground)),
            ("no-redo-grounds", rules!(book.no_redo)),
            ("verify-grounds", grounds),
            ("settle-grounds", settle.collect()),
            ("exemptions", rules!(book.exempt)),
            ("supervise-grounds", rules!(book.supervise)),
            ("measures", rules!(book.measure)),
            ("conducts", rules!(book.conduct)),
            ("lines", texts(&book.emergency.lines)),
            ("consultation-levels", texts(book.consultation.as_ref().map_or(&[], |r| &r.levels))),
            ("report-up-targets", texts(book.report_up.as_ref().map_or(&[], |r| &r.to))),
            ("transfer-targets", texts(book.transfer.as_ref().map_or(&[], |r| &r.to))),
            ("risk-targets", texts(book.risk.as_ref().map_or(&[], |r| &r.to))),
        ])
    }

    fn of_routing(&self) -> Choices {
        let working = || self.units.iter().filter(|(_, u)| u.active && u.kind != UnitKind::Centre);
        let choice = |(id, u): (&String, &jiesu_domain::ticket::UnitInfo)| Choice::new(id.clone(), u.name.clone());
        let leads = working().filter(|(_, u)| !self.book.dispatch.never_lead.contains(&u.kind));
        let entries = self.catalogue.map_or(&[][..], |c| &c.entry);
        Choices::from([
            ("units", working().map(choice).collect()),
            ("leads", leads.map(choice).collect()),
            ("entries", entries.iter().map(|e| Choice::new(e.id.clone(), e.matter.clone())).collect()),
        ])
    }

    fn unit(&self, id: &str) -> String {
        self.units.get(id).map_or_else(|| id.to_owned(), |u| u.name.clone())
    }

    /// What stands on a ticket and can be acted on, as far as this viewer sees it.
    fn of_ticket(&self, t: &Ticket, viewer: &Viewer) -> Choices {
        let numbered = |no: u32, name: String| Choice::new(no.to_string(), name);
        let units = |ids: &mut dyn Iterator<Item = &str>| -> Vec<Choice> {
            ids.map(|u| Choice::new(u, self.unit(u))).collect()
        };
        let of = |unit: Option<&String>| unit.map_or_else(String::new, |u| format!("，{}", self.unit(u)));
        let open = |s: &LedgerState| !matches!(s, LedgerState::Ended { .. } | LedgerState::Dismissed { .. });
        let acted = |s: ExclusionState| !matches!(s, ExclusionState::Approved | ExclusionState::Final);
        let whistled = t.work().into_iter().flat_map(|w| &w.assists).filter(|a| a.whistle.is_some());
        let settled = t.standing.iter().filter(|(_, s)| s.settled.is_some());
        Choices::from([
            (
                "appeals",
                t.standing_appeals().map(|a| numbered(a.no, format!("第{}位诉求人（{}）", a.no, a.channel))).collect(),
            ),
            ("points", t.points.iter().map(|p| viewer.text(p)).map(|p| Choice::new(p.clone(), p)).collect()),
            ("settled-earlier", settled.map(|(n, _)| Choice::new(n.clone(), n.clone())).collect()),
            ("ticket-units", units(&mut t.units().into_iter())),
            ("whistled", units(&mut whistled.map(|a| a.unit.as_str()))),
            (
                "ledger",
                t.supervision
                    .iter()
                    .filter(|e| open(&e.state))
                    .map(|e| {
                        numbered(
                            e.no,
                            format!("{}{}", crate::view::ground_name(&e.name, &e.ground), of(e.unit.as_ref())),
                        )
                    })
                    .collect(),
            ),
            (
                "urgings",
                t.urgings
                    .iter()
                    .filter(|u| u.answer.is_none() && viewer.urging(u))
                    .map(|u| numbered(u.no, format!("{}：{}", self.unit(&u.unit), viewer.text(&u.note))))
                    .collect(),
            ),
            (
                "conduct-records",
                t.conducts
                    .iter()
                    .filter(|c| c.state == ConductState::Found && viewer.conduct(c))
                    .map(|c| numbered(c.no, format!("{}{}", c.name, of(c.unit.as_ref()))))
                    .collect(),
            ),
            (
                "exclusions",
                t.exclusions
                    .iter()
                    .filter(|e| acted(e.state) && viewer.exclusion(e))
                    .map(|e| numbered(e.no, format!("{}（{}）{}", e.name, e.state, of(Some(&e.unit)))))
                    .collect(),
            ),
            (
                "malicious-records",
                t.malicious
                    .iter()
                    .filter(|m| m.referred.is_none() && viewer.of_centre())
                    .map(|m| numbered(m.no, m.name.clone()))
                    .collect(),
            ),
        ])
    }
}

const OF_TICKET: [&str; 10] = [
    "appeals",
    "points",
    "settled-earlier",
    "ticket-units",
    "whistled",
    "ledger",
    "urgings",
    "conduct-records",
    "exclusions",
    "malicious-records",
];
