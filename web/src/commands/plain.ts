// A form for a command that has no dialog of its own, from what the server says it asks for (`GET /commands`). No rule is known here.
import type { CommandForm, FieldForm } from "../api/types";
import { type Context, type Field, type Spec, type Values, listed, path } from "./spec";

const YES_NO = [
  { value: true, label: "是" },
  { value: false, label: "否" },
];

/** Lists of units: chosen by typing a part of the name. */
const UNITS = new Set(["units", "leads", "ticket-units", "whistled"]);

/** Lists that are not worth a question where they leave no choice. */
const ONE_IS_MEANT = new Set(["appeals", "ticket-units"]);

function options(field: FieldForm, context: Context) {
  const all = listed(context, field.choices ?? "");
  return field.number ? all.map(({ value, label }) => ({ value: Number(value), label })) : all;
}

/** The steering check that opens a group which may be left out. */
function opener(name: string): string {
  return `_with_${name.replaceAll(".", "_")}`;
}

function group(field: FieldForm, name: string, context: Context): Field[] {
  const inner = (field.fields ?? []).flatMap((one) => fields(one, context, `${name}.`));
  if (field.required) return inner;
  const open = opener(name);
  return [
    { type: "check", name: open, label: field.label },
    ...inner.map((one) => ({ ...one, when: (values: Values) => values[open] === true && (one.when?.(values) ?? true) })),
  ];
}

function chosen(field: FieldForm, shared: { name: string; label: string; required: boolean }, context: Context): Field[] {
  const all = options(field, context);
  const most = ONE_IS_MEANT.has(field.choices ?? "") ? 1 : 0;
  if (!field.required && all.length <= most) return [];
  const many = field.input === "choices";
  const { required } = field;
  if (UNITS.has(field.choices ?? "")) {
    return [{ ...shared, type: many ? "units" : "unit", only: all.map(({ value }) => String(value)) }];
  }
  return [{ ...shared, type: "choice", options: all, many, clear: !required }];
}

function fields(field: FieldForm, context: Context, prefix = ""): Field[] {
  const { label, required } = field;
  const shared = { name: prefix + field.name, label, required };
  switch (field.input) {
    case "text":
      return [{ ...shared, type: "text" }];
    case "long-text":
      return [{ ...shared, type: "area" }];
    case "number":
      return [{ ...shared, type: "number" }];
    case "date":
      return [{ ...shared, type: "date" }];
    case "limit":
      return [{ ...shared, type: "amount" }];
    case "lines":
      return [{ ...shared, type: "lines" }];
    case "flag":
      return [required ? { ...shared, type: "choice", options: YES_NO } : { ...shared, type: "check" }];
    case "choice":
    case "choices":
      return chosen(field, shared, context);
    case "suggest":
      return [{ ...shared, type: "suggest", options: listed(context, field.choices ?? "").map((one) => one.label) }];
    case "each":
      return listed(context, field.choices ?? "").map((one, index) => ({
        type: "area",
        name: `${shared.name}.${index}`,
        label: `${label}：${one.label}`,
        rows: 2,
      }));
    case "group":
      return group(field, shared.name, context);
  }
}

/** What must be chosen and leaves no choice is chosen. */
function only(all: Field[]): Values {
  const values: Values = {};
  for (const field of all) {
    if (!field.required || path(field.name).length > 1) continue;
    if (field.type === "choice" && !field.many && field.options.length === 1) values[field.name] = field.options[0]?.value;
    if (field.type === "unit" && field.only?.length === 1) values[field.name] = field.only[0];
  }
  return values;
}

export function plain(form: CommandForm): Spec {
  const all = (context: Context) => form.fields.flatMap((field) => fields(field, context));
  return {
    facts: ({ ticket }) => [["诉求", ticket.content]],
    note: () => (form.fields.length === 0 ? "不需要填写内容，确认后即办理。" : ""),
    fields: all,
    initial: (context) => only(all(context)),
  };
}
