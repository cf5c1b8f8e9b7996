//! The connection to PostgreSQL is cut in the middle of a transaction, COMMIT included. What was acknowledged is there; what was not, and
//! is asked again with the same key, is there once.

use std::{thread::sleep, time::Duration};

use crate::{
    client::Client,
    kit::{Centre, until},
    load::Crew,
    proxy::Proxy,
    rng::{Rng, number},
};

/// A centre whose processes reach PostgreSQL through a proxy.
fn behind_a_proxy(rng: &mut Rng) -> (Centre, Proxy) {
    let mut centre = Centre::of_its_own();
    let proxy = Proxy::to(&centre.cluster().socket(), rng);
    centre.through = Some(proxy.url());
    (centre, proxy)
}

#[test]
fn at_any_byte() {
    let mut rng = Rng::from_env("cut::at_any_byte");
    let (centre, proxy) = behind_a_proxy(&mut rng);
    let server = centre.serve();
    let crew = Crew::new("cut", 6, &mut rng);
    crew.works(&[&server.address], || {
        proxy.cut(true);
        sleep(Duration::from_secs(number("CUT_SECONDS").unwrap_or(6)));
        proxy.cut(false);
        let done = crew.done();
        until("work goes on", || crew.done() > done + 10);
    });
    let (cuts, commits) = proxy.cuts();
    println!(
        "{cuts} cuts, {commits} around a COMMIT: {} acknowledged, {:?}",
        crew.done(),
        crew.refusals.lock().unwrap()
    );
    crew.settles(&[&server.address]);
    crew.check(&centre);
    assert!(cuts > 10 && commits > 3, "{cuts} cuts, {commits} around a COMMIT");
}

/// A network that swallows everything is not waited for until the kernel gives up, a quarter of an hour later.
#[test]
fn a_silent_network() {
    let mut rng = Rng::from_env("cut::a_silent_network");
    let (centre, proxy) = behind_a_proxy(&mut rng);
    let server = centre.serve();
    let crew = Crew::new("silent", 4, &mut rng);
    let refused = || crew.refusals.lock().unwrap().values().sum::<u64>();
    crew.works(&[&server.address], || {
        sleep(Duration::from_millis(300));
        proxy.silence(true);
        until("everybody is told", || refused() >= 4);
        proxy.silence(false);
        let done = crew.done();
        until("work goes on", || crew.done() > done + 10);
    });
    println!("{} acknowledged, {:?}", crew.done(), crew.refusals.lock().unwrap());
    crew.settles(&[&server.address]);
    crew.check(&centre);
    assert_eq!(Client::new(false).get(&server.address, "seat", "/api/v1/tickets").unwrap().status, 200);
}
