//! What the demo's units have put into the knowledge base: made up, like its tickets.

use std::{error::Error, sync::Arc};

use jiesu_domain::{
    Actor, Role,
    knowledge::{Command, Content, Guide, Section, Source},
};

use super::accounts;
use crate::app::App;

/// The unit it suits best, the column, the question or title, the text, other words for it.
type Told = (&'static str, Section, &'static str, &'static str, &'static [&'static str]);

const ENTRIES: &[Told] = &[
    (
        "chengguan",
        Section::Daily,
        "路灯不亮找谁修？",
        "主次干道和小区外的路灯由城市管理局维修，请告知路名和灯杆编号，一般在次日修复。小区里的路灯由物业公司维修。",
        &["街灯", "夜里没灯"],
    ),
    (
        "chengguan",
        Section::Daily,
        "流动摊贩占道经营、夜市油烟扰民怎样反映？",
        "请告知地点和出摊时段，城市管理局到现场劝离；固定夜市须在划定的时段和区域内经营，油烟须经净化后排放。",
        &["摆摊", "烧烤"],
    ),
    (
        "gongan",
        Section::Daily,
        "身份证丢了怎样补办？",
        "本人带户口簿到就近派出所户籍窗口申请补领，也可以在异地办理；二十日内制发，急需的可以同时申领临时身份证。",
        &["补身份证", "身份证遗失"],
    ),
    (
        "renshe",
        Section::Daily,
        "灵活就业人员怎样参加养老保险？",
        "带身份证到户籍地或就业地的社会保险经办窗口登记，也可以在网上办理；缴费档次每年可以调整一次。",
        &["个人交社保", "自己交养老金"],
    ),
    (
        "renshe",
        Section::Daily,
        "拖欠农民工工资到哪里投诉？",
        "到项目所在地的劳动保障监察机构投诉，带上考勤、工资条或者能证明干活的材料；也可以由热线登记后转办。",
        &["欠薪", "讨工资", "老板不给钱"],
    ),
    (
        "zhujian",
        Section::Daily,
        "小区物业费怎样定、涨价要谁同意？",
        "普通住宅前期物业费实行政府指导价；成立业主大会后由业主和物业公司约定，调整须经业主大会依法表决同意。",
        &["物业涨价"],
    ),
    (
        "shuiwu",
        Section::Other,
        "计划停水在哪里查询？",
        "计划停水提前二十四小时在水务公司网站和小区公告栏公布；突发爆管的抢修进度可以向热线询问。",
        &["没有水", "断水"],
    ),
];

/// Fills the knowledge base: entries that are said, one with a report of an error, one under review, a question that waits.
///
/// # Errors
/// An entry is wrong, or the store failed.
pub(super) async fn fill(app: &Arc<App>) -> Result<(), Box<dyn Error>> {
    let known = accounts(&app.jurisdiction, &app.units());
    let handlers: Vec<Actor> = known
        .iter()
        .filter(|a| a.role == Role::Handler)
        .map(|a| Actor { id: a.login.clone(), role: a.role, unit: a.unit.clone() })
        .collect();
    let staff = |role: Role| Actor { id: role.code().into(), role, unit: None };
    let Some(any) = handlers.first() else { return Ok(()) };
    let of = |unit: &str| handlers.iter().find(|h| h.unit.as_deref() == Some(unit)).unwrap_or(any);
    let mut first = None;
    for (unit, section, title, text, words) in ENTRIES {
        let content = content(*section, title, text, words);
        let command = Command::Submit { content: Box::new(content), secrecy_checked: true, script: false };
        let entry = app.new_knowledge(of(unit), &command).await?;
        let publish = Command::Publish { note: String::new() };
        app.carry_out_knowledge(&staff(Role::Reviewer), &entry, &publish, None).await?;
        first.get_or_insert(entry);
    }
    if let Some(entry) = first {
        let wrong =
            Command::ReportError { what: "听市民说城区路灯已改由照明中心维修，请核对".into() };
        app.carry_out_knowledge(&staff(Role::Seat), &entry, &wrong, None).await?;
    }
    let guide = Content {
        guide: Some(guide()),
        sources: vec![source()],
        ..content(
            Section::Guide,
            "临街店铺设置招牌怎样办理",
            "在临街建筑物外立面设置店铺招牌，设置前办理登记；不收费，当场办结。",
            &["店招", "门头"],
        )
    };
    let command = Command::Submit { content: Box::new(guide), secrecy_checked: true, script: false };
    app.new_knowledge(of("chengguan"), &command).await?;
    let ask = Command::Ask {
        unit: of("gongan").unit.clone().unwrap_or_default(),
        question: "电动自行车怎样上牌？要带哪些材料".into(),
        urgent: false,
        reminded: None,
    };
    app.new_knowledge(&staff(Role::KnowledgeClerk), &ask).await?;
    Ok(())
}

fn content(section: Section, title: &str, text: &str, words: &[&str]) -> Content {
    Content {
        section,
        title: title.into(),
        text: text.into(),
        guide: None,
        sources: Vec::new(),
        files: Vec::new(),
        words: words.iter().map(|w| (*w).to_owned()).collect(),
        open: true,
        effective_on: None,
        expires_on: None,
        policy: None,
    }
}

fn source() -> Source {
    Source { name: "店铺招牌设置登记办事指南（演示）".into(), address: String::new() }
}

fn guide() -> Guide {
    Guide {
        process: "一、窗口或者网上提交；二、当场核对；三、领取登记回执。".into(),
        materials: "营业执照、店招效果图、房屋使用证明".into(),
        conditions: "不遮挡消防通道、交通标志和相邻住户的采光".into(),
        fee: "不收费".into(),
        office: "政务服务中心城管窗口".into(),
        place: "政务服务中心二楼".into(),
        hours: "工作日9:00—12:00、13:30—17:00".into(),
        phone: "政务服务中心总机转城管窗口".into(),
        ..Guide::default()
    }
}
