//! What is personal about an appellant, and for what it may be opened or taken out (个人信息保护法 arts. 6, 51): each time one field, for one
//! purpose, written down first.

use crate::words::words;

words! {
    /// What can be opened of an appellant, one by one.
    PersonField, "诉求人信息" {
        Name = "name" "姓名",
        Phone = "phone" "电话",
        Email = "email" "邮箱",
        Address = "address" "地址",
        IdNumber = "id-number" "证件号码",
    }
}

words! {
    /// For what somebody opens it.
    OpenPurpose, "查看目的" {
        FollowUp = "follow-up" "回访",
        Verify = "verify" "核实情况",
        Contact = "contact" "联系诉求人",
        /// What it is then is written beside it.
        Other = "other" "其他",
    }
}

words! {
    /// For what a list leaves the system.
    ExportPurpose, "导出目的" {
        Assessment = "assessment" "考核统计",
        Analysis = "analysis" "分析研判",
        Inspection = "inspection" "上级检查",
        Supervision = "supervision" "督办会商",
        Other = "other" "其他",
    }
}

words! {
    /// Why an access to personal data is looked at first. None of them is a fault by itself.
    Unusual, "异常情形" {
        Night = "night" "夜间（22时至6时）",
        Many = "many" "10分钟内查看10件以上工单",
        Unhandled = "unhandled" "本人未经手该工单",
    }
}

/// Whether this is an identity number as GB 11643-1999 writes it: 17 digits with a day of birth in them, and a right check character.
pub fn is_id_number(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let bytes = text.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let number = |from: usize, to: usize| bytes[from..to].iter().fold(0_i16, |n, d| n * 10 + i16::from(d - b'0'));
    let born = jiff::civil::Date::new(number(6, 10), number(10, 12) as i8, number(12, 14) as i8);
    let sum: u32 = WEIGHTS.iter().zip(bytes).map(|(w, d)| w * u32::from(d - b'0')).sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    born.is_ok_and(|born| born.year() >= 1800) && bytes[17].to_ascii_uppercase() == check
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each sample is made up; the check characters are those of the standard, so that only what is named is wrong.
    #[test]
    fn an_identity_number_has_a_birthday_and_a_check_character() {
        // The third is born on the 29th of February of a leap year.
        for right in ["11010519491231002X", "11010519491231002x", "110101200002290018", "440524188001010014"] {
            assert!(is_id_number(right), "{right}");
        }
        for (wrong, why) in [
            ("", "nothing"),
            ("110105194912310021", "check character"),
            ("110101200102290015", "no leap year"),
            ("110101200002310015", "31st of February"),
            ("1101051949123100", "too short"),
            ("11010519491231002X1", "too long"),
            ("11010519491231002Ｘ", "full width"),
            ("A1010519491231002X", "letter"),
        ] {
            assert!(!is_id_number(wrong), "{why}: {wrong}");
        }
    }
}
