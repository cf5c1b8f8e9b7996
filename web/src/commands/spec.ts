// What a dialog is made of. A command is a list of fields; names are paths into the command's JSON ("help.by"), so that the
// filled form is the command. A name that begins with "_" only steers the form and is not sent.
import type { CatalogueEntry, Command, CommandForms, RulebookView, TicketView, Unit } from "../api/types";

export type Values = Record<string, unknown>;

export type Choice = { value: string | number | boolean; label: string; hint?: string };

type Shared = {
  name: string;
  label: string;
  required?: boolean;
  help?: string;
  /** Takes half the width, beside another half. */
  half?: boolean;
  /** Shown only while this holds; what is not shown is not sent. */
  when?: (values: Values) => boolean;
};

export type Field = Shared &
  (
    | { type: "text"; placeholder?: string }
    | { type: "area"; rows?: number; placeholder?: string }
    | { type: "number"; unit?: string }
    | { type: "date" }
    /** `clear` = a choice can be taken back, where it may be left open. */
    | { type: "choice"; options: Choice[]; many?: boolean; clear?: boolean }
    /** Any text; the options only help. */
    | { type: "suggest"; options: string[] }
    /** Texts, one a line. */
    | { type: "lines"; placeholder?: string }
    /** `only` = the ids that may be chosen, where not all may. */
    | { type: "unit" | "units"; only?: string[] }
    | { type: "amount" }
    | { type: "check" }
  );

/** What a command's fields may depend on. */
export type Context = {
  ticket: TicketView;
  rulebook: RulebookView;
  forms: CommandForms;
  units: Unit[];
  catalogue: CatalogueEntry[];
};

export type Fact = [label: string, text: string | null | undefined];

export type Spec = {
  /** What the clerk decides about, shown above the fields. */
  facts?: (context: Context) => Fact[];
  /** What will happen, where it is not obvious. */
  note?: (context: Context) => string;
  fields?: (context: Context) => Field[];
  initial?: (context: Context) => Values;
  /** What else is filled in, or emptied, after these values changed. */
  follow?: (changed: Values, context: Context) => Values | undefined;
  /** Shows the entries of the dispatch catalogue that fit, to take over with one click. */
  suggests?: boolean;
  /** The reply that is written or audited here, so that hints on it are shown. */
  reply?: (values: Values, context: Context) => string;
};

export type CommandName = Command["do"];

/** A list of the ticket's own law, or of what stands on the ticket, by its key in `GET /commands`. */
export function listed({ forms }: Context, key: string): { value: string; label: string }[] {
  return (forms.choices[key] ?? []).map(({ code, name }) => ({ value: code, label: name }));
}

/** The same, of things that are numbered. */
export function numbered(context: Context, key: string): { value: number; label: string }[] {
  return listed(context, key).map(({ value, label }) => ({ value: Number(value), label }));
}

/** Whose appeal; asked only where there are several. */
export function whose(context: Context): Field[] {
  const options = numbered(context, "appeals");
  return options.length > 1 ? [{ type: "choice", name: "appeal", label: "哪位诉求人", required: true, options }] : [];
}

function clean(value: unknown): unknown {
  if (typeof value === "string") return value.trim() || undefined;
  if (Array.isArray(value)) {
    // What belongs to a place of its own keeps it, empty or not.
    const items = Array.from(value, (item: unknown) => clean(item) ?? "");
    return items.some((item) => item !== "") ? items : undefined;
  }
  if (typeof value !== "object" || value === null) return value ?? undefined;
  const kept = Object.entries(value)
    .filter(([key]) => !key.startsWith("_"))
    .map(([key, inner]) => [key, clean(inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

/** The filled form as it is sent: trimmed, without what was left empty. */
export function body(values: Values): Values {
  return (clean(values) ?? {}) as Values;
}

export function command(name: CommandName, values: Values): Command {
  return { do: name, ...body(values) } as Command;
}

/** Where a field stands in the form's values; the answers to points are a list. */
export function path(name: string): (string | number)[] {
  return name.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
