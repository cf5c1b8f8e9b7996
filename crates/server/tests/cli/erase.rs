//! `jiesu erase`: on the word of two people, what is due and nothing else.

use jiesu_server::login::hash_password;
use jiesu_store::{Account, Store, StoreOptions};

use crate::run::{jiesu, told};

const PLACE: &str = "shangrao";

struct Centre(tempfile::TempDir);

impl Centre {
    /// Simulated lives of some months, and three people who may have to do with erasing.
    fn new() -> Centre {
        let centre = Centre(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
        let (code, said) = centre.on("2026-11-20T15:30:00+08:00", &["demo", "--tickets", "60"], "");
        assert_eq!(code, 0, "{said}");
        for (login, role) in [("zhuren", "centre-manager"), ("lingdao", "leader"), ("paidan", "dispatcher")] {
            let account = Account {
                account: login.into(),
                login: login.into(),
                name: login.into(),
                role: role.into(),
                unit: None,
                active: true,
            };
            let hash = hash_password(&format!("{login}-2026"));
            centre.store(async |store| {
                store.account_put(PLACE, &account).await.unwrap();
                store.password_put(PLACE, login, &hash, jiff::Timestamp::UNIX_EPOCH, false, 0).await.unwrap();
            });
        }
        centre
    }

    fn store<T>(&self, look: impl AsyncFnOnce(&Store) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let options = StoreOptions::with_key(jiesu_testkit::MASTER);
            let store = Store::open(self.0.path().to_str().unwrap(), options).await.unwrap();
            let seen = look(&store).await;
            store.close().await.unwrap();
            seen
        })
    }

    fn on(&self, clock: &str, args: &[&str], input: &str) -> (i32, String) {
        let mut command = jiesu(args);
        command.env("JIESU_DATA", self.0.path()).env("JIESU_CLOCK", clock).env("JIESU_PLACE", PLACE);
        let ran = told(&mut command, input.as_bytes());
        (ran.code, ran.said())
    }

    fn erase(&self, proposer: &str, approver: &str, input: &str) -> (i32, String) {
        let people = ["--proposer", proposer, "--approver", approver, "--reason", "保存期满，按规定销毁"];
        self.on(LATER, &[&["erase", "run"][..], &people].concat(), input)
    }
}

/// Every archived ticket has been kept for three years.
const LATER: &str = "2029-11-25T09:00:00+08:00";

#[test]
fn an_appellant_is_erased_and_the_ticket_stays() {
    let centre = Centre::new();
    let ticket = centre.store(async |store| store.tickets_stream(PLACE, None, 1).await.unwrap().remove(0));
    let number = ticket.head.ticket.clone();
    let args = ["erase", "person", "--ticket", &number, "--by", "zhuren", "--reason", "本人要求删除"];
    let (code, said) = centre.on(LATER, &args, "wrong\n");
    assert!(code == 2 && said.contains("密码不对"), "{said}");
    let (code, said) = centre.on(LATER, &args, "zhuren-2026\n");
    assert!(code == 0 && said.contains("工单保留"), "{said}");
    let (code, said) = centre.on(LATER, &[&args[..], &["--appeal", "99"]].concat(), "zhuren-2026\n");
    assert!(code == 1 && said.contains("没有第99位诉求人") && said.contains("已删除0位，没有删除1位"), "{said}");
    centre.store(async |store| {
        let appeal = store.appeals(PLACE, &number).await.unwrap().remove(0);
        let person = store.person(PLACE, &appeal.person).await.unwrap().unwrap();
        assert_eq!(person, jiesu_store::PersonRow { person: appeal.person, ..Default::default() });
        assert_eq!(store.ticket(PLACE, &number).await.unwrap().unwrap().body, ticket.body);
    });
    let (code, said) = centre.on(LATER, &["verify"], "");
    assert_eq!(code, 0, "{said}");
}

/// A list of them: each for itself, whatever becomes of the others, and each with its entry or with none.
#[test]
fn a_list_of_appellants_is_erased_one_by_one() {
    let centre = Centre::new();
    let tickets = centre.store(async |store| store.tickets_stream(PLACE, None, 4).await.unwrap());
    let [a, b, c, d] = [0, 1, 2, 3].map(|n| tickets[n].head.ticket.clone());
    let list = centre.0.path().join("名单.csv");
    let erase = |lines: String, more: &[&str]| {
        std::fs::write(&list, lines).unwrap();
        let by = ["erase", "person", "--by", "zhuren", "--reason", "本人要求删除", "--list", list.to_str().unwrap()];
        centre.on(LATER, &[&by[..], more].concat(), "zhuren-2026\n")
    };
    let erased = || [&a, &b, &c, &d].map(|number| blank(&centre, number));
    let (code, said) = erase(format!("{a}\n{b},x\n\n{c},0\n"), &[]);
    assert!(code == 2 && said.contains("第2行、第4行") && said.contains("什么也没有删除"), "{said}");
    assert_eq!(erased(), [false; 4]);
    // The same ticket twice is one; one that is not there stops nobody.
    let lines = format!("# 本月\n{a}\n{a}\nNO-SUCH-TICKET\n{b},99\n{c}，1\n");
    let (code, said) = erase(lines, &["--ticket", &d]);
    assert_eq!(code, 1, "{said}");
    for words in [
        format!("✓ {a}："),
        "✗ NO-SUCH-TICKET：没有这张工单".into(),
        format!("✗ {b}：没有这张工单，或工单没有第99位诉求人"),
        format!("✓ {c}："),
        format!("✓ {d}："),
        "已删除3位，没有删除2位".into(),
    ] {
        assert!(said.contains(&words), "{words}: {said}");
    }
    assert_eq!(erased(), [true, false, true, true]);
    let told = centre.store(async |store| {
        let all = store.audit_after(PLACE, 0, 1_000).await.unwrap();
        all.into_iter().filter(|e| e.entry.kind == "erased").map(|e| e.entry.subject).collect::<Vec<_>>()
    });
    assert_eq!(told, [d, a, c], "those and no others, in their order");
}

/// Whether nothing is known any more of a ticket's first appellant.
fn blank(centre: &Centre, number: &str) -> bool {
    centre.store(async |store| {
        let appeal = store.appeals(PLACE, number).await.unwrap().remove(0);
        let person = store.person(PLACE, &appeal.person).await.unwrap().unwrap();
        person == jiesu_store::PersonRow { person: appeal.person, ..Default::default() }
    })
}

#[test]
fn two_people_erase_what_is_due() {
    let centre = Centre::new();
    let (code, said) = centre.on("2026-11-20T15:30:00+08:00", &["erase", "due"], "");
    assert!(code == 0 && said.contains("到期可以销毁的工单0件"), "{said}");
    let both = "zhuren-2026\nlingdao-2026\n";
    for (proposer, approver, input, words) in [
        ("zhuren", "zhuren", "zhuren-2026\nzhuren-2026\n", "不能自己批准"),
        ("paidan", "lingdao", "paidan-2026\nlingdao-2026\n", "不能提出"),
        ("zhuren", "paidan", "zhuren-2026\npaidan-2026\n", "不能批准"),
        ("zhuren", "lingdao", "zhuren-2026\nwrong\n", "密码不对"),
        ("zhuren", "nobody", "zhuren-2026\nx\n", "密码不对"),
    ] {
        let (code, said) = centre.erase(proposer, approver, input);
        assert!(code == 2 && said.contains(words), "{proposer} {approver}: {said}");
    }
    let archived = centre.store(async |store| {
        let states = store.count_by_state(PLACE, &Default::default()).await.unwrap();
        states.into_iter().find(|(state, _)| state == "archived").map_or(0, |(_, n)| n)
    });
    assert!(archived > 10, "{archived}");
    let (code, said) = centre.erase("zhuren", "lingdao", both);
    assert!(code == 0 && said.contains("销毁清单第1号"), "{said}");
    assert!(!said.contains("zhuren-2026"), "{said}");
    let erased = centre.store(async |store| {
        let mut erased = 0;
        for ticket in store.tickets_stream(PLACE, None, 1_000).await.unwrap() {
            let journal = store.journal(PLACE, &ticket.head.ticket).await.unwrap();
            if journal.last().unwrap().kind != "erased" {
                assert!(journal.iter().all(|e| e.payload.is_some()), "nothing else is touched");
                continue;
            }
            erased += 1;
            let (last, before) = journal.split_last().unwrap();
            assert!(before.iter().all(|e| e.payload.is_none()));
            let said = last.payload.as_ref().unwrap();
            assert!(said.contains("zhuren") && said.contains("lingdao") && said.contains("第十三条（九）"), "{said}");
            for appeal in store.appeals(PLACE, &ticket.head.ticket).await.unwrap() {
                let person = store.person(PLACE, &appeal.person).await.unwrap().unwrap();
                assert_eq!((person.name, person.phone, person.address), (None, None, None));
            }
        }
        erased
    });
    assert!(erased >= archived, "{erased} of {archived}; the worker may have archived more by then");
    let (code, said) = centre.on(LATER, &["verify"], "");
    assert_eq!(code, 0, "the chain is whole, what is left is what the last entry leaves: {said}");
    let (code, said) = centre.erase("zhuren", "lingdao", both);
    assert!(code == 0 && said.contains("没有到期"), "{said}");
}
