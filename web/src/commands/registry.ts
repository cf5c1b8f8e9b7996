import { after } from "./after";
import { centre } from "./centre";
import type { CommandName, Spec } from "./spec";
import { unit } from "./unit";

/** Rating by number and query code is the citizen's, in the portal. */
type StaffCommand = Exclude<CommandName, "rate">;

/** Every command a person can give here. One that the server adds fails the type check until it has its fields. */
const specs: Record<StaffCommand, Spec> = { ...centre, ...unit, ...after };

/** The dialog of an action, if this console has one. */
export function specOf(action: string): { name: StaffCommand; spec: Spec } | undefined {
  return Object.hasOwn(specs, action) ? { name: action as StaffCommand, spec: specs[action as StaffCommand] } : undefined;
}
