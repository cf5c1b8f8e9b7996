// What follows the handling: asking the appellant, verifying, supervision, the archive; and what can happen at any time.
import type { LedgerEntry } from "../api/types";
import { unitName } from "../units";
import { CHANNELS, CONTACTS, FINDINGS, SATISFACTION, options } from "../words";
import { type Context, type Field, type Spec, type Values, listed, whose } from "./spec";
import { REACHED } from "./unit";

type LedgerState = LedgerEntry["state"]["is"];

/** Which entry of the ledger is meant; chosen for the clerk when there is only one. */
function entries({ ticket, units }: Context, states: LedgerState[]) {
  return ticket.supervision
    .filter(({ state }) => states.includes(state.is))
    .map(({ no, name, ground, unit }) => ({
      value: no,
      label: [`第${no}项`, name || ground, unit && unitName(units, unit)].filter(Boolean).join(" · "),
    }));
}

function onEntry(states: LedgerState[], fields: (context: Context) => Field[]): Spec {
  return {
    fields: (context) => [
      { type: "choice", name: "no", label: "台账条目", required: true, options: entries(context, states) },
      ...fields(context),
    ],
    initial: (context): Values => {
      const all = entries(context, states);
      return { no: all.length === 1 ? all[0]?.value : undefined };
    },
  };
}

/** The grounds that the rulebook names for a finding; none where it names none. */
function grounds(context: Context, finding: string, key: string, label: string): Field[] {
  const options = listed(context, key);
  if (options.length === 0) return [];
  return [{ type: "choice", name: "ground", label, required: true, options, when: (values) => values.finding === finding }];
}

const area = (name: string, label: string) => (): Field[] => [{ type: "area", name, label, required: true }];

const rated = ({ reached, _rated }: Values) => reached === true && _rated === true;

export const after = {
  "attach-appeal": {
    note: () => "同一事项又来诉求：并入本工单，不另立新单。",
    fields: () => [
      { type: "text", name: "appellant.phone", label: "诉求人电话", half: true },
      { type: "text", name: "appellant.name", label: "诉求人姓名", half: true },
      { type: "text", name: "appellant.address", label: "地址" },
      { type: "choice", name: "channel", label: "渠道", required: true, options: options(CHANNELS) },
      { type: "choice", name: "follow_up_by", label: "回访方式", required: true, options: options(CONTACTS) },
      { type: "area", name: "note", label: "补充的情况" },
    ],
    initial: (): Values => ({ channel: "phone", follow_up_by: "phone" }),
  },
  "mark-difficult": {
    fields: () => [{ type: "area", name: "reason", label: "疑难、复杂在哪里", required: true }],
  },
  "follow-up": {
    facts: ({ ticket: { closed, work } }) => [
      ["答复", work && work.reply.is !== "none" ? work.reply.text : undefined],
      ["办结说明", closed?.statement],
      ["已回访", closed && closed.attempts.length > 0 ? `${closed.attempts.length}次，均未联系上` : undefined],
    ],
    fields: (context) => [
      ...whose(context),
      { type: "choice", name: "by", label: "回访方式", required: true, options: options(CONTACTS) },
      { type: "choice", name: "reached", label: "结果", required: true, options: REACHED },
      { type: "check", name: "_rated", label: "诉求人作了评价", when: ({ reached }) => reached === true },
      { type: "choice", name: "rating.result", label: "总体评价", required: true, when: rated, options: options(SATISFACTION) },
      { type: "choice", name: "rating.attitude", label: "对办理态度", when: rated, options: options(SATISFACTION) },
      {
        type: "choice",
        name: "rating.solved",
        label: "问题是否解决",
        when: rated,
        options: [
          { value: true, label: "解决了" },
          { value: false, label: "没有解决" },
        ],
      },
      { type: "area", name: "rating.comment", label: "诉求人的意见", when: rated, rows: 2 },
      { type: "area", name: "note", label: "回访记录" },
    ],
    initial: ({ ticket }): Values => ({ by: ticket.appeals.at(-1)?.follow_up_by, _rated: true }),
  },
  "verify-rating": {
    facts: ({ ticket }) => {
      const waiting = ticket.ratings.filter(({ verdict, result }) => !verdict && result.endsWith("unsatisfied"));
      return waiting.map(({ appeal, result, comment }) => [
        ticket.appeals.length > 1 ? `第${appeal}位评价` : "诉求人评价",
        [SATISFACTION[result], comment].filter(Boolean).join("："),
      ]);
    },
    fields: (context) => [
      ...whose(context),
      { type: "choice", name: "finding", label: "核实结论", required: true, options: options(FINDINGS) },
      ...grounds(context, "unit-fault", "redo-grounds", "重办的情形"),
      ...grounds(context, "no-fault", "no-redo-grounds", "不再重办的情形"),
      {
        type: "choice",
        name: "exempt",
        label: "不纳入考核的情形",
        required: true,
        when: ({ finding }) => finding === "exempt",
        options: listed(context, "exemptions"),
      },
      { type: "area", name: "reason", label: "核实情况", required: true },
    ],
    // Each finding has grounds of its own.
    follow: (changed): Values | undefined => ("finding" in changed ? { ground: undefined } : undefined),
  },
  "propose-supervision": {
    fields: (context) => [
      { type: "choice", name: "ground", label: "督办事由", required: true, options: listed(context, "supervise-grounds") },
      { type: "area", name: "note", label: "情况说明", required: true },
    ],
  },
  "open-supervision": onEntry(["proposed"], area("fault", "承办单位的责任")),
  "dismiss-supervision": onEntry(["proposed"], area("reason", "不属承办单位责任的理由")),
  "take-measure": onEntry(["open", "measured"], (context) => [
    { type: "choice", name: "measure", label: "督办方式", required: true, options: listed(context, "measures") },
    { type: "area", name: "notice", label: "通知内容", required: true },
    { type: "amount", name: "rectify_within", label: "整改期限", required: true },
  ]),
  "report-rectification": onEntry(["measured"], area("text", "整改情况")),
  "end-supervision": onEntry(["open", "measured"], area("result", "销号结论")),
  archive: {
    note: () => "工单材料齐备，归档保存。归档后不能再改。",
  },
} satisfies Record<string, Spec>;
