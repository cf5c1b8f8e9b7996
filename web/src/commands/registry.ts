import type { CommandForms } from "../api/types";
import { after } from "./after";
import { centre } from "./centre";
import { plain } from "./plain";
import type { CommandName, Spec } from "./spec";
import { unit } from "./unit";

/** Rating by number and query code is the citizen's, in the portal; by short message it comes from the gateway. */
const NOT_HERE = new Set<string>(["rate", "rate-by-text", "attach-file"] satisfies CommandName[]);

/** Commands with a dialog of their own. */
const specs: Partial<Record<CommandName, Spec>> = { ...centre, ...unit, ...after };

/** Whether an action is given in this console at all. */
export function isGivenHere(action: string): boolean {
  return !NOT_HERE.has(action);
}

/** The dialog of an action: its own, or a plain form from what the server says of it. */
export function specOf(action: string, forms: CommandForms): Spec | undefined {
  if (Object.hasOwn(specs, action)) return specs[action as CommandName];
  const form = forms.commands.find(({ name }) => name === action);
  return form && plain(form);
}
