// The closed vocabularies of docs/glossary.md as people read them. A word the server adds fails the type check until it is named here.
import type {
  Channel,
  ChangeKind,
  ConductState,
  Contact,
  ExclusionState,
  ExportPurpose,
  Finding,
  HelpKind,
  Kind,
  OpenPurpose,
  PersonField,
  Satisfaction,
  StateCode,
} from "./api/types";

export const KINDS: Record<Kind, string> = {
  consultation: "咨询",
  help: "求助",
  complaint: "投诉",
  report: "举报",
  suggestion: "建议",
  opinion: "意见",
  criticism: "批评",
  efficacy: "行政效能投诉",
  thanks: "感谢",
  withdrawal: "撤诉",
  harassment: "骚扰",
  invalid: "无效",
};

export const CHANNELS: Record<Channel, string> = {
  phone: "电话",
  web: "网站",
  sms: "短信",
  wechat: "微信",
  app: "移动应用",
  mail: "邮件",
  letter: "来信",
  visit: "来访",
  platform: "其他平台",
};

export const CONTACTS: Record<Contact, string> = {
  phone: "电话",
  sms: "短信",
  web: "网络",
  visit: "当面",
  letter: "书面",
};

export const SATISFACTION: Record<Satisfaction, string> = {
  satisfied: "满意",
  basically: "基本满意",
  unsatisfied: "不满意",
  "very-unsatisfied": "非常不满意",
};

export const PERSON_FIELDS: Record<PersonField, string> = {
  name: "姓名",
  phone: "电话",
  email: "邮箱",
  address: "地址",
  "id-number": "证件号码",
};

export const OPEN_PURPOSES: Record<OpenPurpose, string> = {
  "follow-up": "回访",
  verify: "核实情况",
  contact: "联系诉求人",
  other: "其他",
};

export const EXPORT_PURPOSES: Record<ExportPurpose, string> = {
  assessment: "考核统计",
  analysis: "分析研判",
  inspection: "上级检查",
  supervision: "督办会商",
  other: "其他",
};

export const FINDINGS: Record<Finding, string> = {
  "unit-fault": "属承办单位责任，重新办理",
  "no-fault": "不属承办单位责任",
  exempt: "不纳入考核",
};

export const HELP: Record<HelpKind, string> = {
  transferred: "已帮助转接",
  contact: "已告知联系方式",
  explained: "已作解释",
  progress: "已告知办理进度或结果",
  persuaded: "已劝导并告知法律后果",
};

/** What a clock is doing; the late ones say so themselves. */
export const CLOCK_STATUS: Record<string, string> = {
  running: "计时中",
  held: "审核中，到期日不变",
  paused: "暂停计时",
  met: "已完成",
  void: "已取消",
  closed: "已过期限",
};

export const LEDGER_STATE = {
  proposed: "待认定",
  open: "已列入台账",
  measured: "整改中",
  ended: "已销号",
  dismissed: "不予督办",
} as const;

export const CONDUCT_STATE: Record<ConductState, string> = {
  found: "系统发现，待认定",
  recorded: "已记录",
  dismissed: "已排除",
};

export const EXCLUSION_STATE: Record<ExclusionState, string> = {
  asked: "待审核",
  approved: "不纳入考核",
  refused: "未获同意",
  appealed: "申诉待裁定",
  final: "维持纳入考核",
};

export const CHANGES: Record<ChangeKind, string> = { added: "新增", removed: "删除", changed: "变更" };

export const STATES: Record<StateCode, string> = {
  registered: "已登记",
  referred: "逐级汇报",
  "awaiting-redispatch": "待重新派单",
  refused: "不予受理",
  answered: "即时答复",
  "passed-on": "已转紧急专线",
  dispatched: "已派单待签收",
  "in-hand": "办理中",
  "return-asked": "退单待审",
  replied: "已答复待办结",
  "closure-asked": "办结待审",
  closed: "已办结待回访",
  checking: "不满意核实中",
  concluded: "待归档",
  consulting: "会商中",
  "awaiting-approval": "拟办待审定",
  "return-consulting": "退单会商中",
  joined: "已并入其他工单",
  withdrawn: "诉求已撤回",
  transferred: "已转其他地区",
  "transfer-ended": "外转已办结",
  tracking: "跟踪督办中",
  imported: "历史导入",
  archived: "已归档",
};

/** Units of a limit as the rulebooks write it, `10 working days`. */
export const MEASURES: Record<string, string> = {
  "working days": "个工作日",
  "working hours": "个工作日小时",
  days: "日",
  hours: "小时",
  minutes: "分钟",
};

/** The number and the unit of a limit; `1 day` has the unit `days`. */
export function measured(amount: string | undefined): { number: string; measure: string } {
  const [, number = "", measure = "working days"] = /^(\d*) ?(.+)$/.exec(amount ?? "") ?? [];
  return { number, measure: measure.endsWith("s") ? measure : `${measure}s` };
}

/** `10 working days` as 10个工作日. */
export function amountWords(amount: string): string {
  const { number, measure } = measured(amount);
  return number + (MEASURES[measure] ?? ` ${measure}`);
}

/** How long an extension is: some texts count working days, others days. */
export function extensionDays({ days, calendar_days }: { days: number; calendar_days?: boolean }): string {
  return `${days}${calendar_days ? "日" : "个工作日"}`;
}

export type Option = { value: string; label: string };

export function options(words: Record<string, string>): Option[] {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}
