import type { KnowledgeFilters, Section } from "../api/types";

/** The lists, in the order of their tabs. */
export const LISTS = [
  ["owed", "待办（提问、录入、纠错）"],
  ["review", "待审核"],
  ["returned", "退回修改"],
  ["reported", "待核实的报错"],
  ["late", "已超期"],
  ["wrong", "有误待改"],
  ["stale", "长期未更新"],
  ["unused", "从未用过"],
  ["all", "全部"],
] as const;

export type ListName = (typeof LISTS)[number][0];

export type KnowledgeSearch = { q?: string; section?: Section };
export type ListSearch = { list?: ListName; unit?: string; q?: string; cursor?: string };

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

export function readKnowledgeSearch(raw: Record<string, unknown>): KnowledgeSearch {
  // A column that is none is told by the server.
  const [q, section] = [text(raw.q), text(raw.section) as Section | undefined];
  return { ...(q && { q }), ...(section && { section }) };
}

export function readListSearch(raw: Record<string, unknown>): ListSearch {
  const list = LISTS.find(([name]) => name === raw.list)?.[0];
  const [unit, q, cursor] = [text(raw.unit), text(raw.q), text(raw.cursor)];
  return { ...(list && { list }), ...(unit && { unit }), ...(q && { q }), ...(cursor && { cursor }) };
}

export function listFilters({ list, unit, q, cursor }: ListSearch): KnowledgeFilters {
  return { list: list ?? "owed", unit, q, cursor };
}
