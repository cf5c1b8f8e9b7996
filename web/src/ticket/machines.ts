// Where in the course of a ticket each action belongs, and which of them stand in front. Only for the eye: what may be done, the server says.
import type { Action, ActionName } from "../api/types";

export const MACHINES = ["受理", "派单", "办理", "答复办结", "回访", "督办", "归档"] as const;

type Machine = (typeof MACHINES)[number];

/** The daily ones, as buttons of their own. */
const IN_FRONT: Record<Machine, ActionName[]> = {
  受理: ["attach-appeal", "refer-up", "accept", "refuse", "answer-at-once", "hand-over", "take-back", "end-transfer"],
  派单: ["dispatch", "sign", "report-in", "conclude-consultation", "review-opinion"],
  办理: [
    "ask-return",
    "review-return",
    "ask-extension",
    "review-extension",
    "record-contact",
    "supplement",
    "deliver-assist",
  ],
  答复办结: ["draft-reply", "audit-reply", "relay-reply", "ask-closure", "review-closure"],
  回访: ["follow-up", "verify-rating", "review-settlement", "end-tracking"],
  督办: ["open-supervision", "take-measure", "report-rectification", "end-supervision", "answer-urging"],
  归档: ["archive"],
};

const BEHIND: Record<Machine, ActionName[]> = {
  受理: [
    "link-earlier",
    "mark-difficult",
    "mark-major",
    "join-to",
    "withdraw",
    "record-malicious",
    "refer-malicious",
    "report-risk",
    "transfer",
  ],
  派单: ["consult", "submit-opinion", "assign-inside", "whistle", "judge-whistle", "raise"],
  办理: ["open-return", "declare-longer", "ask-supplement", "report-up", "report-progress"],
  答复办结: ["reopen-reply"],
  回访: ["ask-settlement"],
  督办: [
    "urge",
    "record-instruction",
    "mark-media",
    "propose-supervision",
    "dismiss-supervision",
    "record-conduct",
    "confirm-conduct",
    "dismiss-conduct",
    "ask-exclusion",
    "review-exclusion",
    "appeal-exclusion",
    "decide-exclusion",
  ],
  归档: ["hold", "lift-hold"],
};

export function isInFront({ name }: Action): boolean {
  return MACHINES.some((machine) => IN_FRONT[machine].includes(name));
}

/** Actions by machine, in the order of a ticket's course; machines without any are left out. One that is not named here comes last. */
export function byMachine(actions: Action[]): { machine: string; actions: Action[] }[] {
  const named = (machine: Machine) => [...IN_FRONT[machine], ...BEHIND[machine]];
  const groups: { machine: string; actions: Action[] }[] = MACHINES.map((machine) => ({
    machine,
    actions: named(machine).flatMap((name) => actions.filter((action) => action.name === name)),
  }));
  const rest = actions.filter(({ name }) => !MACHINES.some((machine) => named(machine).includes(name)));
  return [...groups, { machine: "其他", actions: rest }].filter((group) => group.actions.length > 0);
}
