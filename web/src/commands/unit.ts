// The commands of a unit that handles a ticket.
import { CONTACTS, options } from "../words";
import { type Fact, type Field, type Spec, type Values, listed } from "./spec";

export const REACHED = [
  { value: true, label: "联系上了" },
  { value: false, label: "没有联系上" },
];

const longTerm = ({ _with_long_term }: Values) => !!_with_long_term;

export const unit = {
  sign: {
    facts: ({ ticket }) => [
      ["诉求", ticket.content],
      ["地点", ticket.place],
      ["要点", ticket.points.map((point, index) => `${index + 1}. ${point}`).join("\n")],
      ["派单说明", ticket.work?.note],
      ["建议机构", ticket.work?.office],
    ],
    note: () => "确认收到本工单。认为不属本单位职责的，签收后再申请退单。",
  },
  "ask-return": {
    note: () => "由热线中心审核；须附哪些材料按办法，审核期间是否计时见时限说明。",
    fields: (context) => [
      { type: "area", name: "reason", label: "退单理由", required: true },
      { type: "area", name: "basis", label: "依据", rows: 2, placeholder: "法律法规、三定规定、派单目录的条款" },
      {
        type: "suggest",
        name: "redirect",
        label: "改派意见",
        help: "应由哪个单位办理；可以写目录外的单位",
        options: listed(context, "leads").map(({ label }) => label),
      },
      { type: "text", name: "leader_sheet", label: "领导签署意见", placeholder: "文号或名称、签署人" },
    ],
  },
  "ask-extension": {
    facts: ({ ticket }) => {
      const handling = ticket.clocks.find(({ kind, ended_at }) => kind === "handle" && !ended_at);
      return [["办理时限", handling && `${handling.amount}，${handling.due_words}`]];
    },
    fields: ({ ticket }) => [
      { type: "number", name: "days", label: "延长", unit: ticket.extension_unit, required: true },
      { type: "area", name: "reason", label: "延期理由", required: true },
      { type: "area", name: "basis", label: "依据", rows: 2 },
      { type: "area", name: "told", label: "与诉求人解释沟通的情况", rows: 2 },
      { type: "check", name: "force_majeure", label: "因不可抗力等客观原因" },
    ],
  },
  "record-contact": {
    fields: () => [
      { type: "choice", name: "by", label: "联系方式", required: true, options: options(CONTACTS) },
      { type: "choice", name: "reached", label: "结果", required: true, options: REACHED },
      { type: "check", name: "explained", label: "已向诉求人解释相关政策、法律法规", when: ({ reached }) => reached === true },
      { type: "area", name: "note", label: "联系情况", required: true },
    ],
    initial: (): Values => ({ by: "phone" }),
  },
  "deliver-assist": {
    note: () => "交给主办单位，由主办单位一并答复。",
    fields: ({ ticket }) => {
      const late = ticket.clocks.some(({ kind, ended_at, late }) => kind === "assist" && !ended_at && late);
      return [
        { type: "area", name: "text", label: "协办结果", required: true, rows: 5 },
        ...(late ? [{ type: "area", name: "explanation", label: "逾期的理由", rows: 2 } as const] : []),
      ];
    },
  },
  "draft-reply": {
    reply: ({ text }) => (typeof text === "string" ? text : ""),
    facts: ({ ticket }) => [
      ["诉求", ticket.content],
      ...(ticket.work?.assists ?? []).map(({ name, result }): [string, string] => [
        "协办结果",
        `${name}：${result?.text ?? "尚未提交"}`,
      ]),
    ],
    note: () => "写给诉求人看。分管领导审定后锁定并发出，审定前可以修改。",
    fields: ({ ticket: { points } }) => [
      { type: "area", name: "text", label: "答复内容", required: true, rows: points.length > 0 ? 4 : 8 },
      ...points.map(
        (point, index): Field => ({ type: "area", name: `answers.${index}`, label: `逐项答复${index + 1}：${point}`, rows: 2 }),
      ),
      { type: "check", name: "_with_long_term", label: "需要较长时间解决，写明工作措施" },
      { type: "area", name: "long_term.measures", label: "工作措施", required: true, rows: 2, when: longTerm },
      { type: "date", name: "long_term.expected", label: "预计完成日期", required: true, when: longTerm },
    ],
    initial: ({ ticket: { work } }): Values => ({
      text: work?.reply.is === "draft" ? work.reply.text : undefined,
      answers: work?.answers,
      long_term: work?.long_term ?? undefined,
      _with_long_term: !!work?.long_term,
    }),
  },
  "audit-reply": {
    reply: (_, { ticket: { work } }) => (work && work.reply.is !== "none" ? work.reply.text : ""),
    facts: ({ ticket: { work, points } }) => [
      ["答复内容", work && work.reply.is !== "none" ? work.reply.text : undefined],
      ...points.map((point, index): Fact => [`要点${index + 1}`, `${point}\n${work?.answers[index] || "没有答复"}`]),
      ["工作措施", work?.long_term && `${work.long_term.measures}（预计${work.long_term.expected}完成）`],
    ],
    note: () => "审定后答复锁定，并发给诉求人。",
    fields: ({ ticket: { work } }) =>
      work?.assists.some(({ result }) => !result)
        ? [{ type: "area", name: "without_assists", label: "不等协办结果的说明", help: "协办单位逾期未提交的，说明后可以先行答复" }]
        : [],
  },
  "reopen-reply": {
    note: () => "撤回已审定的答复，重新起草。",
    fields: () => [{ type: "area", name: "reason", label: "重新起草的理由", required: true }],
  },
  "ask-closure": {
    fields: (context) => [
      { type: "choice", name: "ground", label: "办结理由", required: true, options: listed(context, "closure-grounds") },
      { type: "area", name: "statement", label: "办结说明", required: true, help: "做了什么、结果如何，热线中心据此审核" },
    ],
  },
} satisfies Record<string, Spec>;
