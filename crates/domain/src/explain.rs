//! Why, as one sentence in Chinese: for a refusal, an entry of the ledger, conduct that was put forward, and what is left out of an
//! assessment. A due instant has its own ([`crate::describe::sentence`]). Whatever rests on a reading says the reading.

use crate::{
    Basis, Rulebook, describe,
    ticket::{Conduct, ConductState, Exclusion, ExclusionState, LedgerEntry, LedgerState, Refusal},
};

/// `依据第十四条`, or the other law, the catalogue, or that the text is silent.
pub fn ground(basis: &Basis) -> String {
    let article = basis.article.as_str();
    match (&basis.law, &basis.catalogue) {
        (Some(law), _) => format!("依据{law}（{article}从其规定）"),
        (None, Some(entry)) if article.is_empty() => format!("依据{entry}"),
        (None, Some(entry)) => format!("依据{entry}（{article}）"),
        (None, None) if article.is_empty() => "条文未规定，依我们的理解".to_owned(),
        (None, None) => format!("依据{article}"),
    }
}

/// The ground, and in words each reading it rests on: `依据第十六条；我们的理解：延期怎样计算？自原到期日的次日起计算…`.
pub fn ground_with_readings(basis: &Basis, book: &Rulebook) -> String {
    let mut s = ground(basis);
    let readings: Vec<String> = basis
        .readings
        .iter()
        .filter_map(|id| book.reading(id))
        .map(|a| format!("{}{}{}", a.question, a.answer, if a.default { "（默认值，可以更改）" } else { "" }))
        .collect();
    if !readings.is_empty() {
        s.push_str(&format!("；我们的理解：{}", readings.join("；")));
    }
    s
}

/// `不予办理：延期须在到期前申请；依据第十六条；我们的理解：…`.
pub fn refusal(refusal: &Refusal, book: &Rulebook) -> String {
    match &refusal.basis {
        Some(basis) => format!("不予办理：{}；{}", refusal.message, ground_with_readings(basis, book)),
        None => format!("不予办理：{}", refusal.message),
    }
}

/// `5月12日，城市管理局因“在规定时限内未办结”列为督办线索，待判断；依据第十三条（五）`.
pub fn supervision(entry: &LedgerEntry, unit: &str, book: &Rulebook) -> String {
    let name = if entry.name.is_empty() { &entry.ground } else { &entry.name };
    let stands = match &entry.state {
        LedgerState::Proposed => "列为督办线索，待判断".to_owned(),
        LedgerState::Open { fault } => format!("列入督办台账（{fault}）"),
        LedgerState::Measured { measure, name, rectification, .. } => {
            let measure = if name.is_empty() { measure } else { name };
            let reported = if rectification.is_some() { "已报告整改" } else { "限期整改" };
            format!("列入督办台账，已{measure}，{reported}")
        }
        LedgerState::Ended { result } => format!("督办已销号（{result}）"),
        LedgerState::Dismissed { reason } => format!("不予督办（{reason}）"),
    };
    let at = describe::date_words(crate::calendar::Day::of(entry.at));
    format!("{at}，{unit}因“{name}”{stands}；{}", ground_with_readings(&entry.basis, book))
}

/// `城市管理局“发回重办2次以上”，系统发现：发回重办2次，待认定；依据第四部分1。是否追究责任由有权机关决定`.
pub fn conduct(conduct: &Conduct, unit: &str, book: &Rulebook) -> String {
    let stands = match conduct.state {
        ConductState::Found => "待认定",
        ConductState::Recorded => "已记录",
        ConductState::Dismissed => "已排除",
    };
    let ground = ground_with_readings(&conduct.basis, book);
    format!("{unit}“{}”，{}，{stands}；{ground}。是否追究责任由有权机关决定", conduct.name, conduct.evidence)
}

/// `城市管理局以“不可抗力”申请不纳入考核，待审核；依据…`.
pub fn exclusion(exclusion: &Exclusion, unit: &str, book: &Rulebook) -> String {
    let note = if exclusion.note.is_empty() { String::new() } else { format!("（{}）", exclusion.note) };
    let ground = ground_with_readings(&exclusion.basis, book);
    // The state's own name says what is counted; the sentence says what became of the application.
    let stands = match exclusion.state {
        ExclusionState::Asked => "待审核",
        ExclusionState::Approved => "已获同意",
        ExclusionState::Refused => "未获同意",
        ExclusionState::Appealed => "未获同意，已申诉，待裁定",
        ExclusionState::Final => "经申诉裁定，维持纳入考核",
    };
    format!("{unit}以“{}”申请不纳入考核，{stands}{note}；{ground}", exclusion.name)
}
