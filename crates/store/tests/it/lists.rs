//! Lists: each row once whatever the page size, filters that hold, scopes that never leak, search.

use jiesu_store::{Commit, ListFilter, Sort, StoreError, standing_word, title_word};
use jiesu_testkit::{Kind, TestDb, on_both};

use crate::fixture::{BJ, Fixture, at, commit, done, fixture, new_job, number, open, row};

async fn walk(f: &Fixture, filter: &ListFilter, sort: Sort, limit: u32) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = f.store.tickets(BJ, filter, sort, cursor.as_deref(), limit).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        found.extend(page.items.into_iter().map(|t| t.ticket));
        cursor = page.next;
        if cursor.is_none() {
            return found;
        }
    }
}

/// By number.
async fn find(f: &Fixture, filter: ListFilter) -> Vec<String> {
    let mut found = walk(f, &filter, Sort::MostUrgent, 100).await;
    found.sort_unstable();
    found
}

fn named(name: &'static str, change: impl FnOnce(&mut Commit) + Send + 'static) -> impl FnOnce(&mut Commit) + Send {
    move |c| {
        c.ticket = name.into();
        change(c);
    }
}

async fn every_page_size_shows_each_ticket_once_in_order(kind: Kind) {
    let f = fixture(kind).await;
    // Many equal due times, many without one, equal registration times.
    let mut expected: Vec<(Option<i64>, i64, String)> = Vec::new();
    for n in 0..57_i64 {
        let due = if n % 3 == 0 { None } else { Some(5_000 + n % 4) };
        let registered = 1_000 + n / 5;
        let ticket = f.new_ticket(move |c| c.row = row(registered, due)).await;
        expected.push((due, registered, ticket));
    }
    done(f.store.append(new_job("sh", |_| {})).await);
    let mut newest = expected;
    newest.sort_by_key(|(_, registered, ticket)| std::cmp::Reverse((*registered, ticket.clone())));
    let mut urgent = newest.clone();
    urgent.sort_by_key(|(due, _, ticket)| (due.is_none(), due.map(|due| (due, ticket.clone()))));
    let tickets = |list: &[(Option<i64>, i64, String)]| list.iter().map(|t| t.2.clone()).collect::<Vec<_>>();
    for limit in [1, 2, 7, 19, 56, 57, 58, 100] {
        let all = ListFilter::default();
        assert_eq!(walk(&f, &all, Sort::MostUrgent, limit).await, tickets(&urgent), "limit {limit}");
        assert_eq!(walk(&f, &all, Sort::Newest, limit).await, tickets(&newest), "limit {limit}");
    }
}

async fn limits_are_held_and_foreign_cursors_refused(kind: Kind) {
    let f = fixture(kind).await;
    for _ in 0..3 {
        f.new_ticket(|_| {}).await;
    }
    let all = ListFilter::default();
    let page = f.store.tickets(BJ, &all, Sort::Newest, None, 0).await.unwrap();
    assert_eq!(page.items.len(), 1);
    for cursor in ["", "00", "zz", "nonsense"] {
        let refused = f.store.tickets(BJ, &all, Sort::Newest, Some(cursor), 10).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{cursor}");
    }
    let other = f.store.tickets(BJ, &all, Sort::MostUrgent, page.next.as_deref(), 10).await;
    assert!(matches!(other, Err(StoreError::Invalid { .. })), "a cursor of the other sort");
}

async fn each_filter_holds(kind: Kind) {
    let f = fixture(kind).await;
    f.new_ticket(named("a", |c| {
        c.row.state = "closed".into();
        c.row.lead = Some("water".into());
        c.units = vec![("water".into(), "lead".into())];
        c.row.urgent = true;
        c.row.registered_at = at(2_000);
    }))
    .await;
    f.new_ticket(named("b", |c| {
        c.row.kind = "report".into();
        c.row.overdue = true;
        c.row.channel = "web".into();
        c.row.registered_at = at(3_000);
    }))
    .await;
    f.new_ticket(named("c", |c| {
        c.row.state = "waiting".into();
        c.row.supervised = true;
        c.row.confidential = true;
        c.row.registered_at = at(4_000);
    }))
    .await;
    let s = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let all = ListFilter::default;
    for (filter, expected) in [
        (ListFilter { states: s(&["closed"]), ..all() }, vec!["a"]),
        (ListFilter { states: s(&["closed", "waiting"]), ..all() }, vec!["a", "c"]),
        (ListFilter { kinds: s(&["report"]), ..all() }, vec!["b"]),
        (ListFilter { kinds: s(&["report", "complaint"]), ..all() }, vec!["a", "b", "c"]),
        (ListFilter { lead: Some("water".into()), ..all() }, vec!["a"]),
        (ListFilter { urgent: Some(true), ..all() }, vec!["a"]),
        (ListFilter { urgent: Some(false), ..all() }, vec!["b", "c"]),
        (ListFilter { overdue: Some(true), ..all() }, vec!["b"]),
        (ListFilter { supervised: Some(true), ..all() }, vec!["c"]),
        (ListFilter { confidential: Some(false), ..all() }, vec!["a", "b"]),
        (ListFilter { channel: Some("web".into()), ..all() }, vec!["b"]),
        (ListFilter { registered_from: Some(at(3_000)), ..all() }, vec!["b", "c"]),
        (ListFilter { registered_to: Some(at(3_000)), ..all() }, vec!["a"]),
        (ListFilter { states: s(&["closed"]), urgent: Some(false), ..all() }, vec![]),
        (ListFilter { states: s(&["' OR 1=1 --"]), ..all() }, vec![]),
    ] {
        assert_eq!(find(&f, filter.clone()).await, expected, "{filter:?}");
    }
    let tabs = f.store.count_by_state(BJ, &ListFilter { states: s(&["closed"]), ..all() }).await.unwrap();
    assert_eq!(tabs, [("closed".into(), 1), ("in_hand".into(), 1), ("waiting".into(), 1)], "tabs ignore the states");
    let tabs = f.store.count_by_state(BJ, &ListFilter { urgent: Some(true), ..all() }).await.unwrap();
    assert_eq!(tabs, [("closed".into(), 1)]);
}

async fn a_units_scope_never_leaks(kind: Kind) {
    let f = fixture(kind).await;
    let unit = |unit: &str, part: &str| (unit.to_owned(), part.to_owned());
    let (lead, assist, copy) = (unit("water", "lead"), unit("water", "assist"), unit("water", "copy"));
    let (power, both) = (unit("power", "lead"), unit("water", "copy"));
    f.new_ticket(named("a", |c| c.units = vec![lead])).await;
    f.new_ticket(named("b", |c| c.units = vec![power, assist])).await;
    f.new_ticket(named("c", |c| {
        c.units = vec![("heat".into(), "lead".into()), copy, both].into_iter().take(2).collect()
    }))
    .await;
    f.new_ticket(named("d", |c| c.units = vec![("heat".into(), "lead".into())])).await;
    f.new_ticket(named("e", |_| {})).await;
    let mut other = new_job("sh", |c| c.units = vec![("water".into(), "lead".into())]);
    other.jurisdiction = "sh".into();
    done(f.store.append(other).await);
    let scope = |units: &[&str]| ListFilter {
        units: Some(units.iter().map(|u| (*u).to_owned()).collect()),
        ..ListFilter::default()
    };
    for (units, expected) in [
        (&["water"][..], vec!["a", "b", "c"]),
        (&["power"], vec!["b"]),
        (&["water", "heat"], vec!["a", "b", "c", "d"]),
        (&["nobody"], vec![]),
        (&[""], vec![]),
        (&[], vec![]),
    ] {
        assert_eq!(find(&f, scope(units)).await, expected, "{units:?}");
        let counted: i64 = f.store.count_by_state(BJ, &scope(units)).await.unwrap().iter().map(|(_, n)| n).sum();
        assert_eq!(counted as usize, expected.len());
    }
    f.next("a", 1, |c| c.units = vec![("heat".into(), "lead".into())]).await;
    assert_eq!(find(&f, scope(&["water"])).await, ["b", "c"], "a unit that is out sees the ticket no more");
}

async fn terms_are_found_and_replaced(kind: Kind) {
    let f = fixture(kind).await;
    f.new_ticket(named("a", |c| c.terms = Some("小区 区停 停水 三天".into()))).await;
    f.new_ticket(named("b", |c| c.terms = Some("小区 暖气 气不 不热".into()))).await;
    done(f.store.append(new_job("sh", |c| c.terms = Some("停水".into()))).await);
    let words =
        |terms: &[&str]| ListFilter { terms: terms.iter().map(|t| (*t).to_owned()).collect(), ..ListFilter::default() };
    assert_eq!(find(&f, words(&["停水"])).await, ["a"]);
    assert_eq!(find(&f, words(&["小区"])).await, ["a", "b"]);
    assert_eq!(find(&f, words(&["小区", "不热"])).await, ["b"], "all of them");
    assert!(find(&f, words(&["停水", "不热"])).await.is_empty());
    assert!(find(&f, words(&["停"])).await.is_empty(), "a token is whole");
    for odd in ["\"", "停水 OR 不热", "terms:停水", "*", "NEAR(", "a\"b", "-停水", "^", "\0", "AND", ""] {
        let _ = find(&f, words(&[odd])).await; // never an error
        let best = f.store.tickets(BJ, &words(&[odd]), Sort::Best, None, 10).await;
        assert!(best.is_ok(), "{odd}: {best:?}");
    }
    f.next("a", 1, |c| c.terms = Some("路灯 不亮".into())).await;
    assert!(find(&f, words(&["停水"])).await.is_empty(), "the old terms are gone");
    assert_eq!(find(&f, words(&["路灯"])).await, ["a"]);
    f.next("a", 2, |c| c.terms = None).await;
    assert_eq!(find(&f, words(&["路灯"])).await, ["a"], "None leaves them");
    let scoped = ListFilter { units: Some(vec!["x".into()]), ..words(&["路灯"]) };
    assert!(find(&f, scoped).await.is_empty(), "a search stays in the scope");
}

async fn words_are_cut_anew(kind: Kind) {
    let f = fixture(kind).await;
    for n in 0..450_i64 {
        f.new_ticket(move |c| {
            c.row = row(n * 86_400, None);
            c.body = format!("{{\"n\":{}}}", n % 2);
            c.units = vec![(format!("u{}", n % 3), "lead".into())];
            c.terms = Some("old".into());
        })
        .await;
    }
    let cut = |body: &str| Some(if body.contains('1') { "fresh odd".into() } else { "fresh".to_owned() });
    let mut told = Vec::new();
    assert_eq!(f.store.reindex(BJ, &cut, |done| told.push(done)).await.unwrap(), 450);
    assert_eq!(told, [200, 400, 450]);
    let words = |word: &str| ListFilter { terms: vec![word.into()], ..ListFilter::default() };
    assert!(find(&f, words("old")).await.is_empty());
    let odd = walk(&f, &words("odd"), Sort::Newest, 100).await;
    assert_eq!(odd.len(), 225);
    assert!(odd.is_sorted_by(|a, b| a > b), "numbers were given in the order of time");
    let of_unit = ListFilter { units: Some(vec!["u1".into()]), ..words("odd") };
    assert_eq!(walk(&f, &of_unit, Sort::Newest, 100).await.len(), 75);

    // Beside another jurisdiction, whose words stay as they are.
    let job = new_job("sh", |c| {
        c.row = row(1_000, None);
        c.terms = Some("fresh".into());
    });
    done(f.store.append(job).await);
    assert_eq!(f.store.reindex(BJ, &|_| Some("again".into()), |_| {}).await.unwrap(), 450);
    assert_eq!(walk(&f, &words("again"), Sort::Newest, 100).await.len(), 450);
    assert!(find(&f, words("fresh")).await.is_empty());
    let there = f.store.tickets("sh", &words("fresh"), Sort::Newest, None, 10).await.unwrap();
    assert_eq!(there.items.len(), 1);
}

/// A word that very many have: it pages as any list, in each order; and so does what few of them have besides.
async fn a_common_term_pages_like_a_rare_one(kind: Kind) {
    let f = fixture(kind).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..2_100_i64 {
        let (store, few) = (f.store.clone(), standing_word("few"));
        tasks.spawn(async move {
            let job = new_job(BJ, move |c| {
                c.row = row(1_000 + n / 7 * 600, (n % 2 == 0).then_some(5_000 + n % 50));
                let marks = [(true, "common"), (n % 75 == 0, "rare"), (n % 9 == 3, &few)];
                let marks = marks.into_iter().filter_map(|(has, mark)| has.then_some(mark));
                c.terms = Some(marks.collect::<Vec<_>>().join(" "));
            });
            done(store.append(job).await)
        });
    }
    tasks.join_all().await;
    let words = |word: &str| ListFilter { terms: vec![word.into()], ..ListFilter::default() };
    let having = |code: &str| ListFilter { terms: vec!["common".into(), standing_word(code)], ..ListFilter::default() };
    for sort in [Sort::Newest, Sort::MostUrgent] {
        let all = walk(&f, &ListFilter::default(), sort, 100).await;
        assert_eq!(walk(&f, &words("common"), sort, 100).await, all, "{sort:?}");
        let rare = walk(&f, &words("rare"), sort, 5).await;
        assert_eq!(rare.len(), 28);
        assert!(rare.is_sorted_by_key(|t| all.iter().position(|c| c == t)), "{sort:?}");
        let few = walk(&f, &having("few"), sort, 100).await;
        assert_eq!(few.len(), 233);
        assert!(few.is_sorted_by_key(|t| all.iter().position(|c| c == t)), "{sort:?}");
        let standing = vec![vec!["few".to_owned()]];
        let at_once = ListFilter { standing, few: true, ..words("common") };
        assert_eq!(walk(&f, &at_once, sort, 7).await, few, "{sort:?}");
    }
    assert_eq!(f.store.count_by_state(BJ, &words("rare")).await.unwrap(), [("in_hand".into(), 28)]);
}

/// The index gives more than has the words: pages go on where they stopped looking, nothing is shown twice or left out.
async fn what_was_looked_at_in_vain_is_not_looked_at_again(kind: Kind) {
    let f = fixture(kind).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..500 {
        let store = f.store.clone();
        tasks.spawn(async move {
            let job = new_job(BJ, move |c| {
                c.row = row(1_000 + n * 60, Some(5_000 + n % 50));
                c.body = n.to_string();
                c.terms = Some(if n % 3 == 0 { format!("word {}", title_word("word")) } else { "word".into() });
                if n % 25 == 0 {
                    c.terms.as_mut().unwrap().push_str(" seldom");
                }
            });
            done(store.append(job).await)
        });
    }
    tasks.join_all().await;
    let filter = ListFilter { terms: vec!["word".into()], ..ListFilter::default() };
    for sort in [Sort::Newest, Sort::Best, Sort::MostUrgent] {
        let all = walk(&f, &filter, sort, 100).await;
        // In hardly any something is seen, so that a page ends as it looked at many; in every other, so that it ends among those it has.
        for (every, there, least) in [(42, 12, 500 / 32), (2, 250, 250 / 5)] {
            let (mut cursor, mut found, mut pages) = (None, Vec::new(), 0);
            loop {
                let look = |ticket: &jiesu_store::TicketWithBody| {
                    (ticket.body.parse::<u32>().unwrap() % every == every / 8).then_some(())
                };
                let page = f.store.search(BJ, &filter, sort, cursor.as_deref(), 5, look).await.unwrap();
                found.extend(page.items.into_iter().map(|(ticket, ())| ticket.ticket));
                (cursor, pages) = (page.next, pages + 1);
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(found.len(), there, "{sort:?}");
            assert!(found.is_sorted_by_key(|t| all.iter().position(|c| c == t)), "{sort:?}");
            assert!(pages >= least, "{sort:?}: no page looks at many, {pages} pages");
        }

        let seldom = ListFilter { terms: vec!["seldom".into()], ..ListFilter::default() };
        let page = f.store.search(BJ, &seldom, sort, None, 5, |_| None::<()>).await.unwrap();
        let one_part = sort != Sort::MostUrgent;
        assert_eq!(
            page.next.is_none(),
            one_part,
            "{sort:?}: all twenty were looked at, and nothing is left but the other part"
        );
    }
}

/// PostgreSQL knows nothing of tickets that came after it looked at the table. However few it takes them for, words are looked for once a
/// step, and not once for each ticket of these hours; nor when the statement has come so often that it is planned without its values.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_are_looked_for_before_the_tickets_of_their_hours() {
    const WALKS: i64 = 40;
    let f = fixture(Kind::Postgres).await;
    for n in 0..600_i64 {
        let job = new_job(BJ, move |c| {
            c.row = row(1_000 + n * 60, None);
            c.terms = Some(if n % 100 == 0 { "common odd".into() } else { "common".into() });
        });
        done(f.store.append(job).await);
        if n == 300 {
            f.db.run("ANALYZE").await.unwrap();
        }
    }
    f.store.close().await.unwrap();
    let before = looked(&f.db).await;
    let f = Fixture { store: open(&f.db).await, db: f.db };
    let odd = ListFilter { terms: vec!["odd".into()], ..ListFilter::default() };
    for _ in 0..WALKS {
        assert_eq!(walk(&f, &odd, Sort::Newest, 100).await.len(), 6);
    }
    f.store.close().await.unwrap();
    let mut times = 0;
    for _ in 0..100 {
        times = looked(&f.db).await - before;
        if times >= WALKS {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!((WALKS..=20 * WALKS).contains(&times), "{times} times");
}

/// How often the index of words was read, one way or the other. A connection's counts are there when it has ended.
async fn looked(db: &TestDb) -> i64 {
    let sql = "SELECT seq_scan + idx_scan FROM pg_stat_user_tables WHERE relname = 'ticket_terms' AND schemaname = current_schema()";
    db.rows(sql).await[0].parse().unwrap()
}

fn has(c: &Commit, term: &str) -> bool {
    c.terms.iter().flat_map(|terms| terms.split(' ')).any(|have| have == term)
}

/// What a list must show, told from the commits alone.
fn expected(commits: &[Commit], filter: &ListFilter, sort: Sort) -> Vec<String> {
    let any = |list: &[String], word: &String| list.is_empty() || list.contains(word);
    let flag = |asked: Option<bool>, is: bool| asked.is_none_or(|asked| asked == is);
    let shown = |c: &&Commit| {
        let row = &c.row;
        let of_units = filter
            .units
            .as_ref()
            .is_none_or(|units| c.units.iter().any(|(unit, part)| units.contains(unit) && any(&filter.parts, part)));
        of_units
            && any(&filter.states, &row.state)
            && any(&filter.kinds, &row.kind)
            && (filter.lead.is_none() || filter.lead == row.lead)
            && flag(filter.overdue, row.overdue)
            && flag(filter.urgent, row.urgent)
            && filter.registered_from.is_none_or(|from| row.registered_at >= from)
            && filter.registered_to.is_none_or(|to| row.registered_at < to)
            && filter.terms.iter().all(|term| has(c, term))
    };
    let mut shown: Vec<&Commit> = commits.iter().filter(shown).collect();
    match sort {
        Sort::MostUrgent => {
            shown.sort_by_key(|c| std::cmp::Reverse((c.row.registered_at, &c.ticket)));
            shown.sort_by_key(|c| c.row.next_due.map_or((true, None), |due| (false, Some((due, &c.ticket)))));
        }
        Sort::Newest => shown.sort_by_key(|c| std::cmp::Reverse((c.row.registered_at, &c.ticket))),
        Sort::Best => shown.sort_by_key(|c| {
            let in_title = filter.terms.iter().all(|term| has(c, &title_word(term)));
            std::cmp::Reverse((in_title, c.row.registered_at, &c.ticket))
        }),
    }
    shown.into_iter().map(|c| c.ticket.clone()).collect()
}

/// Seconds that lie from a moment to two years apart.
fn spread(n: i64) -> i64 {
    1_000 + n * n * 40_000
}

/// Lists of few units are merged, of many units walked, of what is rare sorted, words looked for day by day: all show the same, page by
/// page.
async fn whatever_way_a_list_is_found_it_is_the_same(kind: Kind) {
    let f = fixture(kind).await;
    let unit = |n: usize| format!("u{n}");
    let mut commits = Vec::new();
    for n in 0..120_usize {
        let mut c = commit(&number(n as u32 + 1));
        c.row = row(spread((n * 7 % 40) as i64), (n % 3 > 0).then_some((n * 11 % 30) as i64));
        let text = ["不亮", "停水", "不亮 停水"][n * 2 % 3];
        let title =
            [title_word("路灯"), title_word("停水"), title_word("路灯") + " " + &title_word("停水")][n % 3].clone();
        c.terms = Some(format!("路灯 {text} {title}") + if n > 100 { " 少见" } else { "" });
        c.row.state = ["new", "in-hand", "closed"][n * 5 % 3].into();
        c.row.kind = ["report", "help"][n / 7 % 2].into();
        (c.row.overdue, c.row.urgent) = (n % 9 == 0, n % 4 == 0);
        c.row.lead = Some(unit(n % 12));
        c.units =
            vec![(unit(n % 12), "lead".into()), (unit(n * 3 % 12), "assist".into()), (unit(n % 5), "copy".into())];
        c.units.dedup();
        let row = jiesu_store::TicketRow { registered_at: c.row.registered_at, ..row(5, Some(5)) };
        let first = Commit { units: vec![(unit(3), "copy".into())], row, ..c.clone() };
        // Each as it comes in, and most of them changed afterwards.
        let ticket = f.new_ticket({
            let c = if n % 4 == 1 { c.clone() } else { first };
            move |new| *new = c
        });
        let ticket = ticket.await;
        if n % 4 != 1 {
            let c = c.clone();
            f.next(&ticket, 1, move |new| *new = c).await;
        }
        commits.push(c);
    }
    let all = ListFilter::default;
    // Days of China, for which there are sums.
    let day = |n: i64| at(n * 86_400 - 8 * 3_600);
    let word = |word: &str| vec!["路灯".to_owned(), word.to_owned()];
    let units = |n: usize| Some((0..n).map(unit).collect::<Vec<_>>());
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    for scope in [None, units(1), units(3), units(8), units(9), units(12)] {
        for parts in [vec![], words(&["lead", "assist"]), words(&["copy"])] {
            let of = ListFilter { units: scope.clone(), parts, ..all() };
            for filter in [
                of.clone(),
                ListFilter { states: words(&["new", "closed"]), ..of.clone() },
                ListFilter { lead: Some(unit(2)), ..of.clone() },
                ListFilter { kinds: words(&["help"]), states: words(&["in-hand"]), ..of.clone() },
                ListFilter { overdue: Some(true), ..of.clone() },
                ListFilter { urgent: Some(false), registered_from: Some(at(spread(10))), ..of.clone() },
                ListFilter { kinds: words(&["report"]), registered_from: Some(day(3)), ..of.clone() },
                ListFilter { registered_from: Some(day(40)), registered_to: Some(day(400)), ..of.clone() },
                ListFilter { lead: Some(unit(2)), registered_to: Some(day(400)), ..of.clone() },
                ListFilter { terms: word("停水"), ..of.clone() },
                ListFilter { terms: word("停水"), states: words(&["closed"]), lead: Some(unit(2)), ..of.clone() },
                ListFilter { terms: word("少见"), kinds: words(&["help"]), ..of.clone() },
                ListFilter { terms: vec!["停水".into()], registered_to: Some(at(spread(25))), ..of.clone() },
            ] {
                for sort in [Sort::MostUrgent, Sort::Newest, Sort::Best] {
                    let expected = expected(&commits, &filter, sort);
                    assert_eq!(walk(&f, &filter, sort, 13).await, expected, "{filter:?} {sort:?}");
                }
                let counted = f.store.count_by_state(BJ, &filter).await.unwrap();
                let without = ListFilter { states: vec![], ..filter.clone() };
                let mut by_state = std::collections::BTreeMap::new();
                for ticket in self::expected(&commits, &without, Sort::Newest) {
                    let state = &commits.iter().find(|c| c.ticket == ticket).unwrap().row.state;
                    *by_state.entry(state.clone()).or_insert(0) += 1;
                }
                assert_eq!(counted, Vec::from_iter(by_state.clone()), "{filter:?}");
                if !filter.terms.is_empty() {
                    let searched = f.store.count_search(BJ, &filter, 100_000).await.unwrap();
                    assert_eq!((&searched.by_state, searched.more), (&by_state, false), "{filter:?}");
                    let told = |flag: fn(&Commit) -> bool| {
                        let numbers = self::expected(&commits, &without, Sort::Newest);
                        let of = |number: &&String| commits.iter().any(|c| c.ticket == **number && flag(c));
                        numbers.iter().filter(of).count() as i64
                    };
                    assert_eq!(searched.overdue, told(|c| c.row.overdue), "{filter:?}");
                    assert_eq!(searched.supervised, told(|c| c.row.supervised), "{filter:?}");
                    let few = f.store.count_search(BJ, &filter, 1).await.unwrap();
                    assert!(few.total() >= searched.total().min(1) && (few.more || few == searched), "{filter:?}");
                }
            }
        }
    }
}

on_both! {
    whatever_way_a_list_is_found_it_is_the_same,
    every_page_size_shows_each_ticket_once_in_order,
    limits_are_held_and_foreign_cursors_refused,
    each_filter_holds,
    a_units_scope_never_leaks,
    terms_are_found_and_replaced,
    words_are_cut_anew,
    a_common_term_pages_like_a_rare_one,
    what_was_looked_at_in_vain_is_not_looked_at_again,
}
