//! Every route that a router answers, read off the router itself. axum has no list of them, but prints what it holds: whoever adds a route
//! anywhere adds it here.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;

const METHODS: [&str; 9] = ["get", "head", "delete", "options", "patch", "post", "put", "trace", "connect"];

/// `GET /api/v1/session`, one for each method of each address.
pub fn of(router: &Router) -> BTreeSet<String> {
    let printed = format!("{router:?}");
    let (routes, rest) = printed.split_once(", node: Node { paths: {").expect("axum prints the paths of a router");
    let paths = named(rest);
    let mut found = BTreeSet::new();
    for (id, path) in &paths {
        let of_route = format!("RouteId({id}): MethodRouter(MethodRouter {{ ");
        let (_, methods) = routes.split_once(&of_route).unwrap_or_else(|| panic!("no methods of {path} are printed"));
        let (methods, _) = methods.split_once(", fallback: ").expect("after the methods comes what answers others");
        let answered = METHODS.iter().filter(|m| !methods.contains(&format!("{m}: None")));
        let before = found.len();
        found.extend(answered.map(|m| format!("{} {path}", m.to_uppercase())));
        assert!(found.len() > before, "{path} answers nothing: does axum print otherwise now?");
    }
    found
}

/// `RouteId(1): "/healthz", RouteId(2): …`, up to the brace that ends it; addresses have braces themselves.
fn named(text: &str) -> BTreeMap<u32, String> {
    let mut paths = BTreeMap::new();
    let mut rest = text;
    while let Some(after) = rest.trim_start_matches([',', ' ']).strip_prefix("RouteId(") {
        let (id, after) = after.split_once("): \"").expect("an id and a path");
        let (path, after) = after.split_once('"').expect("a path ends");
        paths.insert(id.parse().unwrap(), path.to_owned());
        rest = after;
    }
    assert!(rest.starts_with('}'), "{rest}");
    paths
}

/// Compares with the golden file of that name in `tests/golden`.
#[track_caller]
pub fn golden(name: &str, got: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var("UPDATE_GOLDEN").is_ok_and(|v| v == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, got).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    for (n, (wanted, got)) in wanted.lines().zip(got.lines()).enumerate() {
        assert_eq!(
            wanted,
            got,
            "{name} line {}: if this is meant, run with UPDATE_GOLDEN=1 and review the diff",
            n + 1
        );
    }
    assert_eq!(wanted, got, "{name}: if this is meant, run with UPDATE_GOLDEN=1 and review the diff");
}
