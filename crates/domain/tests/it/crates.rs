//! The direction of dependencies: `domain` is imported by all and imports none of them; `store`, `text` and `channels` do not know each
//! other; `server` composes.

use std::collections::BTreeSet;

use super::support::{read, root};

/// Every crate that a package depends on, for building, running or testing, on any platform.
fn dependencies(package: &str) -> BTreeSet<String> {
    let manifest: toml::Table = toml::from_str(&read(root().join("crates").join(package).join("Cargo.toml"))).unwrap();
    let mut found = BTreeSet::new();
    collect(&manifest, &mut found);
    found
}

fn collect(table: &toml::Table, found: &mut BTreeSet<String>) {
    for (key, value) in table {
        let Some(inner) = value.as_table() else { continue };
        if key.ends_with("dependencies") {
            // A renamed dependency says its real name in `package`.
            found.extend(
                inner
                    .iter()
                    .map(|(name, spec)| spec.get("package").and_then(|p| p.as_str()).unwrap_or(name).to_owned()),
            );
        } else if key == "target" || key.starts_with("cfg(") {
            collect(inner, found);
        }
    }
}

fn ours(package: &str) -> BTreeSet<String> {
    dependencies(package).into_iter().filter(|d| d.starts_with("jiesu")).collect()
}

#[test]
fn domain_imports_none_of_the_others() {
    assert_eq!(ours("domain"), BTreeSet::new());
}

#[test]
fn store_text_and_channels_do_not_know_each_other() {
    for package in ["store", "text", "channels"] {
        // The testkit makes databases for tests and knows none of the others.
        let allowed = BTreeSet::from(["jiesu-domain", "jiesu-testkit"].map(str::to_owned));
        assert!(ours(package).is_subset(&allowed), "{package} imports {:?}", ours(package));
    }
}

/// Lives are lived by the domain's rules alone; only who composes, the server, may use them outside of tests.
#[test]
fn lives_know_the_domain_and_nothing_else() {
    let known = ["jiesu-domain", "jiff", "serde", "serde_json", "toml"];
    assert_eq!(dependencies("lives"), BTreeSet::from(known.map(str::to_owned)));
    for package in ["domain", "store", "text", "channels"] {
        assert!(!ours(package).contains("jiesu-lives"), "{package} imports lives");
    }
}

/// A clock, a socket, a database or a source of chance would come in through a new dependency: each one is looked at here first.
#[test]
fn domain_depends_on_nothing_that_reaches_outside() {
    let known = ["jiff", "proptest", "serde", "serde_json", "thiserror", "toml", "utoipa"];
    assert_eq!(dependencies("domain"), BTreeSet::from(known.map(str::to_owned)));
}

/// Every member of the workspace is one that these tests know.
#[test]
fn no_crate_is_overlooked() {
    let workspace: toml::Table = toml::from_str(&read(root().join("Cargo.toml"))).unwrap();
    let members = workspace["workspace"]["members"].as_array().unwrap();
    let members: BTreeSet<&str> = members.iter().map(|m| m.as_str().unwrap()).collect();
    let known = [
        "crates/channels",
        "crates/domain",
        "crates/lives",
        "crates/server",
        "crates/store",
        "crates/testkit",
        "crates/text",
    ];
    assert_eq!(members, BTreeSet::from(known));
}
