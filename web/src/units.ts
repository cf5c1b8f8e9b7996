import { useQuery } from "@tanstack/react-query";
import { unitsQuery } from "./api/queries";
import type { Unit } from "./api/types";

/** A unit in a list that one is chosen from. */
export type UnitOption = { value: string; label: string; kind: string; initials: string[] };

export const unitOption = ({ id, name, kind_name, initials }: Pick<Unit, "id" | "name" | "kind_name" | "initials">): UnitOption => ({
  value: id,
  label: name,
  kind: kind_name,
  initials,
});

/**
 * How well typed text fits a unit: its name or kind has it, or its letters are the initials of the name's pinyin: all, the first, some side by
 * side, or some in this order with the last one last ("sjj" for 市场监督管理局). 0: not at all. The server searches by the same rule.
 */
function fit(text: string, { label, kind, initials }: UnitOption): number {
  const typed = text.trim().normalize("NFKC").toLowerCase();
  if (typed === "" || `${label} ${kind}`.toLowerCase().includes(typed)) return 5;
  if (!/^[a-z]+$/.test(typed)) return 0;
  const letters = [...typed];
  const stands = (start: number) => letters.every((letter, i) => initials[start + i]?.includes(letter));
  if (stands(0)) return letters.length === initials.length ? 4 : 3;
  if (initials.some((_, start) => stands(start))) return 2;
  const before = letters.slice(0, -1);
  let at = 0;
  for (const letter of before) {
    const next = initials.findIndex((of, i) => i >= at && of.includes(letter));
    if (next < 0) return 0;
    at = next + 1;
  }
  return before.length > 0 && at < initials.length && initials.at(-1)?.includes(letters.at(-1) ?? "") ? 1 : 0;
}

/** `showSearch` of every select that a unit is chosen in: the best fits first, otherwise as they stood. */
export const unitSearch = {
  filterOption: (text: string, option?: UnitOption) => !!option && fit(text, option) > 0,
  filterSort: (a: UnitOption, b: UnitOption, { searchValue }: { searchValue: string }) => fit(searchValue, b) - fit(searchValue, a),
};

/** A unit's name by its id. Where the list is not there yet, or the unit left it, the id itself. */
export function unitName(units: Unit[] | undefined, id: string): string {
  return units?.find((unit) => unit.id === id)?.name ?? id;
}

export function useUnitName(): (id: string) => string {
  const { data } = useQuery(unitsQuery);
  return (id) => unitName(data, id);
}
