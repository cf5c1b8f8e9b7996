import { useQuery } from "@tanstack/react-query";
import { unitsQuery } from "./api/queries";
import type { Unit } from "./api/types";

/** A unit's name by its id. Where the list is not there yet, or the unit left it, the id itself. */
export function unitName(units: Unit[] | undefined, id: string): string {
  return units?.find((unit) => unit.id === id)?.name ?? id;
}

export function useUnitName(): (id: string) => string {
  const { data } = useQuery(unitsQuery);
  return (id) => unitName(data, id);
}
