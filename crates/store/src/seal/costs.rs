//! What sealing costs a ticket: figures for people, `cargo test --release -p jiesu-store --lib what_it_costs -- --ignored --nocapture`.

use std::time::Instant;

use super::cipher::{FIND, KEY, random};
use super::{DataKey, Spot, TicketKey};

/// As a registration at a real centre writes them.
const REGISTERED: &str = r#"{"event":"registered","number":"SR-20260902-000001-6","kind":"help","urgent":false,"confidential":false,"title":"楼上漏水半年无人处理","content":"公共管道破裂导致楼上漏水到家中，物业推给业委会，业委会推给开发商，半年没有人来修，家里墙面发霉，老人和孩子都咳嗽。","place":"信州区某小区","category":null,"appeal":{"no":1,"channel":"phone","received_at":"2026-09-02T01:30:00Z","follow_up_by":"phone"},"earlier":[]}"#;
const STARTED: &str = r#"{"event":"clock-started","id":1,"kind":"dispatch","from":"2026-09-02T01:30:00Z","amount":"30 minutes","due":"2026-09-02T02:00:00Z","provisional":false,"calendar":"2018-2026#3e9a410e","basis":{"rulebook":"shangrao","version":1,"rule":"dispatch","article":"第十四条","readings":["at-once"]},"status":{"is":"running"},"expired":false}"#;
const BODY: &str = r#"{"number":"SR-20260902-000001-6","version":2,"registered_at":"2026-09-02T01:30:00Z","kind":"help","urgent":false,"confidential":false,"title":"楼上漏水半年无人处理","content":"公共管道破裂导致楼上漏水到家中，物业推给业委会，业委会推给开发商，半年没有人来修，家里墙面发霉，老人和孩子都咳嗽。","place":"信州区某小区","category":null,"appeals":[{"no":1,"channel":"phone","received_at":"2026-09-02T01:30:00Z","follow_up_by":"phone"}],"earlier":[],"standing":{},"difficult":null,"major":null,"handovers":[],"rulebook":null,"catalogue":null,"dispatches":0,"points":[],"supplements":[],"stage":{"is":"registered","referral":null,"consultation":null,"named":null,"opinion":null},"clocks":[{"id":1,"kind":"dispatch","from":"2026-09-02T01:30:00Z","amount":"30 minutes","due":"2026-09-02T02:00:00Z","provisional":false,"calendar":"2018-2026#3e9a410e","basis":{"rulebook":"shangrao","version":1,"rule":"dispatch","article":"第十四条","readings":["at-once"]},"status":{"is":"running"},"expired":false}],"ratings":[],"redos":0,"supervision":[],"returned_by":[],"copies":[],"malicious":[],"risks":[],"instructions":[],"media":[],"urgings":[],"conducts":[],"exclusions":[],"settled":null,"hold":null}"#;

const FIELDS: [&str; 4] = ["测试诉求人", "13900001234", "信州区测试路1号3栋2单元301室", "83746251"];

const ROUNDS: u32 = 20_000;

fn spot<'a>(column: &'a str) -> Spot<'a> {
    Spot { jurisdiction: "shangrao", table: "person", row: &["0123456789abcdef"], column }
}

/// Everything that a registration seals; the bytes that are stored.
fn registration(data: &DataKey) -> (TicketKey, String, Vec<String>) {
    let fields = FIELDS.iter().map(|field| data.seal(&spot("name"), field));
    let mut stored: Vec<String> = fields.chain([data.find("phone", FIELDS[1])]).collect();
    let (key, secret) = TicketKey::fresh();
    let secret = data.seal(&spot("secret"), &secret);
    stored.extend([REGISTERED, STARTED, BODY].map(|text| key.seal(&spot("payload"), text)));
    (key, secret, stored)
}

#[test]
#[ignore = "figures for people"]
fn what_it_costs() {
    let secret: [u8; KEY + FIND] = random();
    let data = DataKey::new(1, &secret).expect("a key of its length");
    let plain: usize = FIELDS.iter().chain(&[REGISTERED, STARTED, BODY]).map(|text| text.len()).sum();
    let began = Instant::now();
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let (_, secret, stored) = registration(&data);
        bytes = secret.len() + stored.iter().map(String::len).sum::<usize>();
    }
    let sealed = began.elapsed() / ROUNDS;
    let (key, secret, stored) = registration(&data);
    let began = Instant::now();
    for _ in 0..ROUNDS {
        let key = data.open(&spot("secret"), &secret).and_then(|secret| TicketKey::read(&secret)).expect("its key");
        for text in &stored[5..] {
            key.open(&spot("payload"), text).expect("it opens");
        }
    }
    let opened = began.elapsed() / ROUNDS;
    for (name, text) in [("registered", REGISTERED), ("clock-started", STARTED), ("body", BODY)] {
        println!("{name}: {} bytes, sealed {}", text.len(), key.seal(&spot("payload"), text).len());
    }
    println!(
        "a registration: {plain} bytes plain, {bytes} sealed; {sealed:?} to seal, {opened:?} to open a ticket's page"
    );
}
