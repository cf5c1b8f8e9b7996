// The centre's commands up to dispatch, and its decisions on what units ask for.
import type { CatalogueEntry } from "../api/types";
import { unitName } from "../units";
import { HELP, options } from "../words";
import { type Choice, type Context, type Fact, type Field, type Spec, listed } from "./spec";

const DECISION: Choice[] = [
  { value: true, label: "同意" },
  { value: false, label: "不同意" },
];

const decision: Field[] = [
  { type: "choice", name: "approve", label: "审核意见", required: true, options: DECISION },
  { type: "area", name: "note", label: "理由", required: true, help: "会写入工单记录，承办单位可见" },
];

function call(lines: string[], required: (values: Record<string, unknown>) => boolean): Field[] {
  return [
    { type: "suggest", name: "call.to", label: "通话对象", options: lines, required: true, when: required, help: "专线或单位值班电话" },
    { type: "area", name: "call.note", label: "通话记录", required: true, when: required, rows: 2, placeholder: "接听人、时间、对方答复" },
  ];
}

/** What a consultation named or a leader approved. */
function decided({ desk }: Context["ticket"], units: Context["units"]): Fact[] {
  const to = (lead: string, assists: string[]) => [lead, ...assists].map((unit) => unitName(units, unit)).join("、");
  return [
    ["会商确定", desk?.named && `${to(desk.named.lead, desk.named.assists)}。${desk.named.opinion}`],
    ["审定意见", desk?.opinion?.approved && `${to(desk.opinion.lead, desk.opinion.assists)}。${desk.opinion.text}`],
  ];
}

function settledFacts(standing: Context["ticket"]["standing"]): Fact[] {
  return Object.entries(standing).map(([number, { settled }]) => ["定案意见", settled && `${number}：${settled}`]);
}

/** The entries of the catalogue that this ticket is dispatched by, with who they name. */
function entries(context: Context): Choice[] {
  return listed(context, "entries").map(({ value, label }) => {
    const lead = context.catalogue.find(({ id }) => id === value)?.lead_name;
    return { value, label: lead ? `${label} → ${lead}` : label };
  });
}

/** Who handles an entry's matter where the ticket happens: the longest place that its place names. The server judges by the same rule. */
function unitsAt(entry: Pick<CatalogueEntry, "lead" | "assists" | "office" | "by_place">, place: string | null | undefined) {
  const there = entry.by_place
    .filter(({ place: key, place_name }) => place && (place.trim() === key || place.includes(place_name)))
    .sort((a, b) => b.place_name.length - a.place_name.length)[0];
  const lead = there?.lead ?? entry.lead;
  const assists = (there && there.assists.length > 0 ? there.assists : entry.assists).filter((unit) => unit !== lead);
  return { lead, assists, office: there?.office ?? (lead === entry.lead ? entry.office : undefined) };
}

const hasAssists = ({ assists }: Record<string, unknown>) => Array.isArray(assists) && assists.length > 0;

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
    fields: (context) => [
      {
        type: "choice",
        name: "class",
        label: "不予受理的情形",
        required: true,
        options: listed(context, "refusals").map((choice) => {
          const { article, advice } = context.rulebook.refusals.find(({ id }) => id === choice.value) ?? {};
          return { ...choice, hint: [article, advice].filter(Boolean).join("：") };
        }),
      },
      { type: "area", name: "explanation", label: "向诉求人说明的理由", required: true },
      { type: "choice", name: "help.by", label: "给诉求人的帮助", required: true, options: options(HELP) },
      {
        type: "text",
        name: "help.to",
        label: "去处和电话",
        required: true,
        when: ({ help }) => ["transferred", "contact", "progress"].includes((help as { by?: string } | undefined)?.by ?? ""),
      },
    ],
  },
  "answer-at-once": {
    facts: ({ ticket }) => settledFacts(ticket.standing),
    note: () => "由热线中心当场答复，不派单。",
    fields: (context) => {
      const settled = listed(context, "settled-earlier");
      const of: Field = { type: "choice", name: "by_opinion_of", label: "依据哪一工单的定案意见", clear: true, options: settled };
      return [
        { type: "area", name: "answer", label: "答复内容", required: true, rows: 5 },
        { type: "text", name: "entry", label: "引用的知识条目" },
        ...(settled.length > 0 ? [of] : []),
      ];
    },
    initial: ({ ticket: { standing } }) => {
      const [number, { settled } = {}] = Object.entries(standing).find(([, one]) => one.settled) ?? [];
      return { by_opinion_of: number, answer: settled };
    },
  },
  "hand-over": {
    facts: ({ rulebook }) => [
      ["紧急专线", rulebook.lines.join("、")],
      ["适用事项", rulebook.emergency_matters.join("、")],
    ],
    fields: ({ rulebook }) => [
      ...call(rulebook.lines, () => true),
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
      ...decided(ticket, units),
      ...settledFacts(ticket.standing),
    ],
    fields: (context) => {
      const { ticket, rulebook } = context;
      const leads = listed(context, "leads").map(({ value }) => value);
      const settled = listed(context, "settled-earlier").length > 0;
      return [
        { type: "choice", name: "entry", label: "派单目录事项", clear: true, options: entries(context), help: "目录没有的按法定职责派发，在派单说明中写明依据" },
        { type: "unit", name: "lead", label: "主办单位", required: true, only: leads, half: true },
        { type: "text", name: "office", label: "建议承办机构", half: true },
        { type: "units", name: "assists", label: "协办单位" },
        { type: "amount", name: "assists_within", label: "协办时限", when: hasAssists, help: "不填的按办法和目录" },
        { type: "area", name: "note", label: "派单说明、职责依据", rows: 2 },
        { type: "lines", name: "points", label: "诉求要点", placeholder: "有几件事的，每行写一件；承办单位逐项答复" },
        ...(settled ? [{ type: "area", name: "new_facts", label: "新情况、新理由", rows: 2 } as const] : []),
        ...(ticket.urgent
          ? call(rulebook.lines, () => true)
          : [
              { type: "check", name: "_with_call", label: "已电话通知承办单位" } as const,
              ...call(rulebook.lines, ({ _with_call }) => !!_with_call),
            ]),
        { type: "check", name: "_with_special", label: "其他法律、法规对办结时限另有规定" },
        { type: "amount", name: "special.limit", label: "特别时限", required: true, when: ({ _with_special }) => !!_with_special },
        { type: "text", name: "special.law", label: "法律名称和条款", required: true, when: ({ _with_special }) => !!_with_special },
      ];
    },
    // An entry names its units; without one they stay as they are.
    follow: ({ entry }, { catalogue, ticket }) => {
      const found = catalogue.find(({ id }) => id === entry);
      return found && unitsAt(found, ticket.place);
    },
    // What was settled about it beforehand; else the unit that gave it back says in its own words who should have it. The dispatcher decides.
    initial: ({ ticket, units }) => {
      const before = ticket.desk?.named ?? ticket.desk?.opinion;
      if (before) return { lead: before.lead, assists: before.assists, points: ticket.points };
      const proposed = ticket.returned_by.at(-1)?.redirect ?? "";
      const named = units.filter(({ name, active }) => active && proposed.includes(name));
      return { lead: named.sort((a, b) => b.name.length - a.name.length)[0]?.id, points: ticket.points };
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
      ["领导签署", work?.returning?.leader_sheet],
    ],
    fields: () => decision,
  },
  "review-extension": {
    facts: ({ ticket: { work } }) => [
      ["申请延期", work?.extension && `${work.extension.days}天`],
      ["理由", work?.extension?.reason],
      ["依据", work?.extension?.basis],
      ["与诉求人沟通", work?.extension?.told],
      ["不可抗力", work?.extension?.force_majeure ? "是" : undefined],
    ],
    fields: () => decision,
  },
  "review-closure": {
    facts: ({ ticket: { work, points } }) => [
      ["办结理由", work?.closing?.name || work?.closing?.ground],
      ["办结说明", work?.closing?.statement],
      ["答复", work && work.reply.is !== "none" ? work.reply.text : undefined],
      ...points.map((point, index): Fact => [`要点${index + 1}`, `${point}\n${work?.answers[index] || "没有答复"}`]),
    ],
    fields: () => decision,
  },
} satisfies Record<string, Spec>;
