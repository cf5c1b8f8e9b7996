//! Bodies of requests: made from the API's own description, and then damaged.

use serde_json::{Map, Value, json};

use crate::damage::Dice;

/// Words that mean something to a centre, and some that look as if they did.
const WORDS: &[&str] = &[
    "chengguan",
    "gongan",
    "dongshi",
    "renshe",
    "done",
    "路灯已修好",
    "同意",
    "SR-20260430-000001-4",
    "SR-20260430-000002-2",
    "SR-20260430-000001-4#1",
    "2026-05-06T09:00:00+08:00",
    "2026-05-06",
    "13900001234",
    "not-accepted",
    "no-duty",
    "",
    " ",
    "1",
    "'; DROP TABLE ticket; --",
    "<script>alert(1)</script>",
    "\u{0}",
    "\u{202e}反",
    "𠮷\u{200d}👩",
];

/// Values that are of another sort than what was asked for.
fn strange(dice: &mut Dice) -> Value {
    match dice.below(14) {
        0 => Value::Null,
        1 => json!(-1),
        2 => json!(u64::MAX),
        3 => json!(i64::MIN),
        4 => json!(1e308),
        5 => json!(0.5),
        6 => json!([]),
        7 => json!({}),
        8 => json!(true),
        9 => json!("长".repeat(dice.below(30_000))),
        10 => (0..dice.below(200)).fold(Value::Null, |inner, _| json!([inner])),
        11 => json!(vec!["chengguan"; dice.below(2_000)]),
        12 => json!("9999-12-31T23:59:59Z"),
        _ => json!(*dice.pick(WORDS)),
    }
}

/// Something that the schema allows.
pub fn made(dice: &mut Dice, document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return made(dice, document, document.pointer(name.trim_start_matches('#')).unwrap());
    }
    if let Some(one_of) = schema["oneOf"].as_array() {
        let one = dice.pick(one_of);
        return made(dice, document, one);
    }
    if let Some(all_of) = schema["allOf"].as_array() {
        let parts = all_of.iter().filter_map(|part| made(dice, document, part).as_object().cloned());
        return Value::Object(parts.collect::<Vec<_>>().into_iter().flatten().collect());
    }
    if let Some(words) = schema["enum"].as_array() {
        return dice.pick(words).clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => dice.pick(kinds).as_str(),
        kind => kind.as_str(),
    };
    match kind {
        Some("object") => object(dice, document, schema),
        Some("array") => (0..dice.below(3)).map(|_| made(dice, document, &schema["items"])).collect(),
        Some("integer") => json!(dice.below(12)),
        Some("number") => json!(dice.below(100) as f64 / 8.0),
        Some("boolean") => json!(dice.below(2) == 0),
        Some("string") => json!(*dice.pick(WORDS)),
        _ => Value::Null,
    }
}

fn object(dice: &mut Dice, document: &Value, schema: &Value) -> Value {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut object = Map::new();
    for (key, of) in schema["properties"].as_object().into_iter().flatten() {
        if required.contains(&key.as_str()) || dice.below(3) == 0 {
            object.insert(key.clone(), made(dice, document, of));
        }
    }
    Value::Object(object)
}

/// A body as it is sent, with damage in a value, in the text of it, or nowhere.
pub fn hurt(dice: &mut Dice, mut body: Value) -> Vec<u8> {
    match dice.below(4) {
        0 => body.to_string().into_bytes(),
        1 => crate::workbook::bytes(dice, body.to_string().into_bytes()),
        _ => {
            for _ in 0..=dice.below(2) {
                let strange = strange(dice);
                at_random(dice, &mut body, strange);
            }
            body.to_string().into_bytes()
        }
    }
}

/// Something in it is put in place of something else, left out, or added.
fn at_random(dice: &mut Dice, value: &mut Value, strange: Value) {
    let deeper = dice.below(3) > 0;
    match value {
        Value::Object(object) if !object.is_empty() => {
            let keys: Vec<String> = object.keys().cloned().collect();
            let key = dice.pick(&keys);
            match dice.below(6) {
                0 => drop(object.remove(key)),
                1 => drop(object.insert("more".into(), strange)),
                _ if deeper && (object[key].is_object() || object[key].is_array()) => {
                    at_random(dice, &mut object[key], strange);
                }
                _ => drop(object.insert(key.clone(), strange)),
            }
        }
        Value::Array(list) if deeper && !list.is_empty() => {
            let at = dice.below(list.len());
            at_random(dice, &mut list[at], strange);
        }
        _ => *value = strange,
    }
}
