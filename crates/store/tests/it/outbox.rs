//! The outbox: leased to one, lost by none.

use jiesu_store::{AfterFailure, OutboxFilter, OutboxLease, OutboxRow, OutboxState};

use jiesu_testkit::{Kind, on_both};

use crate::fixture::{BJ, at, fixture, message};

fn ids(messages: &[OutboxRow]) -> Vec<i64> {
    messages.iter().map(|m| m.id).collect()
}

async fn due_messages_are_leased_once_and_again_after_the_lease(kind: Kind) {
    let f = fixture(kind).await;
    f.new_ticket(|c| c.outbox = vec![message(30), message(10), message(20), message(99)]).await;
    let lease =
        |now, until, limit| f.store.outbox_lease(BJ, at(now), OutboxLease { from: at(now), until: at(until) }, limit);
    let (first, second) = (lease(50, 60, 2).await.unwrap(), lease(50, 60, 10).await.unwrap());
    assert_eq!((ids(&first), ids(&second)), (vec![2, 3], vec![1]), "oldest due first, nothing twice, 99 not yet");
    assert_eq!((first[0].attempts, first[0].leased_until), (1, Some(at(60))));
    assert!(lease(59, 70, 10).await.unwrap().is_empty());
    assert!(f.store.outbox_sent(BJ, 2, 1, at(55), Some("vendor-1")).await.unwrap());
    let again = lease(60, 70, 10).await.unwrap();
    assert_eq!(ids(&again), [3, 1], "the leases ran out, the sent one stays sent");
    assert_eq!(again[0].attempts, 2);
    assert!(!f.store.outbox_sent(BJ, 3, 1, at(61), None).await.unwrap(), "the first sender's lease is over");
    assert!(f.store.outbox_sent(BJ, 3, 2, at(61), None).await.unwrap());
    assert!(!f.store.outbox_sent(BJ, 3, 2, at(61), None).await.unwrap(), "once");
    assert!(
        f.store
            .outbox_lease("sh", at(999), OutboxLease { from: at(999), until: at(1_000) }, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

/// Senders of several processes at once: each message goes to one of them.
async fn many_senders_never_get_the_same_message(kind: Kind) {
    let f = fixture(kind).await;
    f.new_ticket(|c| c.outbox = (0..200).map(message).collect()).await;
    let mut senders = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = f.open().await;
        senders.spawn(async move {
            let mut got = Vec::new();
            for _ in 0..20 {
                got.extend(ids(&store
                    .outbox_lease(BJ, at(500), OutboxLease { from: at(500), until: at(600) }, 7)
                    .await
                    .unwrap()));
            }
            got
        });
    }
    let mut got = senders.join_all().await.concat();
    got.sort_unstable();
    assert_eq!(got, (1..=200).collect::<Vec<i64>>());
}

async fn failures_are_tried_again_or_given_up(kind: Kind) {
    let f = fixture(kind).await;
    f.new_ticket(|c| c.outbox = vec![message(1)]).await;
    let lease = |now| f.store.outbox_lease(BJ, at(now), OutboxLease { from: at(now), until: at(now + 10) }, 10);
    lease(1).await.unwrap();
    let retry = AfterFailure::RetryAt(at(100));
    assert!(f.store.outbox_failed(BJ, 1, 1, at(2), "no route", retry).await.unwrap());
    assert!(lease(99).await.unwrap().is_empty());
    assert_eq!(lease(100).await.unwrap()[0].error.as_deref(), Some("no route"));
    assert!(f.store.outbox_failed(BJ, 1, 2, at(101), "no such number", AfterFailure::GiveUp).await.unwrap());
    assert!(lease(500).await.unwrap().is_empty());
    let failed = OutboxFilter { state: Some(OutboxState::Failed), ticket: None };
    let seen = f.store.outbox(BJ, &failed, None, 10).await.unwrap().items;
    assert_eq!((ids(&seen), seen[0].done_at), (vec![1], Some(at(101))));
    assert!(f.store.outbox_requeue(BJ, 1, at(600)).await.unwrap());
    assert!(!f.store.outbox_requeue(BJ, 1, at(600)).await.unwrap());
    assert_eq!(lease(600).await.unwrap()[0].attempts, 3);
}

async fn a_viewer_pages_newest_first(kind: Kind) {
    let f = fixture(kind).await;
    let a = f.new_ticket(|c| c.outbox = (0..7).map(message).collect()).await;
    f.new_ticket(|c| c.outbox = (0..4).map(message).collect()).await;
    let of_a = OutboxFilter { ticket: Some(a), state: Some(OutboxState::Pending) };
    for (filter, expected) in [(OutboxFilter::default(), 11), (of_a, 7)] {
        let mut seen = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let page = f.store.outbox(BJ, &filter, cursor.as_deref(), 3).await.unwrap();
            seen.extend(ids(&page.items));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, (1..=expected).rev().collect::<Vec<_>>());
    }
    assert!(f.store.outbox(BJ, &OutboxFilter::default(), Some("x"), 3).await.is_err());
}

async fn what_waits_is_counted_with_its_begin(kind: Kind) {
    let f = fixture(kind).await;
    let nothing = f.store.waiting(BJ, at(100)).await.unwrap();
    assert_eq!((nothing.messages, nothing.first_message, nothing.timers, nothing.first_timer), (0, None, 0, None));
    f.new_ticket(|c| c.outbox = vec![message(30), message(10), message(200)]).await;
    for wake_at in [50, 40, 101] {
        f.new_ticket(move |c| c.row.wake_at = Some(at(wake_at))).await;
    }
    f.store.outbox_lease(BJ, at(20), OutboxLease { from: at(20), until: at(90) }, 1).await.unwrap();
    let lease = f.store.waiting(BJ, at(100)).await.unwrap();
    assert_eq!((lease.messages, lease.first_message), (3, Some(at(10))), "what is being sent is not sent yet");
    assert_eq!((lease.timers, lease.first_timer), (2, Some(at(40))), "one is not due yet");
    assert!(f.store.outbox_sent(BJ, 2, 1, at(55), None).await.unwrap());
    let after = f.store.waiting(BJ, at(100)).await.unwrap();
    assert_eq!((after.messages, after.first_message), (2, Some(at(30))));
    assert_eq!(f.store.waiting("sh", at(100)).await.unwrap().messages, 0);
}

on_both! {
    what_waits_is_counted_with_its_begin,
    due_messages_are_leased_once_and_again_after_the_lease,
    failures_are_tried_again_or_given_up,
    many_senders_never_get_the_same_message,
    a_viewer_pages_newest_first,
}
