//! The OpenAPI document: whole, and the committed one is the one in force.

use jiesu_server::api;
use serde_json::Value;

#[test]
fn the_committed_document_is_fresh() {
    let committed = include_str!("../../../../docs/openapi.json");
    let now = api::openapi().to_pretty_json().unwrap();
    assert!(committed.trim_end() == now.trim_end(), "run: target/debug/jiesu openapi > docs/openapi.json");
}

#[test]
fn every_reference_leads_somewhere_and_every_route_tells_its_errors() {
    let document = serde_json::to_value(api::openapi()).unwrap();
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            let for_strangers = path.starts_with("/api/v1/oidc");
            assert!(for_strangers || responses.contains_key("401"), "{method} {path} says nothing about strangers");
            assert!(
                operation["summary"].is_string() || operation["description"].is_string(),
                "{method} {path} has no words"
            );
        }
    }
}

/// Vocabularies are sent by their codes, never by the names of Rust.
#[test]
fn words_are_named_as_they_are_sent() {
    let document = serde_json::to_value(api::openapi()).unwrap();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for word in schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit()), "{name}: {word}");
        }
    }
}

/// Who reads the conventions finds every route there.
#[test]
fn the_conventions_name_every_route() {
    let handbook = include_str!("../../../../docs/api.md");
    let document = serde_json::to_value(api::openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let route = format!("`{} {}`", method.to_uppercase(), path.trim_start_matches("/api/v1"));
            assert!(handbook.contains(&route), "docs/api.md does not name {route}");
        }
    }
}
