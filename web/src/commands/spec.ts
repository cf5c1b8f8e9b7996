// What a dialog is made of. A command is a list of fields; names are paths into the command's JSON ("help.by"), so that the
// filled form is the command. A name that begins with "_" only steers the form and is not sent.
import type { CatalogueEntry, Command, RulebookView, TicketView, Unit } from "../api/types";

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
    | { type: "number"; unit: string }
    | { type: "choice"; options: Choice[] }
    | { type: "unit" | "units" | "unit-name" }
    | { type: "amount" }
    | { type: "check" }
  );

/** What a command's fields may depend on. */
export type Context = { ticket: TicketView; rulebook: RulebookView; units: Unit[]; catalogue: CatalogueEntry[] };

export type Fact = [label: string, text: string | null | undefined];

export type Spec = {
  /** What the clerk decides about, shown above the fields. */
  facts?: (context: Context) => Fact[];
  /** What will happen, where it is not obvious. */
  note?: (context: Context) => string;
  fields?: (context: Context) => Field[];
  initial?: (context: Context) => Values;
  /** Shows the entries of the dispatch catalogue that fit, to take over with one click. */
  suggests?: boolean;
};

export type CommandName = Command["do"];

function clean(value: unknown): unknown {
  if (typeof value === "string") return value.trim() || undefined;
  if (Array.isArray(value) || typeof value !== "object" || value === null) return value ?? undefined;
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
