//! The archive of the embedded database: restored, it is the database as it stood then.

#![allow(clippy::disallowed_methods, reason = "an archive is about the machine's own time")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiesu_store::{ArchiveOptions, Store, StoreError, StoreOptions, restore};
use jiesu_testkit::{Kind, TestDb};
use jiff::Timestamp;

use crate::fixture::{BJ, Fixture, done, fixture, new_job};

struct Kept {
    f: Fixture,
    folder: tempfile::TempDir,
}

fn options(folder: &Path, round: u64) -> ArchiveOptions {
    // The tests say when: the archiver's own pulse is too slow to interfere.
    ArchiveOptions { every: Duration::from_secs(3_600), round, ..ArchiveOptions::new(folder) }
}

async fn reopened(f: &Fixture) -> Store {
    let options = StoreOptions { archived: true, ..StoreOptions::with_key(jiesu_testkit::MASTER) };
    Store::open(f.db.location(), options).await.unwrap()
}

async fn kept(round: u64) -> Kept {
    let mut f = fixture(Kind::Sqlite).await;
    f.store.close().await.unwrap();
    f.store = reopened(&f).await;
    let folder = tempfile::tempdir().unwrap();
    f.store.archive(options(folder.path(), round)).await.unwrap();
    Kept { f, folder }
}

impl Kept {
    async fn write(&self, tickets: usize) {
        for _ in 0..tickets {
            self.f.new_ticket(|c| c.body = format!("{{\"n\":\"{}\"}}", "x".repeat(2_000))).await;
        }
    }

    /// Archives, and says when it had.
    async fn mark(&self) -> Timestamp {
        self.f.store.archive_now().await.unwrap();
        let at = Timestamp::now();
        tokio::time::sleep(Duration::from_millis(5)).await;
        at
    }

    /// How many tickets there are in what is restored; its chain is right.
    async fn at(&self, at: Option<Timestamp>) -> i64 {
        let dir = tempfile::tempdir().unwrap();
        restore(self.folder.path(), at, &dir.path().join("jiesu.db")).await.unwrap();
        let store =
            Store::open(dir.path().to_str().unwrap(), StoreOptions::with_key(jiesu_testkit::MASTER)).await.unwrap();
        assert_eq!(store.verify_chain(BJ, |_, _| {}).await.unwrap().fault, None);
        assert_eq!(store.tally_faults(BJ).await.unwrap(), []);
        let tickets = store.count_by_state(BJ, &jiesu_store::ListFilter::default()).await.unwrap();
        // It goes on.
        done(store.append(new_job(BJ, |_| {})).await);
        store.close().await.unwrap();
        tickets.iter().map(|(_, n)| n).sum()
    }

    fn generations(&self) -> Vec<PathBuf> {
        let mut all: Vec<_> = std::fs::read_dir(self.folder.path()).unwrap().map(|f| f.unwrap().path()).collect();
        all.retain(|path| path.is_dir());
        all.sort();
        all
    }
}

#[tokio::test]
async fn each_instant_can_be_restored_over_many_rounds() {
    let k = kept(100_000).await;
    let mut marks = vec![(0, k.mark().await)];
    for n in 1..=12 {
        k.write(10).await;
        marks.push((n * 10, k.mark().await));
    }
    assert_eq!(k.generations().len(), 1);
    let rounds = std::fs::read_dir(&k.generations()[0]).unwrap().count() - 2;
    assert!(rounds > 3, "the log was folded and begun anew: {rounds}");
    for (tickets, at) in &marks {
        assert_eq!(k.at(Some(*at)).await, *tickets);
    }
    assert_eq!(k.at(None).await, 120);
    let before = marks[0].1 - Duration::from_secs(3_600);
    let too_early = restore(k.folder.path(), Some(before), &k.folder.path().join("x.db")).await;
    assert!(matches!(too_early, Err(StoreError::Invalid { .. })), "{too_early:?}");
    let over = restore(k.folder.path(), None, &k.f.db.file()).await;
    assert!(matches!(over, Err(StoreError::Invalid { .. })), "what is there is not written over");
}

/// Somebody reads for long: the log cannot begin anew, and nothing is lost by it.
#[tokio::test]
async fn a_long_reader_does_not_disturb() {
    let k = kept(50_000).await;
    k.write(10).await;
    k.mark().await;
    let reader = k.f.open().await;
    let (go, mut wait) = (std::sync::Arc::new(tokio::sync::Notify::new()), 0_u32);
    let gone = std::sync::Arc::clone(&go);
    let reading = tokio::spawn(async move {
        // The snapshot stands as long as the call runs; its report of progress is slow.
        reader.verify_chain(BJ, |_, _| std::thread::sleep(Duration::from_millis(300))).await.unwrap();
        gone.notify_one();
    });
    while !reading.is_finished() && wait < 20 {
        k.write(5).await;
        k.mark().await;
        wait += 1;
    }
    go.notified().await;
    let written = 10 + 5 * i64::from(wait);
    k.write(5).await;
    k.mark().await;
    assert_eq!(k.at(None).await, written + 5);
    assert_eq!(k.generations().len(), 1);
}

#[tokio::test]
async fn another_program_that_folds_the_log_begins_a_new_base() {
    let k = kept(1 << 30).await;
    k.write(5).await;
    let five = k.mark().await;
    k.f.tamper("PRAGMA wal_checkpoint(TRUNCATE)").await;
    k.write(5).await;
    k.mark().await;
    assert_eq!(k.generations().len(), 2);
    k.write(1).await;
    k.mark().await;
    assert_eq!((k.at(Some(five)).await, k.at(None).await), (5, 11));
}

#[tokio::test]
async fn a_restart_begins_a_generation_and_misses_nothing() {
    let mut k = kept(1 << 30).await;
    k.write(3).await;
    let three = k.mark().await;
    k.write(2).await;
    // The next process is there before the last one ends, and takes over when it has.
    let next = reopened(&k.f).await;
    next.archive(options(k.folder.path(), 1 << 30)).await.unwrap();
    k.f.store.close().await.unwrap();
    k.f.store = next;
    assert_eq!(k.generations().len(), 1);
    k.mark().await;
    k.write(1).await;
    k.mark().await;
    assert_eq!(k.generations().len(), 2);
    assert_eq!((k.at(Some(three)).await, k.at(None).await), (3, 6));
}

/// The machine died while it copied: whole commits are restored, the half one is not.
#[tokio::test]
async fn a_torn_copy_ends_with_a_whole_commit() {
    let k = kept(1 << 30).await;
    k.write(4).await;
    k.mark().await;
    let round = k.generations()[0].join("00000001.wal");
    let whole = std::fs::read(&round).unwrap();
    for cut in [1, 4_000, 4_121, 20_000] {
        std::fs::write(&round, &whole[..whole.len() - cut]).unwrap();
        assert!((1..4).contains(&k.at(None).await), "cut {cut}");
    }
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    std::fs::write(&round, flipped).unwrap();
    assert!((0..4).contains(&k.at(None).await), "what follows a wrong frame is not taken");
}

#[tokio::test]
async fn old_generations_go_and_the_one_before_the_limit_stays() {
    let f = fixture(Kind::Sqlite).await;
    f.store.close().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let keep = Duration::from_millis(400);
    for _ in 0..4 {
        let store = reopened(&f).await;
        store.archive(ArchiveOptions { keep, ..options(folder.path(), 1 << 30) }).await.unwrap();
        store.close().await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert!((2..=4).contains(&left), "{left} with the lock");
}

#[tokio::test]
async fn a_server_is_not_archived_by_us() {
    let db = TestDb::new(Kind::Postgres).await;
    let store = crate::fixture::open(&db).await;
    let refused = store.archive(ArchiveOptions::new(db.dir())).await.unwrap_err();
    assert!(matches!(refused, StoreError::Invalid { .. }));
}
