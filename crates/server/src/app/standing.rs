//! Where a ticket stands, as its entry in the full-text index says it: among those in work, those answered or ended, or in the archive; overdue;
//! supervised. A search among few of a million tickets asks the index for these too, so that it need not look through all that have a
//! frequent word. An entry is written anew when one of them changes, which is seldom: a life goes from one shelf to the next twice.

use jiesu_domain::ticket::{StateName, Ticket};
use jiesu_store::ListFilter;

/// Codes of the shelves: each ticket stands on one.
const IN_WORK: &str = "work";
const DONE: &str = "done";
const ARCHIVED: &str = "archived";

const OVERDUE: &str = "overdue";
const SUPERVISED: &str = "supervised";

fn shelf(state: StateName) -> &'static str {
    match state {
        StateName::Archived => ARCHIVED,
        state if state.is_in_work() => IN_WORK,
        _ => DONE,
    }
}

/// The codes of a ticket's entry.
pub(super) fn standing(ticket: &Ticket) -> Vec<&'static str> {
    let marks = [(ticket.overdue(), OVERDUE), (ticket.supervised(), SUPERVISED)];
    let marks = marks.into_iter().filter(|(holds, _)| *holds).map(|(_, code)| code);
    std::iter::once(shelf(ticket.state())).chain(marks).collect()
}

/// A search narrowed by what the entries of all tickets have that it lets through: one of each. Of the most urgent, those overdue come first,
/// and then those in work.
pub(crate) fn narrowed(filter: ListFilter) -> ListFilter {
    let mut shelves: Vec<&str> = filter.states.iter().filter_map(|code| code.parse().ok()).map(shelf).collect();
    shelves.sort_unstable();
    shelves.dedup();
    let marks = [(filter.overdue, OVERDUE), (filter.supervised, SUPERVISED)];
    let marks = marks.into_iter().filter(|(asked, _)| *asked == Some(true)).map(|(_, code)| vec![code]);
    // Every ticket stands on one of the three.
    let shelves = Some(shelves).filter(|shelves| (1..3).contains(&shelves.len()));
    // What is asked for, or asked not to be, need not be looked for first.
    let first = [(filter.overdue.is_none(), OVERDUE), (shelves.is_none(), IN_WORK)];
    let pressing = first.into_iter().filter(|(open, _)| *open).map(|(_, code)| code.to_owned()).collect();
    let standing = shelves.into_iter().chain(marks).map(|any| any.into_iter().map(str::to_owned).collect()).collect();
    ListFilter { standing, pressing, ..filter }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_presses_is_looked_for_first_unless_it_is_asked_for() {
        let of = |states: &[&str], overdue| {
            let states = states.iter().map(|&state| state.to_owned()).collect();
            let filter = narrowed(ListFilter { states, overdue, ..ListFilter::default() });
            let joined: Vec<String> = filter.standing.iter().map(|any| any.join("/")).collect();
            (joined.join(" "), filter.pressing.join(" "))
        };
        let texts = |standing: &str, pressing: &str| (standing.to_owned(), pressing.to_owned());
        assert_eq!(of(&[], None), texts("", "overdue work"));
        assert_eq!(of(&["in-hand", "dispatched"], None), texts("work", "overdue"));
        assert_eq!(of(&["in-hand", "archived"], None), texts("archived/work", "overdue"));
        assert_eq!(of(&["in-hand", "closed", "archived"], None), texts("", "overdue work"), "all three shelves");
        assert_eq!(of(&[], Some(true)), texts("overdue", "work"));
        assert_eq!(of(&["archived"], Some(false)), texts("archived", ""));
    }
}
