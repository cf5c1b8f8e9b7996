//! The table against the commands, and every form against what the server reads.

use std::collections::{BTreeMap, BTreeSet};

use jiesu_domain::ticket::{Action, Command};
use serde_json::{Value, json};

use super::{
    CommandForm, FieldForm, Input,
    choices::{Desk, of_word},
    commands,
    schema::{self, Fields, Type},
    table,
};
use crate::law::Law;

fn forms() -> BTreeMap<&'static str, CommandForm> {
    commands().into_iter().map(|form| (form.name.code(), form)).collect()
}

/// Names in both, each once.
fn same_fields(what: &str, rows: &[table::Row], fields: &Fields) {
    let labelled: BTreeSet<&str> = rows.iter().map(|(name, ..)| *name).collect();
    let there: BTreeSet<&str> = fields.keys().map(String::as_str).collect();
    assert_eq!(labelled.len(), rows.len(), "{what}: a field is labelled twice");
    assert_eq!(labelled, there, "{what}: labels (left) and fields (right) differ; see api/forms/table.rs");
    for (name, label, _) in rows {
        assert!(label.chars().all(|c| c > '\u{7f}' || c == '/'), "{what}.{name}: {label}");
    }
}

#[test]
fn every_field_of_every_command_has_a_label_and_every_label_a_field() {
    let known = schema::commands();
    assert!(known.len() > 70, "the document lost its commands");
    let mut groups = BTreeSet::new();
    for action in Action::ALL {
        let Some(fields) = known.get(action.code()) else {
            assert!(
                matches!(action, Action::Register | Action::AttachFile) || action.of_system(),
                "{action} is no command of the document"
            );
            continue;
        };
        same_fields(action.code(), table::of(*action), fields);
        groups.extend(fields.values().filter_map(|f| match &f.kind {
            Type::Group(name) => Some(name.clone()),
            _ => None,
        }));
    }
    for group in &groups {
        same_fields(group, table::group(group), &schema::group(group));
    }
    assert_eq!(known.len(), forms().len(), "every command has its form");
}

#[test]
fn every_list_that_a_field_names_is_there() {
    let law = Law::load(None).unwrap();
    let mut named = BTreeSet::new();
    fn collect(fields: &[FieldForm], named: &mut BTreeSet<&'static str>) {
        for field in fields {
            named.extend(field.choices);
            assert!(field.choices.is_some() || !matches!(field.input, Input::Choice | Input::Choices), "{field:?}");
            collect(&field.fields, named);
        }
    }
    forms().values().for_each(|form| collect(&form.fields, &mut named));
    for id in law.ids() {
        let book = law.versions(id).last().unwrap();
        let desk = Desk { book, catalogue: law.catalogue(id), units: law.units(id) };
        let there: BTreeSet<&str> = desk.choices(None).into_keys().collect();
        assert!(named.is_subset(&there), "{id}: {:?}", named.difference(&there));
    }
    assert_eq!(of_word("Contact"), Some("contacts"));
}

/// A form filled in as it asks is a command that the server reads: with what is needed only, and with everything.
#[test]
fn what_a_form_gives_is_read() {
    let law = Law::load(None).unwrap();
    let book = law.versions("shangrao").last().unwrap();
    let desk = Desk { book, catalogue: law.catalogue("shangrao"), units: law.units("shangrao") };
    let lists = desk.choices(None);
    let first = |key: Option<&str>| {
        let list = key.and_then(|k| lists.get(k)).and_then(|l| l.first());
        list.map_or_else(|| "1".to_owned(), |c| c.code.clone())
    };
    fn object(fields: &[FieldForm], all: bool, first: &impl Fn(Option<&str>) -> String) -> Value {
        let given = fields.iter().filter(|f| all || f.required);
        given.map(|f| (f.name.clone(), value(f, all, first))).collect::<serde_json::Map<_, _>>().into()
    }
    fn value(field: &FieldForm, all: bool, first: &impl Fn(Option<&str>) -> String) -> Value {
        match field.input {
            Input::Text | Input::LongText | Input::Suggest => json!("说明"),
            Input::Number => json!(1),
            Input::Flag => json!(true),
            Input::Date => json!("2026-05-01"),
            Input::Limit => json!("5 working days"),
            Input::Choice if field.number => json!(1),
            Input::Choice => json!(first(field.choices)),
            Input::Choices => json!([first(field.choices)]),
            Input::Lines | Input::Each => json!(["一", "二"]),
            Input::Group => object(&field.fields, all, first),
        }
    }
    for (name, form) in forms() {
        for all in [false, true] {
            let mut given = object(&form.fields, all, &first);
            given["do"] = json!(name);
            let read: Result<Command, _> = serde_json::from_value(given.clone());
            assert!(read.as_ref().is_ok_and(|c| c.action() == form.name), "{given}: {read:?}");
        }
    }
}
