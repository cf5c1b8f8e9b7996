//! Regulations' texts cut into places, and citations held against them.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "reads the real texts, and says when it skips"
)]

use std::path::PathBuf;

use jiesu_domain::rulebook::{
    line_of,
    source::{Checked, Shape, Source, check, citations, order},
};

const ARTICLES: &str = "\
某市热线办法
(2024年1月5日公布)
第一章 总 则
第一条 为了规范,制定本办法。
第二条　热线受理下列事项:
(一)咨询;
（二）求助,包括:
1.生活求助;
2.其他求助。
( 三 )投诉。
第二章
第三条  热线受理诉求。
属于下列情形的,分类处理:
(一)紧急事项的,告知诉求人拨打
专线;
（二）已办结的,告知结果。
以上情形应当记录。
第四条 本办法自公布之日起施行。
";

const NOTICE: &str = "\
二、关于热线工作
(一)背景。不属于通知。
三、提请审议事项
(一)下发文件。

附件2
关于热线办理工作的通知
一、规范流程
近年以来,问题较多。
(一)签收。1个工作日内签收。
(二)延期。时限如下:
1.咨询类:最多1次,最长时限
不超过3个工作日;
2.其他类,分两种:
(1)求助的,2次;
(2)投诉的,1次。
3.法律另有规定的,从其规定。
二、监督
每月出简报。
有下列情形的通报:
1.两次催办仍不回复的;
2.退件1.5倍的。
此通知自下发之日起执行。
";

const REPORT: &str = "\
《某市条例》表决通过
发布日期:2021-09-26  来源:某报  作者:
  昨天下午,《某市条例》表决通过,自公布之日起施行,今后诉求人提出诉求不受非法干预,这一段足够长。
  提升派单精准度 工单注明办理时限
  《条例》规定,对权责明确、管辖清晰的,直接派单至承办单位。
  办理时限由市政务服务部门会同有关部门确定。
  推诿、敷衍、弄虚作假等行为
  或将被处分
  《条例》明确,对负有责任的人员依法给予处分。
  文/本报记者 某某
";

fn names(source: &Source) -> Vec<&str> {
    source.places().iter().map(|p| p.name.as_str()).collect()
}

fn units(source: &Source) -> Vec<&str> {
    source.units().map(|p| p.name.as_str()).collect()
}

fn found(source: &Source, citation: &str) -> Vec<String> {
    source.find(citation).unwrap().iter().map(|p| p.name.clone()).collect()
}

#[test]
fn articles_hold_items_and_paragraphs() {
    let source = Source::parse(ARTICLES);
    assert_eq!(source.shape, Shape::Articles);
    let wanted = [
        "第一条",
        "第二条",
        "第二条（一）",
        "第二条（二）",
        "第二条（二）1",
        "第二条（二）2",
        "第二条（三）",
        "第三条",
        "第三条第一款",
        "第三条第二款",
        "第三条（一）",
        "第三条（二）",
        "第三条第三款",
        "第四条",
    ];
    assert_eq!(names(&source), wanted);
    assert_eq!(units(&source), ["第一条", "第二条", "第三条", "第四条"]);
    let text = |name: &str| source.places().iter().find(|p| p.name == name).unwrap().text.clone();
    assert_eq!(text("第三条（一）"), "紧急事项的,告知诉求人拨打专线;", "a broken line goes on");
    assert_eq!(text("第三条第三款"), "以上情形应当记录。");
    assert!(text("第三条").ends_with("告知结果。\n以上情形应当记录。"), "an article holds what lies in it");
    assert!(text("第三条第二款").contains("已办结的") && !text("第三条第二款").contains("以上"));
    assert_eq!(text("第二条（三）"), "投诉。", "a chapter ends an article");
    assert_eq!(source.places()[7].line, 12);
}

#[test]
fn only_the_enclosed_notice_is_read() {
    let source = Source::parse(NOTICE);
    assert_eq!(source.shape, Shape::Parts);
    let wanted = [
        "第一部分",
        "第一部分（一）",
        "第一部分（二）",
        "第一部分（二）1",
        "第一部分（二）2",
        "第一部分（二）2（1）",
        "第一部分（二）2（2）",
        "第一部分（二）3",
        "第二部分",
        "第二部分第一段",
        "第二部分第二段",
        "第二部分1",
        "第二部分2",
        "第二部分第三段",
    ];
    assert_eq!(names(&source), wanted);
    assert_eq!(units(&source), ["第一部分（一）", "第一部分（二）", "第二部分"], "sections, and a part without any");
    assert_eq!(source.find("第一部分（二）1").unwrap()[0].text, "咨询类:最多1次,最长时限不超过3个工作日;");
    assert_eq!(source.find("第二部分第三段").unwrap()[0].text, "此通知自下发之日起执行。");
    assert_eq!(source.find("第一部分").unwrap()[0].line, 8);
    // The same text without an enclosure: the report itself.
    let report = NOTICE.split("附件2").next().unwrap().replace("二、", "一、").replace("三、", "二、");
    assert_eq!(units(&Source::parse(&report)), ["第一部分（一）", "第二部分（一）"]);
}

#[test]
fn a_report_has_headlines() {
    let source = Source::parse(REPORT);
    assert_eq!(source.shape, Shape::Headlines);
    let wanted = ["《某市条例》表决通过", "提升派单精准度 工单注明办理时限", "推诿、敷衍、弄虚作假等行为 或将被处分"];
    assert_eq!(names(&source), wanted);
    assert_eq!(units(&source), wanted);
    assert!(source.places()[1].text.ends_with("会同有关部门确定。"));
    assert!(!source.places()[0].text.contains("发布日期") && !source.places()[2].text.contains("记者"));
    assert_eq!(found(&source, "提升派单精准度　工单注明办理时限"), [wanted[1]]);
    assert_eq!(found(&source, "工单注明办理时限"), [wanted[1]], "a half is enough");
    assert_eq!(found(&source, "推诿、敷衍、弄虚作假等行为、提升派单精准度 工单注明办理时限"), [wanted[2], wanted[1]]);
    for wrong in ["提升派单", "提升派单精准度、", "第一条", ""] {
        assert!(source.find(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn citations_are_understood() {
    let source = Source::parse(ARTICLES);
    assert_eq!(found(&source, "第二条(一)、 第四条"), ["第二条（一）", "第四条"]);
    assert_eq!(found(&source, "第二条（一）和（三）"), ["第二条（一）", "第二条（三）"]);
    assert_eq!(found(&source, "第二条第（二）项，第二条第三项"), ["第二条（二）", "第二条（三）"]);
    assert_eq!(found(&source, "第二条（二）2."), ["第二条（二）2"]);
    assert_eq!(found(&source, "第一条至第三条"), ["第一条", "第二条", "第三条"]);
    assert_eq!(found(&source, "第二条（一）至（三）、第四条").len(), 4);
    assert_eq!(found(&source, "第3条第二款（一）"), ["第三条（一）"]);
    assert_eq!(found(&source, "第三条第二款"), ["第三条第二款"]);
    let wrong = [
        ("第五条", "“第五条”不在原文之中"),
        ("第二条（四）", "“第二条（四）”不在原文之中"),
        ("第三条第一款（一）", "“第三条第一款（一）”不在原文之中"),
        ("第三条至第五条", "“第五条”不在原文之中"),
        ("第三条至第二条", "由小到大"),
        ("第二条至（三）", "同一层次"),
        ("民法典第二条", "不是条文的写法"),
        ("第二条（一）（二）", "不是条文的写法"),
        ("（一）", "不是条文的写法"),
        ("第二条、", "不是条文的写法"),
        ("", "不是条文的写法"),
    ];
    for (citation, why) in wrong {
        let error = source.find(citation).unwrap_err();
        assert!(error.contains(why), "{citation}: {error}");
    }
    let notice = Source::parse(NOTICE);
    assert_eq!(found(&notice, "第一部分（二）2（1）、（2）"), ["第一部分（二）2（1）", "第一部分（二）2（2）"]);
    assert_eq!(found(&notice, "第一部分（二）1至3").len(), 3);
    assert!(notice.find("第三部分").is_err(), "a part of the report around it");
}

/// A paragraph may begin with the name of another article.
#[test]
fn a_reference_opens_no_article() {
    let source = Source::parse(
        "第一条 甲。\n第九条规定的情形除外。\n第一条所称甲,\n第三条 另有所指。\n第二条乙。\n第八条 丙。\n",
    );
    assert_eq!(units(&source), ["第一条", "第二条", "第八条"]);
    assert_eq!(source.find("第一条第三款").unwrap()[0].text, "第一条所称甲,第三条 另有所指。");
}

/// Two lists in one article count from one each.
#[test]
fn items_of_two_paragraphs_are_told_apart() {
    let source = Source::parse("第一条 甲应当:\n(一)子;\n(二)丑。\n乙应当:\n(一)寅。\n");
    assert_eq!(found(&source, "第一条（二）"), ["第一条（二）"]);
    assert!(source.find("第一条（一）").unwrap_err().contains("须写明第几款"));
    assert_eq!(source.find("第一条第二款（一）").unwrap()[0].text, "寅。");
    assert!(names(&source).contains(&"第一条第一款（一）"));
}

#[test]
fn citations_sort_as_the_text_does() {
    let mut cited = ["第二十条", "第十三条（十）", "第三条第二款", "第十三条（二）、第一条", "第三条", "第十三条"];
    cited.sort_by_key(|c| order(c));
    assert_eq!(cited, ["第三条", "第三条第二款", "第十三条", "第十三条（二）、第一条", "第十三条（十）", "第二十条"]);
    assert_eq!(order("提升派单精准度"), None);
    assert!(order("第一部分（二）2（1）") < order("第一部分（三）"));
}

/// A file with these citations and entries held against the articles above.
fn checked(text: &str, cited: &[&str], not_encoded: &[(&str, &str)]) -> (Checked, String) {
    let mut file = String::from("[rulebook]\nid = \"x\"\n");
    for (i, article) in cited.iter().enumerate() {
        file.push_str(&format!("[[limit]]\nid = \"l{i}\"\narticle = \"{article}\"\n"));
    }
    for (article, reason) in not_encoded {
        file.push_str(&format!("[[not_encoded]]\narticle = \"{article}\"\nreason = \"{reason}\"\n"));
    }
    let (cited, listed) = citations(&toml::from_str(&file).unwrap());
    (check(&Source::parse(text), &cited, &listed), file)
}

/// What it says, each with its line.
fn told(text: &str, cited: &[&str], not_encoded: &[(&str, &str)]) -> Vec<String> {
    let (checked, file) = checked(text, cited, not_encoded);
    checked.findings.iter().map(|f| format!("{} {:?} {}", line_of(&file, &f.path), f.severity, f.message)).collect()
}

#[test]
fn a_file_that_covers_its_text_is_sound() {
    let (checked, _) =
        checked(ARTICLES, &["第二条", "第三条（一）、（二）"], &[("第一条", "宗旨"), ("第四条", "施行")]);
    assert_eq!(checked.findings, []);
    assert_eq!((checked.units, checked.cited, checked.listed), (4, 2, 2));
    // A range, a paragraph, and every item by itself.
    let items = [("第二条（一）至（二）", "无"), ("第二条（三）", "无"), ("第四条", "施行")];
    assert!(told(ARTICLES, &["第三条第二款", "第一条"], &items).is_empty());
    // A whole article cited, and one item of it said to be left out.
    assert!(told(ARTICLES, &["第一条至第四条"], &[("第二条（三）", "另有系统")]).is_empty());
    assert!(told(NOTICE, &["第一部分（二）"], &[("第一部分（一）", "无"), ("第二部分", "无")]).is_empty());
    assert!(told(NOTICE, &["第一部分", "第二部分"], &[]).is_empty(), "a part covers its sections");
}

#[test]
fn what_nobody_looked_at_is_an_error() {
    let told = told(ARTICLES, &["第二条"], &[("第一条", "宗旨"), ("第三条（一）", "无")]);
    let wanted = [
        "6 Error 原文第12行“第三条”（热线受理诉求…）没有规则引用，[[not_encoded]] 也只列了其中一部分，缺“第三条（二）”",
        "6 Error 原文第18行“第四条”（本办法自公布之日起施行）既没有规则引用，也没有列入 [[not_encoded]]",
    ];
    assert_eq!(told, wanted);
}

#[test]
fn citations_that_are_not_there_are_errors() {
    let told = told(ARTICLES, &["第一条至第四条", "第九条"], &[("第二条（九）", "无"), ("第二条（一）", "  ")]);
    let wanted = [
        "8 Error 引用的条文“第九条”不在原文之中",
        "10 Error 未编入的条文“第二条（九）”不在原文之中",
        "14 Error “第二条（一）”未编入的理由（reason）为空",
    ];
    assert_eq!(told, wanted);
}

#[test]
fn contradictions_are_errors() {
    let listed = [("第三条", "甲"), ("第一条", "乙"), ("第一条", "丙"), ("第四条", "丁")];
    let told = told(ARTICLES, &["第二条", "第三条（一）、（二）"], &listed);
    let wanted = [
        "10 Error “第三条”列为未编入，但有规则引用了“第三条（一）”、“第三条（二）”",
        "16 Error “第一条”列为未编入两次",
    ];
    assert_eq!(told, wanted);
}

#[test]
fn an_item_listed_again_with_its_article_is_listed_twice() {
    let listed = [("第二条", "甲"), ("第二条（一）", "乙")];
    let told = told(ARTICLES, &["第一条", "第三条", "第四条"], &listed);
    assert_eq!(told, ["16 Error “第二条（一）”列为未编入两次（另一处为“第二条”）"]);
    let listed = [("第二条（一）", "甲"), ("第二条", "乙")];
    let told = self::told(ARTICLES, &["第一条", "第三条", "第四条"], &listed);
    assert_eq!(told, ["16 Error “第二条”列为未编入两次（另一处为“第二条（一）”）"]);
}

#[test]
fn items_beside_a_cited_one_are_notes() {
    let all = ["第一条", "第三条第二款", "第四条"];
    let with = |item| [&all[..], &[item]].concat();
    let note = |told: Vec<String>| {
        assert_eq!(told.len(), 1, "{told:?}");
        told[0].clone()
    };
    let told_of = |item, listed: &[(&str, &str)]| told(ARTICLES, &with(item), listed);
    assert_eq!(
        note(told_of("第二条（一）", &[])),
        "1 Note “第二条（二）”、“第二条（三）”既没有规则引用，也没有列入 [[not_encoded]]（“第二条”的其他项有规则引用）"
    );
    assert_eq!(told_of("第二条（一）", &[("第二条（二）、（三）", "无")]), [""; 0]);
    // At every level; an item with something cited in it is not silent.
    let listed = [("第二条（一）", "无"), ("第二条（三）", "无")];
    assert!(note(told_of("第二条（二）1", &listed)).contains("“第二条（二）2”既没有"));
    // Sections of a notice are errors already, and no notes.
    let sections = told(NOTICE, &["第一部分（一）", "第二部分"], &[]);
    assert_eq!(sections.len(), 1, "{sections:?}");
    assert!(sections[0].contains("Error") && sections[0].contains("“第一部分（二）”"), "{sections:?}");
}

#[test]
fn a_text_with_a_hole_is_noted() {
    let holed = ARTICLES.replace("第三条  热线受理诉求。\n", "");
    let told = told(&holed, &["第一条、第二条、第四条"], &[]);
    assert_eq!(told, ["1 Note 原文中“第四条”之前缺1处，请核对原文是否完整"]);
    let nothing = self::told("不相干的一段文字，既没有条也没有部分。", &["第一条"], &[]);
    assert_eq!(nothing.len(), 1);
    assert!(nothing[0].contains("没有从原文中认出条文"), "{nothing:?}");
}

/// Whatever sections a file has: keys named `article` anywhere, `[[not_encoded]]` apart.
#[test]
fn citations_are_collected_wherever_they_stand() {
    let file = "[a]\narticle = \"第一条\"\n[[b]]\nx = { article = \"第二条\" }\n[[b]]\narticle = \"\"\n[[not_encoded]]\n\
                article = \"第三条\"\n";
    let (cited, listed) = citations(&toml::from_str(file).unwrap());
    let cited: Vec<String> = cited.iter().map(|c| format!("{} {}", c.path.join("."), c.article)).collect();
    assert_eq!(cited, ["a.article 第一条", "b.0.x.article 第二条"]);
    assert_eq!((listed.len(), listed[0].article.as_str(), listed[0].reason.as_str()), (1, "第三条", ""));
}

/// The folder with the real texts, if there is one: `JIESU_DATA_FOLDER`, or `regulations` in or beside it.
fn real(name: &str) -> Option<Source> {
    let folder = PathBuf::from(std::env::var_os("JIESU_DATA_FOLDER")?);
    let places = [folder.clone(), folder.join("regulations"), folder.join("../regulations")];
    let file = places.iter().map(|f| f.join(name)).find(|f| f.is_file())?;
    Some(Source::parse(&std::fs::read_to_string(file).unwrap()))
}

#[test]
fn the_real_texts_are_cut_as_they_are_numbered() {
    let texts = ["zhongshan", "heyuan", "shangrao", "qidong", "beijing"].map(|n| real(&format!("{n}.txt")));
    let [Some(zhongshan), Some(heyuan), Some(shangrao), Some(qidong), Some(beijing)] = texts else {
        println!("skipped: no texts of the regulations (set JIESU_DATA_FOLDER)");
        return;
    };
    for (source, articles) in [(&zhongshan, 40), (&heyuan, 25), (&shangrao, 33)] {
        assert_eq!(source.shape, Shape::Articles);
        assert_eq!(source.units().count(), articles);
        let last = source.units().last().unwrap();
        assert_eq!(last.name, source.find(&format!("第{articles}条")).unwrap()[0].name);
        assert!(check(source, &[], &[]).notes().next().is_none(), "no number is left out");
    }
    let items = |source: &Source, article: &str| {
        let of = |p: &&str| p.strip_prefix(article).is_some_and(|rest| rest.starts_with('（'));
        names(source).into_iter().filter(of).count()
    };
    assert_eq!(["第十三条", "第二十条", "第二十九条", "第三十四条"].map(|a| items(&zhongshan, a)), [4, 5, 4, 3]);
    assert_eq!(["第五条", "第七条", "第八条", "第十三条", "第二十三条"].map(|a| items(&heyuan, a)), [5, 6, 4, 4, 10]);
    assert_eq!(
        ["第七条", "第十一条", "第十三条", "第二十七条", "第二十九条"].map(|a| items(&shangrao, a)),
        [7, 7, 9, 2, 8]
    );
    assert_eq!(
        heyuan.find("第十八条第三款").unwrap()[0].text,
        "行政效能投诉类事项的办理时限,按照《广东省行政效能投诉工作规则》的有关时限执行。"
    );
    assert!(shangrao.find("第三十条第二款").unwrap()[0].text.starts_with("以上责任追究形式"));
    assert!(zhongshan.find("第三十四条第三款").unwrap()[0].text.starts_with("对于经市12345"));

    let sections = |part: &str| units(&qidong).into_iter().filter(|u| u.starts_with(part)).count();
    assert_eq!(["第一部分", "第二部分", "第三部分", "第四部分"].map(sections), [7, 5, 3, 1]);
    assert_eq!(qidong.units().count(), 16);
    for (place, begins) in [
        ("第一部分（四）2", "非紧急类:咨询类工单最多可申请延期1次,最长时限不超过3个工作日"),
        ("第一部分（六）2（2）", "县12345热线交办三次以上"),
        ("第一部分（七）2（1）", "成员单位答复来电人情况不属实"),
        ("第一部分（七）3（5）", "督办事务科"),
        ("第二部分（五）7", "在遇到省拨测电话"),
        ("第四部分6", "上传知识库信息"),
        ("第四部分第三段", "此通知自正式下发之日起"),
    ] {
        assert!(qidong.find(place).unwrap()[0].text.starts_with(begins), "{place}");
    }
    let headlines = [
        "《北京市接诉即办工作条例》表决通过",
        "推进政务服务便民热线归并至12345",
        "诉求人提出诉求不受非法干预",
        "提升派单精准度 工单注明办理时限",
        "首接负责不得推诿 按时反馈办理情况",
        "及时发现问题 推动主动治理",
        "建立健全考评制度 主动治理成效显著给予激励",
        "推诿、敷衍、弄虚作假等行为 或将被处分",
        "延伸 本市已初步梳理出十余项接诉即办配套制度",
    ];
    assert_eq!(units(&beijing), headlines);
    assert!(beijing.places()[3].text.contains("办理时限由市政务服务部门"));
}
