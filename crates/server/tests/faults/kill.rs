//! Killed at random under load. After each time: nothing that was acknowledged is lost, nothing is doubled, `verify` is clean.

use std::{thread::sleep, time::Duration};

use jiesu_testkit::Kind;

use crate::{
    kit::{Centre, Server},
    load::Crew,
    rng::{Rng, number},
};

const PEOPLE: usize = 6;

/// `KILLS` in all, two fifths of them of a process on SQLite, two fifths of one of two processes on PostgreSQL, one fifth of PostgreSQL.
fn kills(fifths: u64) -> u64 {
    (number("KILLS").unwrap_or(20) * fifths).div_ceil(5)
}

/// A moment of the load.
fn a_moment(rng: &mut Rng) -> Duration {
    Duration::from_millis(30 + rng.below(400))
}

#[test]
fn a_process_on_sqlite() {
    let mut rng = Rng::from_env("kill::a_process_on_sqlite");
    let centre = Centre::new(Kind::Sqlite);
    let crew = Crew::new("sqlite", PEOPLE, &mut rng);
    for n in 1..=kills(2) {
        let mut server = centre.serve();
        let moment = a_moment(&mut rng);
        crew.works(&[&server.address.clone()], || {
            sleep(moment);
            server.kill();
        });
        println!("kill {n} after {moment:?}: {} acknowledged", crew.done());
        crew.check(&centre);
    }
    let server = centre.serve();
    crew.settles(&[&server.address]);
    crew.check(&centre);
    assert!(crew.done() > 20, "there was no load: {}", crew.done());
}

#[test]
fn one_of_two_processes_on_postgres() {
    let mut rng = Rng::from_env("kill::one_of_two_processes_on_postgres");
    let centre = Centre::new(Kind::Postgres);
    let crew = Crew::new("two-of-us", PEOPLE, &mut rng);
    let mut servers = [centre.serve(), centre.serve()];
    for n in 1..=kills(2) {
        let addresses = servers.each_ref().map(|s| s.address.clone());
        let victim = rng.below(2) as usize;
        crew.works(&addresses.each_ref().map(String::as_str), || {
            sleep(a_moment(&mut rng));
            servers[victim].kill();
            // The other one goes on, and hears what the dead one left open.
            sleep(a_moment(&mut rng));
        });
        println!("kill {n} of process {victim}: {} acknowledged", crew.done());
        crew.check(&centre);
        servers[victim] = centre.serve();
    }
    crew.settles(&[&servers[0].address]);
    crew.check(&centre);
    assert!(crew.done() > 20, "there was no load: {}", crew.done());
}

/// The server processes live on, and need nobody's help when the database is back.
#[test]
fn postgres_itself() {
    let mut rng = Rng::from_env("kill::postgres_itself");
    let centre = Centre::of_its_own();
    let crew = Crew::new("postgres", PEOPLE, &mut rng);
    let servers: [Server; 2] = [centre.serve(), centre.serve()];
    let addresses = servers.each_ref().map(|s| s.address.as_str());
    for n in 1..=kills(1) {
        crew.works(&addresses, || {
            sleep(a_moment(&mut rng));
            centre.cluster().crash();
            centre.cluster().up();
            sleep(a_moment(&mut rng));
        });
        println!("kill {n} of PostgreSQL: {} acknowledged, {:?}", crew.done(), crew.refusals.lock().unwrap());
        crew.check(&centre);
    }
    crew.settles(&addresses);
    crew.check(&centre);
    assert!(crew.done() > 20, "there was no load: {}", crew.done());
}
