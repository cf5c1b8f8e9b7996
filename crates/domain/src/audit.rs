//! What the audit journal (审计日志) speaks of: everything done in the system besides acts on tickets, which stand in the tickets' own journal.

use crate::words::words;

words! {
    /// What was done, or tried.
    ActKind, "审计事项" {
        LogIn = "log-in" "登录",
        LogInRefused = "log-in-refused" "登录被拒",
        LogOut = "log-out" "退出登录",
        PasswordChanged = "password-changed" "修改口令",
        SecondFactorSet = "second-factor-set" "设置双因子",
        SessionRevoked = "session-revoked" "注销会话",
        AccountCreated = "account-created" "新建账户",
        AccountChanged = "account-changed" "修改账户",
        AccountLocked = "account-locked" "锁定账户",
        AccountUnlocked = "account-unlocked" "解锁账户",
        PostGiven = "post-given" "任职",
        PostHandedOver = "post-handed-over" "移交岗位",
        RosterChanged = "roster-changed" "排班",
        UnitsChanged = "units-changed" "修改单位",
        /// A centre opened under other rulebooks, catalogues, lists of units or holiday notices than the last time.
        LawChanged = "law-changed" "更换办法、目录或放假通知",
        SettingChanged = "setting-changed" "修改设置",
        KeyMade = "key-made" "生成密钥",
        KeyRotated = "key-rotated" "更换密钥",
        KeyRevoked = "key-revoked" "停用密钥",
        /// An appellant's name or number was opened.
        Revealed = "revealed" "查看诉求人信息",
        /// A file of an appellant was downloaded.
        FileRead = "file-read" "下载诉求人附件",
        Exported = "exported" "导出",
        Imported = "imported" "导入",
        Erased = "erased" "删除个人信息",
        /// One of two people asked that something be erased; the other has not answered yet.
        ErasureAsked = "erasure-asked" "提出销毁",
        ErasureRefused = "erasure-refused" "不同意销毁",
        /// A signed-in person was refused for want of a right.
        Forbidden = "forbidden" "越权被拒",
        /// A signed-in person asked for something that is not there, or that they may not know to be there.
        OutOfSight = "out-of-sight" "访问范围外或不存在的对象",
        /// What is said in the knowledge base was published, taken back or found wrong, or a sample of it was drawn.
        KnowledgeChanged = "knowledge-changed" "知识变动",
        /// A time of a centre whose clock can be set was set.
        ClockSet = "clock-set" "调整演示时钟",
        Anchored = "anchored" "每日存证",
        /// Old entries were written to a file and taken out.
        AuditPruned = "audit-pruned" "归档审计日志",
    }
}

words! {
    /// Whether an act was carried out. One that takes longer than a transaction is begun, and then done or failed.
    Outcome, "审计结果" {
        Done = "done" "完成",
        Refused = "refused" "拒绝",
        Begun = "begun" "开始",
        Failed = "failed" "未完成",
    }
}
