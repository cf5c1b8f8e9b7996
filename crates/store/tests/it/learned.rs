//! Nights of learning, models, and counts of what people did with proposals.

use jiesu_store::{LearnedPart, ProposalCount, TicketWithBody};
use jiesu_testkit::{Kind, on_both};

use crate::fixture::{BJ, at, fixture};

fn part(part: &str, body: &str) -> LearnedPart {
    LearnedPart { part: part.into(), body: body.into() }
}

async fn of_several_processes_one_learns_and_a_broken_one_is_followed(kind: Kind) {
    let f = fixture(kind).await;
    let begin = async |day, now, until| f.store.learning_begin(BJ, day, at(now), at(until)).await.unwrap();
    assert!(begin(10, 100, 200).await);
    assert!(!begin(10, 150, 250).await, "somebody else is at it");
    assert!(begin(10, 200, 300).await, "its time is over");
    f.store.learning_done(BJ, 10, at(220), "{}").await.unwrap();
    assert!(!begin(10, 900, 999).await, "done");
    assert!(begin(11, 900, 999).await);
    let nights = f.store.learnings(BJ, 5).await.unwrap();
    let told: Vec<_> = nights.iter().map(|n| (n.day, n.done_at, n.result.as_deref())).collect();
    assert_eq!(told, [(11, None, None), (10, Some(at(220)), Some("{}"))]);
    assert_eq!(f.store.learnings("sh", 5).await.unwrap(), []);
}

async fn a_model_is_replaced_whole_and_stands_sealed(kind: Kind) {
    let f = fixture(kind).await;
    let both = [part("", "甲模型停水"), part("城市管理", "乙模型路灯")];
    f.store.learned_put(BJ, "category", 20261121, &both).await.unwrap();
    f.store.learned_put(BJ, "kind", 20261121, &[part("", "丙")]).await.unwrap();
    assert_eq!(f.store.learned(BJ, "category").await.unwrap(), Some((20261121, both.to_vec())));
    for stored in f.db.rows("SELECT body FROM learned").await {
        assert!(!stored.contains('甲') && !stored.contains("停水"), "{stored}");
    }
    f.store.learned_put(BJ, "category", 20261122, &[part("", "丁")]).await.unwrap();
    assert_eq!(f.store.learned(BJ, "category").await.unwrap(), Some((20261122, vec![part("", "丁")])));
    let versions = f.store.learned_versions(BJ).await.unwrap();
    assert_eq!(versions, [("category".to_owned(), 20261122), ("kind".to_owned(), 20261121)]);
    // Under a new data key it opens as before.
    f.store.rotate(BJ).await.unwrap();
    while f.store.reseal(BJ, 10).await.unwrap() {}
    assert_eq!(f.store.learned(BJ, "category").await.unwrap(), Some((20261122, vec![part("", "丁")])));
    assert_eq!(f.store.learned("sh", "category").await.unwrap(), None);
}

async fn counts_add_up(kind: Kind) {
    let f = fixture(kind).await;
    let count = |day, outcome: &str, times| ProposalCount {
        day,
        field: "kind".into(),
        version: 20261122,
        outcome: outcome.into(),
        times,
    };
    f.store.proposals_counted(BJ, &[]).await.unwrap();
    f.store.proposals_counted(BJ, &[count(10, "same", 2), count(10, "other", 1), count(11, "same", 5)]).await.unwrap();
    f.store.proposals_counted(BJ, &[count(10, "same", 3)]).await.unwrap();
    let counted = f.store.proposal_counts(BJ, (10, 11)).await.unwrap();
    assert_eq!(counted, [count(10, "other", 1), count(10, "same", 5)]);
    assert_eq!(f.store.proposal_counts("sh", (0, 99)).await.unwrap(), []);
}

async fn confidential_tickets_teach_nothing_and_the_newest_come_first(kind: Kind) {
    let f = fixture(kind).await;
    for (no, state, confidential) in
        [(1, "closed", false), (2, "closed", true), (3, "in-hand", false), (4, "archived", false), (5, "closed", false)]
    {
        f.new_ticket(move |commit| {
            (commit.row.registered_at, commit.row.state) = (at(no * 100), state.into());
            (commit.row.confidential, commit.body) = (confidential, format!("{{\"n\":{no}}}"));
        })
        .await;
    }
    let states = ["closed", "archived"];
    let page = f.store.tickets_to_learn(BJ, &states, None, 2).await.unwrap();
    let bodies = |page: &[TicketWithBody]| page.iter().map(|t| t.body.clone()).collect::<Vec<_>>();
    assert_eq!(bodies(&page), ["{\"n\":5}", "{\"n\":4}"]);
    let last = page.last().unwrap();
    let before = Some((last.head.row.registered_at, last.head.ticket.as_str()));
    assert_eq!(bodies(&f.store.tickets_to_learn(BJ, &states, before, 9).await.unwrap()), ["{\"n\":1}"]);
}

on_both! {
    of_several_processes_one_learns_and_a_broken_one_is_followed,
    a_model_is_replaced_whole_and_stands_sealed,
    counts_add_up,
    confidential_tickets_teach_nothing_and_the_newest_come_first,
}
