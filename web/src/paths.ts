// Every address of the console, in one place.

/** Where the server serves the console; the router's own addresses below are relative to it. */
export const BASE = "/console";

export const paths = {
  home: "/",
  login: "/login",
  tickets: "/tickets",
  newTicket: "/tickets/new",
  ticket: "/tickets/$number",
  outbox: "/outbox",
  audit: "/audit",
  rulebook: "/rulebook",
  account: "/account",
  logIns: "/security/log-ins",
  policy: "/security/policy",
  keys: "/security/keys",
  duty: "/duty",
  dutyFigures: "/duty/figures",
  organisation: "/organisation",
  centres: "/centres",
  accounts: "/accounts",
  knowledge: "/knowledge",
  knowledgeLists: "/knowledge/lists",
  knowledgeFigures: "/knowledge/figures",
  newEntry: "/knowledge/new",
  entry: "/knowledge/entries/$entry",
  proposals: "/proposals",
  hints: "/hints",
  hot: "/hot",
  hotIssue: "/hot/$number",
  exports: "/privacy/exports",
  accesses: "/privacy/accesses",
  erasures: "/privacy/erasures",
} as const;

/** A ticket's whole address, for opening it beside the page. */
export function ticketHref(number: string): string {
  return BASE + paths.ticket.replace("$number", encodeURIComponent(number));
}

/** The citizen portal, outside the console. */
export const PORTAL = "/";
