//! Names of streets, communities and people, put together from pieces.

use crate::rng::Rng;

const FRONT: [&str; 40] = [
    "东湖", "西园", "南苑", "北辰", "世纪", "阳光", "滨江", "翠竹", "锦绣", "金桂", "银杏", "紫荆", "碧水", "云山",
    "凤凰", "龙泉", "桃源", "梅岭", "兰亭", "菊香", "和平", "幸福", "安居", "康乐", "新城", "老街", "铁路", "纺织",
    "机关", "师范", "丽景", "星河", "半山", "临江", "朝阳", "望湖", "青年", "五洲", "名门", "御景",
];
const ESTATE: [&str; 12] = ["花园", "小区", "家园", "新村", "苑", "广场", "名城", "公寓", "雅居", "华府", "里", "宿舍"];
const STREET: [&str; 32] = [
    "解放", "人民", "中山", "建设", "胜利", "文化", "五一", "光明", "环城", "迎宾", "站前", "滨河", "学府", "体育",
    "工业", "创业", "振兴", "友谊", "团结", "南门", "北门", "东大", "西大", "沿江", "吉阳", "带湖", "凤鸣", "赣东",
    "新华", "民主", "前进", "育才",
];
const WAY: [&str; 8] = ["路", "街", "大道", "巷", "东路", "西路", "中路", "北路"];
const FAMILY: [&str; 50] = [
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭", "何", "高", "林",
    "罗", "郑", "梁", "谢", "宋", "唐", "许", "韩", "冯", "邓", "曹", "彭", "曾", "肖", "田", "董", "袁", "潘", "于",
    "蒋", "蔡", "余", "杜", "叶", "程", "苏", "魏", "吕", "丁", "任", "沈",
];
const GIVEN: [&str; 48] = [
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀", "霞",
    "平", "刚", "桂", "英", "华", "玉", "兰", "建", "国", "志", "海", "燕", "红", "春", "梅", "云", "龙", "文", "斌",
    "波", "辉", "鹏", "飞", "雪", "琴", "慧", "宇", "浩", "欣",
];

pub fn community(rng: &mut Rng) -> String {
    [rng.word(&FRONT), rng.word(&ESTATE)].concat()
}

pub fn street(rng: &mut Rng) -> String {
    [rng.word(&STREET), rng.word(&WAY)].concat()
}

pub fn person(rng: &mut Rng) -> String {
    let second = if rng.odds(6_000) { rng.word(&GIVEN) } else { "" };
    [rng.word(&FAMILY), rng.word(&GIVEN), second].concat()
}

/// A mobile number of the range that no network has given out.
pub fn phone(rng: &mut Rng) -> String {
    format!("1{}0{:08}", 3 + rng.below(7), rng.below(100_000_000))
}
