import { after } from "./after";
import { centre } from "./centre";
import type { CommandName, Spec } from "./spec";
import { unit } from "./unit";

/** Rating by number and query code is the citizen's, in the portal; by short message it comes from the gateway. */
type StaffCommand = Exclude<CommandName, "rate" | "rate-by-text">;

/** Commands with a dialog of their own. The others get a plain form from what the server says of them (`GET /commands`). */
const specs: Partial<Record<StaffCommand, Spec>> = { ...centre, ...unit, ...after };

/** The dialog of an action, if this console has one. */
export function specOf(action: string): { name: StaffCommand; spec: Spec } | undefined {
  const spec = Object.hasOwn(specs, action) ? specs[action as StaffCommand] : undefined;
  return spec && { name: action as StaffCommand, spec };
}
