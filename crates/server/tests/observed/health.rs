//! Whether a process lives, and whether it should be given work.

use std::{io::Write, net::TcpStream};

use jiesu_testkit::Kind;
use serde_json::Value;

use crate::{
    kit::{Centre, Server, told, until},
    life::{Screen, marked, metrics},
};

/// Status and reason of `/readyz`.
fn ready(address: &str) -> (u16, String) {
    let answer = Screen::new(address).get("", "/readyz");
    let problem: Value = serde_json::from_str(&answer.text).unwrap_or_default();
    (answer.status, problem["detail"].as_str().unwrap_or(&answer.text).to_owned())
}

#[test]
fn it_is_ready_when_the_database_answers() {
    let centre = Centre::of_its_own();
    let server = marked(&centre, &[]);
    let inside = metrics(&server);
    let asked = || {
        let output = centre.jiesu(&["ready"]).env("JIESU_LISTEN", &server.address).output().unwrap();
        (output.status.code(), told(&output))
    };
    assert_eq!(asked(), (Some(0), "已就绪\n".into()));
    assert_eq!(ready(&server.address), (200, "ok\n".into()));
    assert_eq!(ready(&inside), (200, "ok\n".into()));
    centre.cluster().down();
    for address in [&server.address, &inside] {
        let (status, reason) = ready(address);
        assert!(status == 503 && reason.contains("数据库没有应答"), "{status} {reason}");
        assert_eq!(Screen::new(address).get("", "/healthz").text, "ok\n", "it lives all the same");
    }
    let (code, said) = asked();
    assert!(code == Some(1) && said.starts_with("尚未就绪：数据库没有应答"), "{said}");
    let figures = Screen::new(&inside).get("", "/metrics").text;
    assert!(figures.contains("\njiesu_database_up 0\n") && !figures.contains("jiesu_journal_position"), "{figures}");
    centre.cluster().up();
    until("it is ready again", || ready(&server.address).0 == 200);
    assert!(Screen::new(&inside).get("", "/metrics").text.contains("\njiesu_database_up 1\n"));
}

#[test]
fn it_is_not_ready_on_tables_of_an_older_program() {
    let centre = Centre::new(Kind::Sqlite);
    let server = centre.serve();
    assert_eq!(ready(&server.address).0, 200);
    let last = "(SELECT MAX(version) FROM _sqlx_migrations)";
    crate::kit::wait(centre.db.run(&format!("DELETE FROM _sqlx_migrations WHERE version = {last}"))).unwrap();
    let (status, reason) = ready(&server.address);
    assert!(status == 503 && reason.contains("请运行 jiesu migrate"), "{status} {reason}");
    // A newer one is no hindrance: the other half of a rolling upgrade has been there.
    let newer = "INSERT INTO _sqlx_migrations SELECT 999, description, installed_on, success, checksum, execution_time \
         FROM _sqlx_migrations WHERE version = 1";
    crate::kit::wait(centre.db.run(newer)).unwrap();
    assert_eq!(ready(&server.address).0, 200);
}

#[test]
fn it_is_not_ready_once_it_is_stopping() {
    let centre = Centre::new(Kind::Sqlite);
    let mut server = marked(&centre, &[]);
    let inside = metrics(&server);
    // A request that never ends keeps it, so that there is time to ask.
    let mut never = TcpStream::connect(&server.address).unwrap();
    let head = "POST /api/v1/tickets HTTP/1.1\r\nhost: x\r\ncookie: jiesu_session=seat\r\n\
        content-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    never.write_all(head.as_bytes()).unwrap();
    server.ask_to_stop();
    let mut reason = String::new();
    until("it says that it is stopping", || {
        let (status, said) = ready(&inside);
        reason = said;
        status == 503
    });
    assert!(reason.contains("正在停止"), "{reason}");
    server.ask_to_stop();
    assert!(server.child.wait().unwrap().success(), "{}", server.said());
}

/// On an address that others reach the figures are asked for by TLS, with the certificate of the settings, and plain words get nothing.
#[test]
fn figures_leave_the_machine_by_tls() {
    let centre = Centre::new(Kind::Sqlite);
    let certificates = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/certificates");
    let settings = centre.db.dir().join("tls.toml");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let both = |name: &str| format!("tls = [\"{certificates}/{name}.crt\", \"{certificates}/{name}.key\"]\n");
    std::fs::write(&settings, both("one")).unwrap();
    let (metrics, config) = (format!("0.0.0.0:{free}"), settings.to_str().unwrap());
    let mut command = centre.jiesu(&["worker"]);
    command.env("JIESU_METRICS", &metrics).env("JIESU_CONFIG", config);
    let mut worker = Server::begin(command);
    until("it says where its figures are", || worker.said().contains(&format!("指标：https://0.0.0.0:{free}/metrics")));
    let ready = || {
        let mut command = centre.jiesu(&["ready"]);
        let output = command.env("JIESU_METRICS", &metrics).env("JIESU_CONFIG", config).output().unwrap();
        (output.status.code(), told(&output))
    };
    assert_eq!(ready(), (Some(0), "已就绪\n".into()));
    let mut plain = TcpStream::connect(("127.0.0.1", free)).unwrap();
    plain.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    let mut heard = Vec::new();
    let _ = std::io::Read::read_to_end(&mut plain, &mut heard);
    assert!(!String::from_utf8_lossy(&heard).contains("jiesu_"), "{heard:?}");
    // Who shows another certificate is not the process that was meant.
    std::fs::write(&settings, both("two")).unwrap();
    let (code, said) = ready();
    assert!(code == Some(1) && said.contains("没有应答"), "{said}");
    worker.ask_to_stop();
    assert!(worker.child.wait().unwrap().success(), "{}", worker.said());
}

#[test]
fn a_worker_has_health_and_figures_too() {
    let centre = Centre::new(Kind::Postgres);
    let mut command = centre.jiesu(&["worker"]);
    command.env("JIESU_METRICS", "127.0.0.1:0");
    let mut worker = Server::begin(command);
    let inside = metrics(&worker);
    assert_eq!(ready(&inside).0, 200);
    assert!(Screen::new(&inside).get("", "/metrics").text.contains("jiesu_timers_due"));
    worker.ask_to_stop();
    assert!(worker.child.wait().unwrap().success(), "{}", worker.said());
}
