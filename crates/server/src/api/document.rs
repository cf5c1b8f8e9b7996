//! What is said of every route alike in the OpenAPI document: how one signs in, and which problems there are besides a handler's own.

use utoipa::openapi::{
    OpenApi, Ref, RefOr, Response,
    content::Content,
    path::{Operation, ParameterIn},
    response::ResponseBuilder,
    security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
};

use super::auth::COOKIE;

const PROBLEM: &str = "#/components/schemas/Problem";
const SESSION: &str = "session";
const KEY: &str = "key";

/// Completes the document that the handlers give.
pub(super) fn complete(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE)));
    components.add_security_scheme(SESSION, session);
    components.add_security_scheme(KEY, SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let no_scopes: [&str; 0] = [];
    document.security = Some(vec![SecurityRequirement::new(SESSION, no_scopes)]);
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (&mut item.get, false),
            (&mut item.head, false),
            (&mut item.post, true),
            (&mut item.put, true),
            (&mut item.patch, true),
            (&mut item.delete, true),
        ];
        for (operation, changes) in operations {
            let Some(operation) = operation else { continue };
            match path.as_str() {
                "/api/v1/session" if operation.request_body.is_some() => operation.security = Some(Vec::new()),
                "/api/v1/oidc" | "/api/v1/oidc/start" | "/api/v1/oidc/callback" => {
                    operation.security = Some(Vec::new())
                }
                // A platform's key opens these as a session does.
                "/api/v1/tickets" | "/api/v1/tickets/{number}" | "/api/v1/tickets/{number}/commands" => {
                    let either = [SESSION, KEY].map(|scheme| SecurityRequirement::new(scheme, no_scopes));
                    operation.security = Some(either.into());
                }
                "/api/v1/sms/incoming" => {
                    operation.security = Some(vec![SecurityRequirement::new(KEY, no_scopes)]);
                }
                _ => {}
            }
            problems(operation, changes);
        }
    }
    document
}

/// Adds what any route of this form may answer, and says of what type a problem is.
fn problems(operation: &mut Operation, changes: bool) {
    let takes = |place: ParameterIn| {
        operation.parameters.iter().flatten().any(|p| matches!(p, RefOr::T(p) if p.parameter_in == place))
    };
    let mut more = vec![
        ("429", "Too often; `limit` says which limit it is and `Retry-After` when to ask again"),
        ("500", "Our fault; the log knows more"),
        ("503", "The database is busy, gone or takes no writes"),
    ];
    if operation.request_body.is_some() || takes(ParameterIn::Query) || takes(ParameterIn::Header) {
        more.push(("400", "It cannot be read: no JSON, an unknown parameter, a header of another form"));
    }
    if operation.request_body.is_some() {
        more.push(("413", "The body is too large"));
        more.push(("422", "A field is missing, unknown or wrong; `field` names it"));
    }
    if takes(ParameterIn::Query) {
        more.push(("422", "A parameter is beyond its limit; `limit` says which"));
    }
    if takes(ParameterIn::Path) {
        more.push(("404", "There is no such thing, or it is not to be seen"));
    }
    if changes {
        more.push(("403", "Not with this role, or from another site's page"));
    }
    let responses = &mut operation.responses.responses;
    for (status, description) in more {
        let problem = || {
            ResponseBuilder::new()
                .description(description)
                .content("application/json", Content::new(Some(Ref::new(PROBLEM))))
        };
        responses.entry(status.to_owned()).or_insert_with(|| problem().build().into());
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response {
            if response.description.is_empty() {
                response.description = meaning(status).into();
            }
            as_problem(response);
        }
    }
}

/// What a status means everywhere; the document has to say it of each.
fn meaning(status: &str) -> &'static str {
    match status {
        "200" => "Done",
        "201" => "Made",
        "204" => "Done, and nothing to say",
        "303" => "Elsewhere",
        "206" => "The part that was asked for",
        "400" => "It cannot be read",
        "401" => "Nobody is signed in",
        "403" => "Not with this role",
        "404" => "There is no such thing, or it is not to be seen",
        "409" => "Not now, or somebody else was quicker",
        "413" => "Too large; `limit` says which limit it is",
        "416" => "The file has no such part",
        "422" => "A rule or a field is against it",
        "429" => "Too often",
        other => unreachable!("{other} is new: say what it means"),
    }
}

fn as_problem(response: &mut Response) {
    let is_problem = |content: &RefOr<Content>| matches!(content, RefOr::T(Content { schema: Some(RefOr::Ref(of)), .. }) if of.ref_location == PROBLEM);
    if response.content.get("application/json").is_some_and(is_problem)
        && let Some(content) = response.content.shift_remove("application/json")
    {
        response.content.insert("application/problem+json".into(), content);
    }
}
