//! Where a ticket stands, as its entry in the full-text index says it: among those in work, those answered or ended, or in the archive; of
//! which kind, by which channel; overdue, supervised, urgent, confidential. A search among few of a million tickets asks the index for these
//! too, so that it need not look through all that have a frequent word. An entry is written anew when one of them changes, which is seldom: a
//! life goes from one shelf to the next twice.

use jiesu_domain::ticket::{StateName, Ticket};
use jiesu_store::ListFilter;

/// Codes of the shelves: each ticket stands on one.
const IN_WORK: &str = "work";
const DONE: &str = "done";
const ARCHIVED: &str = "archived";

const OVERDUE: &str = "overdue";
const SUPERVISED: &str = "supervised";
const URGENT: &str = "urgent";
const CONFIDENTIAL: &str = "confidential";

fn shelf(state: StateName) -> &'static str {
    match state {
        StateName::Archived => ARCHIVED,
        state if state.is_in_work() => IN_WORK,
        _ => DONE,
    }
}

/// The codes of a ticket's entry.
pub(super) fn standing(ticket: &Ticket) -> Vec<&'static str> {
    let marks = [
        (ticket.overdue(), OVERDUE),
        (ticket.supervised(), SUPERVISED),
        (ticket.urgent, URGENT),
        (ticket.confidential, CONFIDENTIAL),
    ];
    let marks = marks.into_iter().filter(|(holds, _)| *holds).map(|(_, code)| code);
    let channel = ticket.appeals.first().map(|appeal| appeal.channel.code());
    [shelf(ticket.state()), ticket.kind.code()].into_iter().chain(channel).chain(marks).collect()
}

/// A search narrowed by what the entries of all tickets have that it lets through: one of each.
pub(crate) fn narrowed(filter: ListFilter) -> ListFilter {
    let asked: Vec<&str> = filter.states.iter().filter_map(|code| code.parse().ok()).map(shelf).collect();
    // Every ticket stands on one of the three.
    let all = [IN_WORK, DONE, ARCHIVED];
    let shelves: Vec<&str> = all.into_iter().filter(|shelf| asked.is_empty() || asked.contains(shelf)).collect();
    let marks = [
        (filter.overdue, OVERDUE),
        (filter.supervised, SUPERVISED),
        (filter.urgent, URGENT),
        (filter.confidential, CONFIDENTIAL),
    ];
    let marks = marks.into_iter().filter(|(asked, _)| *asked == Some(true)).map(|(_, code)| vec![code]);
    let kinds = (!filter.kinds.is_empty()).then(|| filter.kinds.iter().map(String::as_str).collect());
    let channel = filter.channel.as_deref().map(|channel| vec![channel]);
    let owned = |any: &[&str]| any.iter().map(|&code| code.to_owned()).collect::<Vec<_>>();
    let few = shelves == [IN_WORK];
    let narrower = Some(shelves).filter(|shelves| shelves.len() < all.len());
    let standing = narrower.into_iter().chain(kinds).chain(channel).chain(marks).map(|any| owned(&any)).collect();
    ListFilter { standing, few, ..filter }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiesu_domain::{Channel, Kind};

    use super::*;

    /// One word each, of letters, as the index takes them.
    #[test]
    fn no_two_codes_are_one_word() {
        let mut codes = vec![IN_WORK, DONE, ARCHIVED, OVERDUE, SUPERVISED, URGENT, CONFIDENTIAL];
        codes.extend(Kind::ALL.iter().map(|kind| kind.code()));
        codes.extend(Channel::ALL.iter().map(|channel| channel.code()));
        assert!(codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_lowercase())));
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
    }

    #[test]
    fn a_search_asks_for_the_shelves_that_it_lets_through() {
        let of = |states: &[&str], overdue| {
            let states = states.iter().map(|&state| state.to_owned()).collect();
            let filter = narrowed(ListFilter { states, overdue, ..ListFilter::default() });
            let standing: Vec<String> = filter.standing.iter().map(|any| any.join("/")).collect();
            (standing.join(" "), filter.few)
        };
        assert_eq!(of(&[], None), (String::new(), false));
        assert_eq!(of(&["in-hand", "dispatched"], None), ("work".into(), true));
        assert_eq!(of(&["archived", "in-hand"], None), ("work/archived".into(), false));
        assert_eq!(of(&["in-hand", "closed", "archived"], None), (String::new(), false));
        assert_eq!(of(&["concluded", "archived"], Some(false)), ("done/archived".into(), false));
        assert_eq!(of(&[], Some(true)), ("overdue".into(), false));
        let kinds = vec!["help".to_owned(), "report".to_owned()];
        let few = ListFilter { kinds, channel: Some("mail".into()), ..ListFilter::default() };
        let few = narrowed(ListFilter { urgent: Some(true), confidential: Some(false), ..few });
        assert_eq!(few.standing, [vec!["help", "report"], vec!["mail"], vec!["urgent"]]);
    }
}
