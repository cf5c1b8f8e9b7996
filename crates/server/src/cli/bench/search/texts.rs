//! Texts made up for a bench: as long as those of a hotline, with words as unevenly frequent as in any language (Zipf), real ones of the field
//! in front and made up ones behind, numbers of houses and years between them.

use super::super::Numbers;

/// The words that come most often, the most frequent first.
const FREQUENT: &str = "的 了 在 是 我 有 小区 不 反映 问题 市民 部门 来电 处理 情况 已经 相关 要求 居民 物业 进行 没有 该 街道 公司 施工 \
    停车 噪音 道路 影响 希望 尽快 业主 晚上 现场 单位 车辆 附近 垃圾 公交 学校 工资 夜间 停水 核实 路灯 多次 联系 管理 解决 占道 经营 收费 \
    投诉 装修 工地 楼下 房屋 漏水 排水 油烟 拖欠 社区 办理 咨询 医保 社保 停电 供暖 暖气 不热 电梯 消防 通道 违建 流浪 狗 井盖 破损 绿化 树木 \
    幼儿园 补课 食品 卫生 广场舞 公园 水管 爆裂 自来水 水压 充电桩 电动车 共享 单车 红绿灯 斑马线 公厕 下水道 堵塞 积水 拆迁 补偿 土地 村委会";
/// Words in all, and characters of which the made up ones are.
const WORDS: usize = 30_000;
const CHARACTERS: u64 = 2_800;

/// A language.
pub(super) struct Language {
    words: Vec<String>,
    /// Sum of the weights up to each word.
    weights: Vec<u64>,
}

/// What is said in a ticket.
pub(super) struct Texts {
    pub(super) title: String,
    pub(super) content: String,
    pub(super) reply: String,
    pub(super) place: String,
}

impl Language {
    pub(super) fn new() -> Language {
        let mut words: Vec<String> = FREQUENT.split_whitespace().map(str::to_owned).collect();
        let mut numbers = Numbers(7);
        while words.len() < WORDS {
            let length = [1, 2, 2, 2, 2, 2, 3, 3, 4][numbers.below(9) as usize];
            // Characters are as uneven as words: the square brings the first ones forward.
            let mut character = || {
                let at = numbers.below(CHARACTERS) * numbers.below(CHARACTERS) / CHARACTERS;
                char::from_u32(0x4e00 + (at * 7) as u32).unwrap_or('一')
            };
            words.push((0..length).map(|_| character()).collect());
        }
        let mut sum = 0;
        let weights = (0..words.len() as u64).map(|rank| {
            // Small enough for 31 bits, which is what a number has.
            sum += 10_000_000 / (rank + 3);
            sum
        });
        Language { weights: weights.collect(), words }
    }

    fn word(&self, numbers: &mut Numbers) -> &str {
        let at = numbers.below(self.weights[self.weights.len() - 1]);
        &self.words[self.weights.partition_point(|weight| *weight <= at)]
    }

    /// So many words in clauses of some ten.
    fn said(&self, words: u64, numbers: &mut Numbers) -> String {
        let mut text = String::new();
        let mut clause = 4 + numbers.below(9);
        // Particles do not stand side by side.
        let mut short = false;
        for left in (0..words).rev() {
            match numbers.below(40) {
                0 => text.push_str(&format!("{}号楼", 1 + numbers.below(60))),
                1 => text.push_str(&format!("{}年{}月", 2015 + numbers.below(12), 1 + numbers.below(12))),
                2 => text.push_str(&format!("{}元", numbers.below(20_000))),
                3 if numbers.below(4) == 0 => {
                    text.push_str(["APP", "ETC", "VIP", "5G", "WiFi"][numbers.below(5) as usize])
                }
                _ => {
                    let word = loop {
                        let word = self.word(numbers);
                        if !short || word.chars().count() > 1 {
                            break word;
                        }
                    };
                    short = word.chars().count() == 1;
                    text.push_str(word);
                }
            }
            if clause == 0 && left > 0 {
                text.push(['，', '，', '。'][numbers.below(3) as usize]);
                clause = 4 + numbers.below(9);
            }
            clause = clause.saturating_sub(1);
        }
        text
    }

    /// The texts of ticket number `no`, always the same ones.
    pub(super) fn texts(&self, no: u64) -> Texts {
        let mut numbers = Numbers(no.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..4 {
            numbers.below(2);
        }
        let n = &mut numbers;
        // Most are short, some very long.
        let (title, content) = (4 + n.below(6), 25 + n.below(50) + n.below(8) / 7 * n.below(200));
        let reply = 20 + n.below(70);
        Texts {
            title: self.said(title, n),
            content: self.said(content, n) + "。",
            reply: self.said(reply, n) + "。",
            place: format!("{}路{}号", self.word(n), 1 + n.below(300)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_uneven_as_a_language_and_always_the_same() {
        let (language, mut frequent, mut characters) = (Language::new(), 0, 0);
        let mut different = std::collections::BTreeSet::new();
        for no in 0..500 {
            let texts = language.texts(no);
            assert_eq!(texts.content, language.texts(no).content);
            frequent += usize::from(texts.content.contains('的'));
            characters += texts.content.chars().count();
            different.extend(texts.content.chars());
        }
        assert!((250..500).contains(&frequent), "{frequent} of 500 have the most frequent word");
        assert!(different.len() > 1_500, "{} characters", different.len());
        assert!((70..250).contains(&(characters / 500)), "{characters}");
    }
}
