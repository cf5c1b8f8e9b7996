import type { ListFilters } from "../api/types";

const TEXTS = ["state", "kind", "lead", "channel", "q", "from", "to", "cursor"] as const;
const FLAGS = ["urgent", "overdue", "supervised", "confidential"] as const;

export type Flag = (typeof FLAGS)[number];

export type ListSort = "urgency" | "newest" | "best";

/** What the address of a list says. Everything is text, as in the address itself. */
export type ListSearch = { [key in (typeof TEXTS)[number]]?: string } & { [key in Flag]?: "true" } & { sort?: ListSort };

/** Reads an address and leaves out what it does not know, so that an old bookmark still opens. */
export function readSearch(raw: Record<string, unknown>): ListSearch {
  const search: ListSearch = {};
  for (const key of TEXTS) {
    const value = raw[key];
    if (typeof value === "string" && value !== "") search[key] = value;
  }
  for (const flag of FLAGS) if (raw[flag] === "true") search[flag] = "true";
  if (raw.sort === "newest" || raw.sort === "urgency" || raw.sort === "best") search.sort = raw.sort;
  return search;
}

const PAGE = 50;

/** The counts beside the states go over all states: they are for choosing one. */
export function countFilters({ kind, lead, channel, q, from, to, ...search }: ListSearch): ListFilters {
  const flags = Object.fromEntries(FLAGS.filter((flag) => search[flag]).map((flag) => [flag, true]));
  return { kind, lead, channel, q, from, to, ...flags };
}

export function listFilters(search: ListSearch): ListFilters {
  const { state, cursor } = search;
  return { ...countFilters(search), state, cursor, sort: sortOf(search), limit: PAGE };
}

/** Work is done by urgency; what somebody looks for by its words happened lately. By its title only words can be looked for. */
export function sortOf({ sort, q }: ListSearch): ListSort {
  if (sort === "best" && !q) return "newest";
  return sort ?? (q ? "newest" : "urgency");
}

/** Whether anything narrows the list. */
export function narrowed(search: ListSearch): boolean {
  return [...TEXTS, ...FLAGS].some((key) => key !== "cursor" && search[key] !== undefined);
}
