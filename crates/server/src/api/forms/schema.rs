//! The commands as the OpenAPI document describes them, walked for the forms: which fields there are, of what type, and which are needed.

use std::{collections::BTreeMap, sync::LazyLock};

use jiesu_domain::ticket::Action;
use serde_json::Value;

/// A command's or a group's fields by name.
pub(super) type Fields = BTreeMap<String, Field>;

/// A field as the schema has it.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub required: bool,
    pub kind: Type,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Number,
    Flag,
    Date,
    List,
    /// A word of a vocabulary, by the name of its schema.
    Word(String),
    /// A group of fields, by the name of its schema.
    Group(String),
}

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(crate::api::openapi()).expect("the document is plain data"));

fn named(name: &str) -> &'static Value {
    &DOCUMENT["components"]["schemas"][name]
}

/// The name that a reference ends in.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// The commands with their fields, by the word of `do`.
pub(super) fn commands() -> BTreeMap<String, Fields> {
    let variants = named("Command")["oneOf"].as_array().map_or(&[][..], Vec::as_slice);
    // A file comes by its upload, not by a form.
    variants.iter().map(command).filter(|(name, _)| name != Action::AttachFile.code()).collect()
}

/// One command: an object, or a group beside an object that holds the word.
fn command(variant: &'static Value) -> (String, Fields) {
    let parts: Vec<&Value> = variant["allOf"].as_array().map_or_else(|| vec![variant], |all| all.iter().collect());
    let (mut name, mut all) = (String::new(), Fields::new());
    for part in parts {
        let part = referred(part).map_or(part, named);
        if let Some(word) = part["properties"]["do"]["enum"][0].as_str() {
            name = word.to_owned();
        }
        all.extend(fields(part));
    }
    all.remove("do");
    (name, all)
}

/// The fields of a group.
pub(super) fn group(name: &str) -> Fields {
    fields(named(name))
}

fn fields(object: &Value) -> Fields {
    let required = |name: &str| object["required"].as_array().is_some_and(|r| r.iter().any(|n| n == name));
    let properties = object["properties"].as_object().into_iter().flatten();
    properties.map(|(name, schema)| (name.clone(), Field { required: required(name), kind: kind(schema) })).collect()
}

/// A field's type; what may be left out is `null` or the thing itself.
fn kind(schema: &Value) -> Type {
    if let Some(one) = schema["oneOf"].as_array().and_then(|all| all.iter().find(|s| s["type"] != "null")) {
        return kind(one);
    }
    if let Some(name) = referred(schema) {
        let word = named(name)["enum"].is_array();
        return if word { Type::Word(name.to_owned()) } else { Type::Group(name.to_owned()) };
    }
    let is =
        |name: &str| schema["type"] == name || schema["type"].as_array().is_some_and(|t| t.iter().any(|t| t == name));
    match () {
        () if is("boolean") => Type::Flag,
        () if is("integer") => Type::Number,
        () if is("array") => Type::List,
        () if schema["format"] == "date" => Type::Date,
        () => Type::Text,
    }
}
