//! What browsers are told, on every kind of page.

use super::harness::Centre;

const TIME: &str = "2026-04-30 09:00";

#[tokio::test]
async fn every_answer_says_what_a_browser_may_do_with_it() {
    let c = Centre::at(TIME).await;
    for path in [
        "/",
        "/progress",
        "/portal.css",
        "/nowhere",
        "/anchors",
        "/console/",
        "/api/v1/session",
        "/api/v1/nowhere",
        "/healthz",
    ] {
        let answer = c.call(None, "GET", path, None, &[]).await;
        let said = |name: &str| answer.headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(said(name), value, "{path}: {name}");
        }
        assert!(said("permissions-policy").contains("camera=()"), "{path}");
        let policy = said("content-security-policy");
        for part in [
            "default-src 'self'",
            "object-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
    }
}

/// Whatever has a body says what it is, and text in which letters.
#[tokio::test]
async fn every_answer_names_its_content() {
    let c = Centre::at(TIME).await;
    for path in [
        "/",
        "/about",
        "/portal.css",
        "/nowhere",
        "/anchors",
        "/anchors/latest",
        "/console/",
        "/api/v1/session",
        "/healthz",
    ] {
        let answer = c.call(None, "GET", path, None, &[]).await;
        let kind = answer.headers["content-type"].to_str().unwrap();
        assert!(!kind.starts_with("text/") || kind.contains("charset=utf-8"), "{path}: {kind}");
    }
}

#[tokio::test]
async fn what_the_staff_sees_stays_in_no_cache() {
    let c = Centre::at(TIME).await;
    for path in ["/api/v1/session", "/api/v1/tickets", "/api/v1/units", "/api/v1/nowhere"] {
        let answer = c.get("dispatcher", path).await;
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
    }
}

/// Pages of the portal have no style or script in them; the console's page lets in styles that show its number, another one each time.
#[tokio::test]
async fn no_page_has_script_or_style_in_it() {
    let c = Centre::at(TIME).await;
    for path in ["/", "/about", "/submit", "/progress", "/console/"] {
        let page = c.call(None, "GET", path, None, &[]).await.text;
        let lower = page.to_lowercase();
        for inline in ["<style", " style=", " onclick=", " onload=", "javascript:"] {
            assert!(!lower.contains(inline), "{path}: {inline}");
        }
        for script in lower.split("<script").skip(1) {
            let (tag, body) = script.split_once('>').unwrap();
            assert!(tag.contains("src=") && body.trim_start().starts_with("</script"), "{path}: {tag}");
        }
    }
}

#[tokio::test]
async fn the_number_of_the_console_s_page_is_another_one_each_time() {
    let c = Centre::at(TIME).await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let page = c.call(None, "GET", "/console/", None, &[]).await;
        if page.status == 404 {
            return println!("skipped: the console is not built");
        }
        let policy = page.headers["content-security-policy"].to_str().unwrap().to_owned();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        assert!(nonce.len() >= 22 && page.text.contains(&format!("content=\"{nonce}\"")), "{policy}");
        assert_eq!(page.headers["cache-control"], "no-store", "a kept page would keep its number");
        assert!(seen.insert(nonce));
    }
}
