//! The tally is what a full count gives, whatever happens to the tickets.

use jiesu_store::{By, Cell, Commit, ListFilter, Sum, day};
use jiesu_testkit::{Kind, on_both};

use crate::fixture::{BJ, Fixture, at, done, fixture, new_job, next_job};

const ALL: By = By { day: true, unit: true, kind: true, state: true };

fn stands(lead: &'static str, state: &'static str) -> impl FnOnce(&mut Commit) + Send + 'static {
    move |c| {
        c.row.lead = (!lead.is_empty()).then(|| lead.to_owned());
        c.row.state = state.into();
    }
}

async fn sums(f: &Fixture, by: By) -> Vec<(String, String, i64)> {
    let sums = f.store.tally(BJ, i64::MIN, i64::MAX, by).await.unwrap();
    sums.into_iter().map(|s| (s.cell.unit, s.cell.state, s.tickets)).collect()
}

fn said(sums: &[(&str, &str, i64)]) -> Vec<(String, String, i64)> {
    sums.iter().map(|(unit, state, n)| ((*unit).into(), (*state).into(), *n)).collect()
}

async fn each_commit_moves_a_ticket_from_cell_to_cell(kind: Kind) {
    let f = fixture(kind).await;
    let one = f.new_ticket(stands("", "new")).await;
    let two = f.new_ticket(stands("", "new")).await;
    done(f.store.append(new_job("sh", stands("a", "new"))).await);
    assert_eq!(sums(&f, ALL).await, said(&[("", "new", 2)]));
    f.next(&one, 1, stands("a", "in-hand")).await;
    f.next(&two, 1, stands("a", "in-hand")).await;
    assert_eq!(sums(&f, ALL).await, said(&[("a", "in-hand", 2)]), "an empty cell is not kept");
    f.next(&one, 2, stands("b", "in-hand")).await;
    f.next(&two, 2, stands("a", "in-hand")).await;
    assert_eq!(sums(&f, ALL).await, said(&[("a", "in-hand", 1), ("b", "in-hand", 1)]));
    assert_eq!(sums(&f, By { state: true, ..By::default() }).await, said(&[("", "in-hand", 2)]));
    assert_eq!(f.store.tally_faults(BJ).await.unwrap(), []);
    // Two changes of one ticket, and one that fails, in one group.
    let send = |job| f.store.append(job);
    let (first, _, second) = tokio::join!(
        send(next_job(&one, 3, stands("b", "closed"))),
        send(next_job(&one, 9, stands("z", "z"))),
        send(next_job(&one, 4, stands("b", "archived"))),
    );
    assert_eq!((done(first).1, done(second).1), (4, 5));
    assert_eq!(sums(&f, ALL).await, said(&[("a", "in-hand", 1), ("b", "archived", 1)]));
    assert_eq!(f.store.tally_faults(BJ).await.unwrap(), []);
}

async fn days_are_those_of_china(kind: Kind) {
    let f = fixture(kind).await;
    // 1970-01-01T15:59:59Z is the last second of the day in China.
    for second in [0, 15 * 3_600 + 3_599, 16 * 3_600, 40 * 3_600 - 1] {
        f.new_ticket(move |c| c.row.registered_at = at(second)).await;
    }
    let by = By { day: true, ..By::default() };
    let cell = |day| Cell { day, unit: String::new(), kind: String::new(), state: String::new() };
    let all = f.store.tally(BJ, 0, 2, by).await.unwrap();
    assert_eq!(all, [Sum { cell: cell(0), tickets: 2 }, Sum { cell: cell(1), tickets: 2 }]);
    assert_eq!(f.store.tally(BJ, 1, 2, by).await.unwrap(), [Sum { cell: cell(1), tickets: 2 }]);
    assert_eq!(day(at(-1)), 0, "seven in the morning of the first day");
    assert_eq!(day(at(-8 * 3_600 - 1)), -1);
    assert_eq!(f.store.tally_faults(BJ).await.unwrap(), []);
}

async fn what_was_changed_behind_its_back_is_found(kind: Kind) {
    let f = fixture(kind).await;
    f.new_ticket(stands("a", "new")).await;
    f.db.run("UPDATE tally SET tickets = 5").await.unwrap();
    let faults = f.store.tally_faults(BJ).await.unwrap();
    assert_eq!(faults.iter().map(|c| c.unit.as_str()).collect::<Vec<_>>(), ["a"]);
    f.db.run("DELETE FROM tally").await.unwrap();
    assert_eq!(f.store.tally_faults(BJ).await.unwrap().len(), 1);
    f.store.tally_recount(BJ).await.unwrap();
    assert_eq!(f.store.tally_faults(BJ).await.unwrap(), []);
}

async fn the_tabs_are_the_same_from_the_tally_and_from_the_tickets(kind: Kind) {
    let f = fixture(kind).await;
    for n in 0..30_usize {
        f.new_ticket(stands(["", "a", "b"][n % 3], ["new", "in-hand"][n % 2])).await;
    }
    for lead in [None, Some("a".to_owned())] {
        let quick = ListFilter { lead, ..ListFilter::default() };
        // One more condition, which all fulfil, and it has to be counted.
        let slow = ListFilter { urgent: Some(false), ..quick.clone() };
        let quick = f.store.count_by_state(BJ, &quick).await.unwrap();
        assert_eq!(quick, f.store.count_by_state(BJ, &slow).await.unwrap());
        assert_eq!(quick.len(), 2);
    }
}

on_both! {
    each_commit_moves_a_ticket_from_cell_to_cell,
    days_are_those_of_china,
    what_was_changed_behind_its_back_is_found,
    the_tabs_are_the_same_from_the_tally_and_from_the_tickets,
}
