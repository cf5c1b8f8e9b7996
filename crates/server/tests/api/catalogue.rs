//! The dispatch catalogue over the API: the version in force, all of them, and what one changes.

use jiesu_server::law::Law;
use serde_json::{Value, json};

use super::harness::Centre;

const SECOND: &str = "[catalogue]\nrulebook = \"shangrao\"\nversion = 2\nin_force = 2026-07-01\nnote = \"批准文号\"\n\
    [[entry]]\nid = \"CG-002\"\nmatter = \"路灯故障\"\nlead = \"zhujian\"\noffice = \"市政科\"\nnot_to_towns = true\n\
    assist_limit = \"2 working days\"\nlaw = \"某条例\"\n\
    by_place.xinzhou = { lead = \"xinzhou\", assists = [\"chengguan\"] }\nby_place.\"老城\" = { office = \"老城队\" }\n";

/// A centre whose data folder has a second version.
async fn centre(time: &str) -> Centre {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("rulebooks")).unwrap();
    std::fs::write(dir.path().join("rulebooks/shangrao-catalogue-2.toml"), SECOND).unwrap();
    Centre::at(time).await.reopened(Law::load(Some(dir.path())).unwrap()).await
}

#[tokio::test]
async fn the_version_in_force_is_shown() {
    // The last second of the day before, and the first of the day (Wednesday) itself.
    let before = centre("2026-06-30 23:59").await.get("seat", "/api/v1/catalogue").await.ok();
    assert!(before.as_array().unwrap().len() > 20 && before[0]["version"] == 1, "{before}");
    assert_eq!((&before[0]["id"], &before[0]["in_force"]), (&json!("CG-001"), &json!("2022-01-01")));
    let after = centre("2026-07-01 00:00").await.get("seat", "/api/v1/catalogue").await.ok();
    let lamp = json!([{
        "id": "CG-002", "version": 2, "in_force": "2026-07-01", "matter": "路灯故障", "law": "某条例", "lead": "zhujian",
        "lead_name": "住房和城乡建设局", "assists": [], "assist_limit": "2 working days", "office": "市政科",
        "not_to_towns": true, "emergency": false,
        "by_place": [
            { "place": "xinzhou", "place_name": "信州区人民政府", "lead": "xinzhou", "lead_name": "信州区人民政府", "assists": ["chengguan"] },
            { "place": "老城", "place_name": "老城", "assists": [], "office": "老城队" },
        ],
    }]);
    assert_eq!(after, lamp);
}

#[tokio::test]
async fn versions_and_changes_are_told() {
    let c = centre("2026-06-30 09:00").await;
    let versions = c.get("seat", "/api/v1/catalogue/versions").await.ok();
    let told = |v: &Value| (v["version"].clone(), v["holds"].clone(), v["default"].clone(), v["note"].clone());
    assert_eq!(told(&versions[0]), (json!(1), json!(true), json!(true), json!("默认目录，不是法定目录")));
    assert_eq!(told(&versions[1]), (json!(2), json!(false), json!(false), json!("批准文号")));
    assert_eq!((&versions[1]["entries"], versions.as_array().unwrap().len()), (&json!(1), 2));

    let changes = c.get("seat", "/api/v1/catalogue/changes?from=1&to=2").await.ok();
    assert_eq!((&changes[0]["id"], &changes[0]["kind"]), (&json!("CG-002"), &json!("changed")));
    let text = changes[0]["text"].as_str().unwrap();
    assert!(text.starts_with("路灯故障：法律依据定为某条例；主办单位由城市管理局改为住房和城乡建设局；"), "{text}");
    assert!(text.contains("新增分地区“信州区人民政府”主办单位信州区人民政府、协办单位城市管理局"), "{text}");
    assert_eq!(changes[1]["kind"], "removed");
    assert_eq!(c.get("seat", "/api/v1/catalogue/changes?from=2&to=2").await.ok(), json!([]));
    let missing = c.get("seat", "/api/v1/catalogue/changes?from=1&to=3").await.problem(404);
    assert!(missing["detail"].as_str().unwrap().contains("没有第3版"), "{missing}");
    c.get("seat", "/api/v1/catalogue/changes?from=1").await.problem(400);
    c.get("seat", "/api/v1/catalogue/changes?from=1&to=two").await.problem(400);
}
