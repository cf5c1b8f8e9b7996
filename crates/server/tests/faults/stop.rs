//! Asked to stop, a process finishes what it has begun, answers it, and ends within a bound. With a listening socket that outlives it
//! (`LISTEN_FDS`), a new process takes over and nobody notices.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::{fd::OwnedFd, unix::net::UnixDatagram},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread::sleep,
    time::Duration,
};

use jiesu_testkit::Kind;

use crate::{
    client::Client,
    kit::{Centre, Server, until_within},
    load::Crew,
    rng::Rng,
};

/// Starts a process on a socket that is handed over as systemd does it.
fn take_over(centre: &Centre, socket: &TcpListener) -> Server {
    let mut command = Command::new("sh");
    // The socket comes as standard input, so that no descriptor has to be kept open over the start by hand.
    let script = "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\" serve";
    command.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_jiesu"));
    centre.told(&mut command).stdin(Stdio::from(OwnedFd::from(socket.try_clone().unwrap())));
    Server::start(command)
}

/// Ends well, by itself and before the bound at which it would drop those who keep it.
#[track_caller]
fn ends(server: &mut Server) {
    until_within(Duration::from_secs(25), "a process ends", || server.child.try_wait().unwrap().is_some());
    assert!(server.child.wait().unwrap().success(), "{}", server.said());
}

#[test]
fn what_has_begun_is_finished_and_answered() {
    let mut rng = Rng::from_env("stop::what_has_begun_is_finished_and_answered");
    let centre = Centre::new(Kind::Sqlite);
    let mut server = centre.serve();
    let crew = Crew::new("stopping", 4, &mut rng);
    // A request that has begun and goes on slowly: half of it before the signal, half of it after.
    let body = r#"{"kind":"help","title":"标题","content":"内容","channel":"phone"}"#;
    let mut slow = TcpStream::connect(&server.address).unwrap();
    let head = format!(
        "POST /api/v1/tickets HTTP/1.1\r\nhost: x\r\ncookie: jiesu_session=seat\r\ncontent-type: application/json\r\n\
         idempotency-key: slow-new-1\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    slow.write_all(head.as_bytes()).unwrap();
    slow.write_all(&body.as_bytes()[..20]).unwrap();
    let address = server.address.clone();
    crew.works(&[&address], || {
        sleep(Duration::from_millis(300));
        server.ask_to_stop();
        sleep(Duration::from_millis(1500));
    });
    assert!(server.child.try_wait().unwrap().is_none(), "it waits for the slow one");
    slow.write_all(&body.as_bytes()[20..]).unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201") || answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    ends(&mut server);
    assert!(server.said().contains("closed"), "{}", server.said());
    let server = centre.serve();
    crew.settles(&[&server.address]);
    crew.check(&centre);
}

#[test]
fn a_request_that_never_ends_does_not_keep_it() {
    let centre = Centre::new(Kind::Sqlite);
    let mut server = centre.serve();
    let mut never = TcpStream::connect(&server.address).unwrap();
    let head = "POST /api/v1/tickets HTTP/1.1\r\nhost: x\r\ncookie: jiesu_session=seat\r\n\
        content-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    never.write_all(head.as_bytes()).unwrap();
    sleep(Duration::from_millis(200));
    server.ask_to_stop();
    sleep(Duration::from_millis(1500));
    assert!(server.child.try_wait().unwrap().is_none(), "it waits");
    // Somebody insists; by itself it would wait for half a minute.
    server.ask_to_stop();
    ends(&mut server);
}

/// Reads until told to stop; every single request is answered. `keep`: as a proxy does it, on connections that are used again.
fn reads_on(address: &str, keep: bool, stop: &AtomicBool, answered: &AtomicU64) {
    let client = Client::new(keep);
    while !stop.load(Ordering::SeqCst) {
        let answer = client.get(address, "seat", "/api/v1/tickets").unwrap_or_else(|e| panic!("keep {keep}: {e}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answered.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_new_process_takes_over_and_not_one_request_fails() {
    let mut rng = Rng::from_env("stop::a_new_process_takes_over_and_not_one_request_fails");
    let centre = Centre::new(Kind::Postgres);
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let crew = Crew::new("rolling", 2, &mut rng);
    let (stop, answered) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut old = take_over(&centre, &socket);
    std::thread::scope(|scope| {
        for keep in [false, false, true, true] {
            let (address, stop, answered) = (&address, &stop, &answered);
            scope.spawn(move || reads_on(address, keep, stop, answered));
        }
        crew.works(&[&address], || {
            for _ in 0..3 {
                sleep(Duration::from_millis(300));
                let new = take_over(&centre, &socket);
                old.ask_to_stop();
                ends(&mut old);
                old = new;
            }
        });
        stop.store(true, Ordering::SeqCst);
    });
    println!("{} answered, {} acknowledged", answered.load(Ordering::SeqCst), crew.done());
    assert!(crew.refusals.lock().unwrap().is_empty() && crew.unanswered() == 0, "not one fails");
    assert!(answered.load(Ordering::SeqCst) > 50);
    crew.settles(&[&address]);
    crew.check(&centre);
}

/// Without a second process: the socket holds those who come in between.
#[test]
fn who_comes_between_two_processes_waits() {
    let centre = Centre::new(Kind::Sqlite);
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap().to_string();
    let mut old = take_over(&centre, &socket);
    old.ask_to_stop();
    ends(&mut old);
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| Client::new(false).get(&address, "seat", "/api/v1/tickets").unwrap().status);
        sleep(Duration::from_millis(300));
        let _new = take_over(&centre, &socket);
        assert_eq!(waits.join().unwrap(), 200);
    });
}

#[test]
fn systemd_hears_when_it_is_ready() {
    let centre = Centre::new(Kind::Sqlite);
    let path = centre.db.dir().join("notify");
    let ear = UnixDatagram::bind(&path).unwrap();
    ear.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut command = centre.jiesu(&["serve"]);
    command.env("NOTIFY_SOCKET", &path);
    let mut server = Server::start(command);
    let hear = || {
        let mut word = [0; 64];
        let n = ear.recv(&mut word).unwrap();
        String::from_utf8_lossy(&word[..n]).into_owned()
    };
    assert_eq!(hear(), "READY=1");
    server.ask_to_stop();
    assert_eq!(hear(), "STOPPING=1");
    ends(&mut server);
}
