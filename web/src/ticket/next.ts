import type { Action, ActionName, ClockView, TicketView } from "../api/types";

/** What usually ends a clock, the likeliest first. Only for what stands in front: the server says what may be done at all. */
const ENDS: Record<ClockView["kind"], ActionName[]> = {
  referral: ["accept", "answer-at-once", "dispatch"],
  dispatch: ["dispatch", "answer-at-once"],
  sign: ["sign"],
  return: [],
  "return-review": ["review-return"],
  handle: ["audit-reply", "ask-closure", "draft-reply"],
  assist: ["deliver-assist"],
  "extension-review": ["review-extension"],
  "closure-review": ["review-closure"],
  "follow-up": ["follow-up"],
  verify: ["verify-rating"],
  rectify: ["report-rectification"],
  archive: [],
  consultation: ["conclude-consultation"],
  approval: ["review-opinion"],
  transfer: ["end-transfer", "take-back"],
  "report-in": ["report-in"],
  supplement: ["supplement"],
  opinion: ["record-instruction"],
  relay: ["relay-reply"],
  track: ["end-tracking"],
  settle: ["review-settlement"],
  urging: ["answer-urging"],
  exclusion: ["review-exclusion", "decide-exclusion"],
  // Of the knowledge base; none of these runs on a ticket.
  question: [],
  knowledge: [],
  correction: [],
  "policy-text": [],
};

/** Clocks that still run, the first to end first. */
export function openClocks(ticket: Pick<TicketView, "clocks">): ClockView[] {
  return ticket.clocks.filter(({ ended_at }) => !ended_at).sort((a, b) => a.due.localeCompare(b.due));
}

/** The open action that the ticket waits for, if this person can do it. */
export function nextAction(ticket: TicketView): Action | undefined {
  const wanted = openClocks(ticket).flatMap(({ kind }) => ENDS[kind]);
  for (const name of wanted) {
    const found = ticket.actions.find((action) => action.name === name && action.allowed);
    if (found) return found;
  }
  return undefined;
}
