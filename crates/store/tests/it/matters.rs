//! What finding matters needs of the store.

use jiesu_store::{HotIssue, PersonRow};
use jiesu_testkit::{Kind, on_both};

use crate::fixture::{BJ, appeal, at, fixture, number, person, row};

async fn tickets_come_in_the_order_of_their_registration(kind: Kind) {
    let f = fixture(kind).await;
    for n in 0..5 {
        let ticket = f.new_ticket(move |c| c.row = row(1_000 + n, None)).await;
        f.next(&ticket, 1, move |c| c.row = row(1_000 + n, None)).await;
    }
    let head = f.store.marks(BJ).await.unwrap().seq;
    let begun = async |after, limit| {
        let begun = f.store.tickets_begun(BJ, (after, head), limit).await.unwrap();
        begun.into_iter().map(|(_, ticket)| ticket).collect::<Vec<_>>()
    };
    assert_eq!(begun(0, 10).await, [1, 2, 3, 4, 5].map(number));
    assert_eq!(begun(0, 2).await, [1, 2].map(number));
    assert_eq!(f.store.begun_before_newest(BJ, 10).await.unwrap(), 0, "fewer than are remembered");
    let from = f.store.begun_before_newest(BJ, 2).await.unwrap();
    assert_eq!(begun(from, 10).await, [4, 5].map(number));
    let named = f.store.tickets_named(BJ, &[number(3), number(9), number(1)]).await.unwrap();
    assert_eq!(named.iter().map(|t| t.head.ticket.clone()).collect::<Vec<_>>(), [number(1), number(3)]);
    let since = f.store.tickets_registered_since(BJ, at(1_002), None, 2).await.unwrap();
    assert_eq!(since.iter().map(|t| t.head.ticket.clone()).collect::<Vec<_>>(), [number(5), number(4)]);
    let last = since.last().map(|t| (t.head.row.registered_at, t.head.ticket.clone()));
    let more = f.store.tickets_registered_since(BJ, at(1_002), last.as_ref(), 2).await.unwrap();
    assert_eq!(more.iter().map(|t| t.head.ticket.clone()).collect::<Vec<_>>(), [number(3)]);
}

/// A person is the same number on every ticket and after the keys changed; no number of a person comes out.
async fn who_shares_a_number_is_told_alike(kind: Kind) {
    let f = fixture(kind).await;
    let people = |n: usize| match n {
        0 => person("p0", "13900001234"),
        1 => person("p1", "139 0000-1234"),
        2 => PersonRow { id_number: Some("11010119900307007x".into()), ..person("p2", "13900005678") },
        3 => PersonRow { person: "p3".into(), id_number: Some("11010119900307007X".into()), ..PersonRow::default() },
        _ => PersonRow { person: "p4".into(), name: Some("李小红".into()), ..PersonRow::default() },
    };
    for n in 0..5 {
        f.new_ticket(move |c| {
            c.persons = vec![people(n)];
            c.appeals = vec![appeal("1", &people(n).person, "123456")];
        })
        .await;
    }
    let all: Vec<String> = (1..=5).map(number).collect();
    let found = f.store.appellants(BJ, &all).await.unwrap();
    let of: Vec<&[u64]> = found.iter().map(|a| a.person.as_slice()).collect();
    assert_eq!(
        found.iter().map(|a| (a.ticket.clone(), a.appeal)).collect::<Vec<_>>(),
        (1..=5).map(|n| (number(n), 1)).collect::<Vec<_>>()
    );
    assert_eq!(of[0], of[1]);
    assert!(of[2].len() == 2 && of[2].contains(&of[3][0]), "the identity number is shared");
    assert!(of[4].len() == 1 && !of[..4].concat().contains(&of[4][0]), "who left no number is a person of their own");
    assert_eq!(f.store.appellant(BJ, Some("+86 13900001234"), None).await.unwrap(), of[0]);
    assert!(f.store.appellant(BJ, None, Some(" ")).await.unwrap().is_empty());
    f.store.rotate(BJ).await.unwrap();
    while f.store.reseal(BJ, 100).await.unwrap() {}
    assert_eq!(f.store.appellants(BJ, &all).await.unwrap(), found);
}

async fn hot_issues_are_put_by_one_and_read_by_all(kind: Kind) {
    let f = fixture(kind).await;
    let (now, before) = (at(10_000), at(9_000));
    assert_eq!(f.store.hot_run(BJ).await.unwrap(), None);
    assert!(f.store.hot_begin(BJ, now, before).await.unwrap());
    assert!(!f.open().await.hot_begin(BJ, now, before).await.unwrap(), "another process is at it");
    assert!(f.store.hot_begin("sh", now, before).await.unwrap());
    assert!(f.store.hot_begin(BJ, at(500), at(400)).await.unwrap(), "a clock was put back");
    assert!(f.store.hot_begin(BJ, at(1_500), at(500)).await.unwrap());
    let issue = |rank: i64, tickets: &[u32]| HotIssue {
        rank,
        ticket: number(tickets[0]),
        heat: 2_500,
        persons: 2,
        contacts: 3,
        tickets: tickets.iter().map(|n| number(*n)).collect(),
        from: at(1),
        until: at(2),
        county: (rank == 1).then(|| "a".to_owned()),
        street: None,
        trend: vec![0, 3, 1],
    };
    let week = vec![issue(1, &[1, 2]), issue(2, &[3, 4, 5])];
    let spans = [(7, week.clone()), (30, vec![issue(1, &[5])])];
    f.store.hot_put(BJ, now, (5, true), &spans).await.unwrap();
    assert_eq!(f.store.hot_issues(BJ, 7).await.unwrap(), week);
    assert_eq!(f.store.hot_issues(BJ, 30).await.unwrap(), spans[1].1);
    let run = f.store.hot_run(BJ).await.unwrap().unwrap();
    assert_eq!((run.made_at, run.tickets, run.left_out), (Some(now), 5, true));
    f.store.hot_put(BJ, at(10_001), (0, false), &[(7, vec![])]).await.unwrap();
    assert!(
        f.store.hot_issues(BJ, 7).await.unwrap().is_empty() && f.store.hot_issues(BJ, 30).await.unwrap().is_empty()
    );
}

async fn what_is_not_one_matter_is_so_both_ways(kind: Kind) {
    let f = fixture(kind).await;
    assert!(f.store.not_one_matter_put(BJ, ("b", "a"), at(1), "x").await.unwrap());
    assert!(!f.store.not_one_matter_put(BJ, ("a", "b"), at(2), "y").await.unwrap());
    assert!(f.store.not_one_matter_put(BJ, ("a", "c"), at(2), "y").await.unwrap());
    assert_eq!(f.store.not_one_matter(BJ, "a").await.unwrap(), ["b", "c"]);
    assert_eq!(f.store.not_one_matter(BJ, "c").await.unwrap(), ["a"]);
    assert!(f.store.not_one_matter("sh", "a").await.unwrap().is_empty());
}

async fn hints_are_counted_by_day_kind_and_outcome(kind: Kind) {
    let f = fixture(kind).await;
    let of = |kind: &str, outcome: &str| (kind.to_owned(), outcome.to_owned());
    f.store.hints_count(BJ, 10, &[of("empty", "stood"), of("unnamed", "stood")]).await.unwrap();
    f.store.hints_count(BJ, 10, &[of("empty", "stood")]).await.unwrap();
    f.store.hints_count(BJ, 12, &[of("empty", "rewritten"), of("empty", "stood")]).await.unwrap();
    f.store.hints_count(BJ, 12, &[]).await.unwrap();
    let read = async |from, to| {
        let all = f.store.hints_counted(BJ, from, to).await.unwrap();
        all.into_iter().map(|c| format!("{} {} {}", c.kind, c.outcome, c.replies)).collect::<Vec<_>>()
    };
    assert_eq!(read(10, 12).await, ["empty rewritten 1", "empty stood 3", "unnamed stood 1"]);
    assert_eq!(read(11, 12).await, ["empty rewritten 1", "empty stood 1"]);
    assert!(read(13, 20).await.is_empty());
}

on_both! {
    tickets_come_in_the_order_of_their_registration,
    who_shares_a_number_is_told_alike,
    hot_issues_are_put_by_one_and_read_by_all,
    what_is_not_one_matter_is_so_both_ways,
    hints_are_counted_by_day_kind_and_outcome,
}
