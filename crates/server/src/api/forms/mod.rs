//! What each command asks for, so that the console can build a plain form of it: fields with Chinese labels, and what they are chosen
//! from under the law that holds.

mod choices;
mod schema;
mod table;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use jiesu_domain::ticket::Action;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{auth::Signed, problem::Problem, reference::Choice, tickets::rows};
use crate::{
    app::{App, tidy_number},
    view::Viewer,
};
use choices::Desk;
use schema::{Field, Fields, Type};
use table::{Ask, Row};

/// Which ticket the forms are for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FormsQuery {
    /// A ticket's number: then the lists are those of its own rulebook and catalogue, and of what stands on it.
    pub ticket: Option<String>,
}

/// How a field is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    Text,
    LongText,
    Number,
    /// Yes or no.
    Flag,
    Date,
    /// `5 working days`: a number and one of `working days`, `days`, `working hours`, `hours`, `minutes`.
    Limit,
    /// One of `choices`; a number where the codes are numbers (`number` is set).
    Choice,
    /// Any of `choices`.
    Choices,
    /// Any text; `choices` only help.
    Suggest,
    /// A list of texts, one a line.
    Lines,
    /// A list of texts, one for each of `choices` in their order.
    Each,
    /// An object with `fields`; left out as a whole where it is not required.
    Group,
}

/// A field of a command.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldForm {
    pub name: String,
    pub label: &'static str,
    pub required: bool,
    pub input: Input,
    /// Key of the list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub choices: Option<&'static str>,
    /// The chosen code is sent as a number.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub number: bool,
    /// Of a group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub fields: Vec<FieldForm>,
}

/// A command and what it asks for, in the order of a form.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommandForm {
    pub name: Action,
    pub label: &'static str,
    pub fields: Vec<FieldForm>,
}

/// Every command, and the lists that its fields are chosen from.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommandForms {
    /// Rulebook id and version whose lists these are.
    pub rulebook: String,
    pub rulebook_version: u32,
    pub commands: Vec<CommandForm>,
    pub choices: BTreeMap<String, Vec<Choice>>,
}

/// The forms of all commands.
#[utoipa::path(get, path = "/api/v1/commands", operation_id = "commands", tag = "reference", params(FormsQuery),
    responses((status = 200, body = CommandForms), (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub async fn forms(
    State(app): State<Arc<App>>,
    signed: Signed,
    query: Result<Query<FormsQuery>, QueryRejection>,
) -> Result<Json<CommandForms>, Problem> {
    let Query(q) = query?;
    let ticket = match q.ticket.as_deref().filter(|n| !n.is_empty()) {
        Some(number) => Some(app.load(&tidy_number(number), &signed.actor).await?),
        None => None,
    };
    let book = ticket.as_ref().map_or_else(|| app.rulebook(), |t| app.rulebook_of(t));
    let viewer = match &ticket {
        // What stands on it is masked for who must not know the appellant, and for that it must be known.
        Some(t) if t.confidential && signed.actor.role.of_unit() => {
            Viewer::on(&app, &signed.actor, t, &rows(&app, t, &signed.actor).await?)
        }
        _ => Viewer::of(&app, &signed.actor),
    };
    let units = app.units();
    let desk = Desk { book, catalogue: app.catalogue_of(ticket.as_ref(), app.clock.now()), units: &units };
    let choices = desk.choices(ticket.as_ref().map(|t| (t, &viewer)));
    Ok(Json(CommandForms {
        rulebook: book.rulebook.id.clone(),
        rulebook_version: book.rulebook.version,
        commands: commands(),
        choices: choices.into_iter().map(|(key, list)| (key.to_owned(), list)).collect(),
    }))
}

/// In the order of the actions.
fn commands() -> Vec<CommandForm> {
    let known = schema::commands();
    let form = |action: &Action| {
        let fields = known.get(action.code())?;
        Some(CommandForm { name: *action, label: action.zh(), fields: ordered(table::of(*action), fields) })
    };
    Action::ALL.iter().filter_map(form).collect()
}

/// The fields in the order of their labels, without those that nobody fills in.
fn ordered(rows: &[Row], fields: &Fields) -> Vec<FieldForm> {
    let asked = rows.iter().filter(|(_, _, ask)| *ask != Ask::Never);
    asked.filter_map(|row| fields.get(row.0).map(|field| field_form(row, field))).collect()
}

fn field_form((name, label, ask): &Row, field: &Field) -> FieldForm {
    let (input, choices) = match (ask, &field.kind) {
        (Ask::Of(list), Type::List) => (Input::Choices, Some(*list)),
        (Ask::Of(list), _) => (Input::Choice, Some(*list)),
        (Ask::Like(list), _) => (Input::Suggest, Some(*list)),
        (Ask::Each(list), _) => (Input::Each, Some(*list)),
        (Ask::Limit, _) => (Input::Limit, None),
        (Ask::Long, _) => (Input::LongText, None),
        (_, Type::Word(word)) => (Input::Choice, choices::of_word(word)),
        (_, Type::Group(_)) => (Input::Group, None),
        (_, Type::Flag) => (Input::Flag, None),
        (_, Type::Number) => (Input::Number, None),
        (_, Type::Date) => (Input::Date, None),
        (_, Type::List) => (Input::Lines, None),
        (_, Type::Text) => (Input::Text, None),
    };
    let fields = match &field.kind {
        Type::Group(group) => ordered(table::group(group), &schema::group(group)),
        _ => Vec::new(),
    };
    let number = field.kind == Type::Number;
    FieldForm { name: (*name).to_owned(), label, required: field.required, input, choices, number, fields }
}

#[cfg(test)]
mod tests;
