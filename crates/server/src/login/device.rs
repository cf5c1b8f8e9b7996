//! With what somebody logs in, in words that they know their own sessions by. The header itself is not kept.

use axum::http::{HeaderMap, header};

/// From the first that fits: what comes later is also said by those before.
const BROWSERS: [(&str, &str); 10] = [
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("QQBrowser", "QQ浏览器"),
    ("360SE", "360浏览器"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("MSIE", "IE"),
    ("curl/", "curl"),
];
const SYSTEMS: [(&str, &str); 10] = [
    ("OpenHarmony", "鸿蒙"),
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("UOS", "统信UOS"),
    ("Kylin", "麒麟"),
    ("Linux", "Linux"),
];

/// E.g. `Chrome · Windows`.
pub fn device(headers: &HeaderMap) -> String {
    let said = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let of = |table: &[(&str, &'static str)]| table.iter().find(|(part, _)| said.contains(part)).map(|(_, name)| *name);
    match (of(&BROWSERS), of(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "其他程序".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_call_it() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        for (said, words) in [
            (chrome.to_owned(), "Chrome · Windows"),
            (format!("{chrome} Edg/140.0"), "Edge · Windows"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into(), "Firefox · Linux"),
            ("curl/8.5".into(), "curl"),
            ("<script>".into(), "其他程序"),
        ] {
            let headers = HeaderMap::from_iter([(header::USER_AGENT, said.parse().unwrap())]);
            assert_eq!(device(&headers), words, "{said}");
        }
        assert_eq!(device(&HeaderMap::new()), "其他程序");
    }
}
