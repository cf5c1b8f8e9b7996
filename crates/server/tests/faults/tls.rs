//! The way to the database, where it leads over a network: encrypted, and to nobody else.

use std::{net::TcpListener, path::PathBuf};

use jiesu_store::{Store, StoreOptions};
use jiesu_testkit::{Cluster, TestDb};

use crate::kit::wait;

fn certificate(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/certificates")).join(name)
}

#[test]
fn the_database_is_reached_by_tls() {
    let cluster = Cluster::start();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    cluster.tls(&certificate("one.crt"), &certificate("one.key"), port);
    let url = |how: &str| format!("postgres://jiesu@localhost:{port}/postgres?{how}");
    let trusting = |root: &str| url(&format!("sslmode=verify-full&sslrootcert={}", certificate(root).display()));
    let open = |url: String| wait(Store::open(&url, StoreOptions::default()));

    let store = open(trusting("one.crt")).unwrap();
    wait(store.migrate()).unwrap();
    assert_eq!(wait(store.schema_version()).unwrap(), Store::SCHEMA);
    let encrypted =
        "SELECT ssl::text FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'jiesu'";
    let found = wait(TestDb::at(&trusting("one.crt")).rows(encrypted));
    assert!(!found.is_empty() && found.iter().all(|ssl| ssl == "true"), "{found:?}");

    assert!(open(trusting("two.crt")).is_err(), "somebody else's certificate");
    assert!(open(url("sslmode=disable")).is_err(), "nothing goes in the clear");
}
