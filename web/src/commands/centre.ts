// The centre's commands up to dispatch, and its decisions on what units ask for.
import { unitName } from "../units";
import { HELP, options } from "../words";
import type { Choice, Field, Spec } from "./spec";

const DECISION: Choice[] = [
  { value: true, label: "同意" },
  { value: false, label: "不同意" },
];

const decision: Field[] = [
  { type: "choice", name: "approve", label: "审核意见", required: true, options: DECISION },
  { type: "area", name: "note", label: "理由", required: true, help: "会写入工单记录，承办单位可见" },
];

function call(required: (values: Record<string, unknown>) => boolean): Field[] {
  return [
    { type: "text", name: "call.to", label: "电话打给", required: true, when: required, placeholder: "专线或单位值班电话" },
    { type: "area", name: "call.note", label: "通话记录", required: true, when: required, rows: 2, placeholder: "接听人、时间、对方答复" },
  ];
}

export const centre = {
  "refer-up": {
    fields: () => [{ type: "area", name: "question", label: "拿不准的是什么", required: true, help: "上一级据此认定是否受理" }],
  },
  accept: {
    facts: ({ ticket }) => [["诉求", ticket.content]],
    note: () => "认定属于受理范围。下一步即时答复或派单。",
    fields: () => [{ type: "area", name: "note", label: "认定意见", rows: 2 }],
  },
  refuse: {
    fields: ({ rulebook }) => [
      {
        type: "choice",
        name: "class",
        label: "不予受理的情形",
        required: true,
        options: rulebook.refusals.map(({ id, name, advice, article }) => ({
          value: id,
          label: name,
          hint: [article, advice].filter(Boolean).join("："),
        })),
      },
      { type: "area", name: "explanation", label: "向诉求人说明的理由", required: true },
      { type: "choice", name: "help.by", label: "给诉求人的帮助", required: true, options: options(HELP) },
      {
        type: "text",
        name: "help.to",
        label: "去处和电话",
        required: true,
        when: ({ help }) => ["transferred", "contact"].includes((help as { by?: string } | undefined)?.by ?? ""),
      },
    ],
  },
  "answer-at-once": {
    note: () => "由热线中心当场答复，不派单。",
    fields: () => [
      { type: "area", name: "answer", label: "答复内容", required: true, rows: 5 },
      { type: "text", name: "entry", label: "引用的知识条目" },
    ],
  },
  "hand-over": {
    facts: ({ rulebook }) => [
      ["紧急专线", rulebook.lines.join("、")],
      ["适用事项", rulebook.emergency_matters.join("、")],
    ],
    fields: () => [
      ...call(() => true),
      { type: "check", name: "ends", label: "对方已全部接手，本工单到此结束", help: "不勾选的，工单仍须派单" },
    ],
  },
  dispatch: {
    suggests: true,
    facts: ({ ticket, units }) => [
      ["诉求", ticket.content],
      ["地点", ticket.place],
      ...ticket.returned_by.map(({ unit, reason, redirect }): [string, string] => [
        "曾退单",
        `${unitName(units, unit)}：${reason}${redirect ? `；改派意见：${redirect}` : ""}`,
      ]),
    ],
    fields: ({ ticket }) => [
      { type: "unit", name: "lead", label: "主办单位", required: true },
      { type: "units", name: "assists", label: "协办单位" },
      { type: "area", name: "note", label: "派单说明", rows: 2 },
      ...(ticket.urgent
        ? call(() => true)
        : [{ type: "check", name: "_phoned", label: "已电话通知承办单位" } as const, ...call((values) => !!values._phoned)]),
      { type: "check", name: "_special", label: "其他法律、法规对办结时限另有规定" },
      { type: "amount", name: "special.limit", label: "特别时限", required: true, when: ({ _special }) => !!_special },
      { type: "text", name: "special.law", label: "法律名称和条款", required: true, when: ({ _special }) => !!_special },
    ],
    // The unit that gave it back says in its own words who should have it; the dispatcher decides.
    initial: ({ ticket, units }) => {
      const proposed = ticket.returned_by.at(-1)?.redirect ?? "";
      const named = units.filter(({ name, active }) => active && proposed.includes(name));
      return { lead: named.sort((a, b) => b.name.length - a.name.length)[0]?.id };
    },
  },
  "open-return": {
    note: () => "退单申请期已过，说明理由后重新开放，由承办单位申请。",
    fields: () => [{ type: "area", name: "reason", label: "开放理由", required: true }],
  },
  "review-return": {
    facts: ({ ticket: { work } }) => [
      ["退单理由", work?.returning?.reason],
      ["依据", work?.returning?.basis],
      ["改派意见", work?.returning?.redirect],
    ],
    fields: () => decision,
  },
  "review-extension": {
    facts: ({ ticket: { work } }) => [
      ["申请延期", work?.extension && `${work.extension.days}个工作日`],
      ["理由", work?.extension?.reason],
    ],
    fields: () => decision,
  },
  "review-closure": {
    facts: ({ ticket: { work }, rulebook }) => [
      ["办结理由", rulebook.closure_grounds.find(({ code }) => code === work?.closing?.ground)?.name],
      ["办结说明", work?.closing?.statement],
      ["答复", work && work.reply.is !== "none" ? work.reply.text : undefined],
    ],
    fields: () => decision,
  },
} satisfies Record<string, Spec>;
