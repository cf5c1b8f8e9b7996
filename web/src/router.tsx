import { Outlet, createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import {
  accountsQuery,
  countsQuery,
  entryQuery,
  hintKindsQuery,
  keysQuery,
  logInsQuery,
  meQuery,
  organisationQuery,
  policyQuery,
  proposalFiguresQuery,
  queryClient,
  rulebookQuery,
  ticketQuery,
  ticketsQuery,
  unitsQuery,
} from "./api/queries";
import { readAuditSearch } from "./audit/search";
import { readHotSearch } from "./matters/search";
import { readKnowledgeSearch, readListSearch } from "./knowledge/search";
import { countFilters, listFilters, readSearch } from "./list/search";
import type { Stage } from "./api/types";
import { BASE, paths } from "./paths";
import { LoginPage } from "./session/LoginPage";
import { seesTickets } from "./session/session";
import { Shell } from "./shell/Shell";
import { Failed, Nothing } from "./ui/Notice";

/** Each part of a list's address is a plain string: `?q=123` stays readable and can be typed by hand. */
function stringifySearch(search: Record<string, unknown>): string {
  const kept = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(kept.map(([key, value]) => [key, String(value)])).toString();
  return text ? `?${text}` : "";
}

function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: () => (
    <Nothing title="没有这个页面">
      请检查地址，或 <a href={BASE}>回到工单列表</a>。
    </Nothing>
  ),
});

const login = createRoute({
  getParentRoute: () => root,
  path: paths.login,
  validateSearch: ({ back, stage, failed }: Record<string, unknown>): { back?: string; stage?: Stage; failed?: string } => ({
    ...(typeof back === "string" && { back }),
    ...((stage === "second-factor" || stage === "enrol") && { stage }),
    ...(typeof failed === "string" && { failed }),
  }),
  component: LoginPage,
});

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  beforeLoad: async ({ location }) => {
    const me = await queryClient.ensureQueryData(meQuery);
    if (!me) throw redirect({ to: paths.login, search: { back: location.href } });
  },
  component: Shell,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: paths.home,
  beforeLoad: async () => {
    const me = await queryClient.ensureQueryData(meQuery);
    if (!me || seesTickets(me)) throw redirect({ to: paths.tickets, search: {} });
    // Seats that only register, and administrators who neither see tickets nor make them.
    if (me.rights.includes("register")) throw redirect({ to: paths.newTicket });
    if (me.rights.includes("review-knowledge")) throw redirect({ to: paths.knowledgeLists, search: {} });
    if (me.rights.includes("secure-log-in")) throw redirect({ to: paths.logIns });
    throw redirect({ to: me.rights.includes("view-organisation") ? paths.organisation : paths.rulebook });
  },
});

// A loader only starts the requests: the page shows its own loading and failure.
const tickets = createRoute({
  getParentRoute: () => shell,
  path: paths.tickets,
  validateSearch: readSearch,
  beforeLoad: async () => {
    const me = await queryClient.ensureQueryData(meQuery);
    if (me && !seesTickets(me)) throw redirect({ to: paths.home });
  },
  loaderDeps: ({ search }) => search,
  loader: ({ deps }) => {
    void queryClient.prefetchQuery(ticketsQuery(listFilters(deps)));
    void queryClient.prefetchQuery(countsQuery(countFilters(deps)));
  },
  component: lazyRouteComponent(() => import("./list/WorkList"), "WorkList"),
});

const newTicket = createRoute({
  getParentRoute: () => shell,
  path: paths.newTicket,
  loader: () => void queryClient.prefetchQuery(rulebookQuery),
  component: lazyRouteComponent(() => import("./register/RegisterPage"), "RegisterPage"),
});

const ticket = createRoute({
  getParentRoute: () => shell,
  path: paths.ticket,
  loader: ({ params }) => {
    void queryClient.prefetchQuery(ticketQuery(params.number));
    void queryClient.prefetchQuery(unitsQuery);
    void queryClient.prefetchQuery(rulebookQuery);
  },
  component: lazyRouteComponent(() => import("./ticket/TicketPage"), "TicketPage"),
});

const outbox = createRoute({
  getParentRoute: () => shell,
  path: paths.outbox,
  validateSearch: (search: Record<string, unknown>): { cursor?: string } =>
    typeof search.cursor === "string" ? { cursor: search.cursor } : {},
  component: lazyRouteComponent(() => import("./outbox/OutboxPage"), "OutboxPage"),
});

const audit = createRoute({
  getParentRoute: () => shell,
  path: paths.audit,
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import("./audit/AuditPage"), "AuditPage"),
});

const rulebook = createRoute({
  getParentRoute: () => shell,
  path: paths.rulebook,
  loader: () => void queryClient.prefetchQuery(rulebookQuery),
  component: lazyRouteComponent(() => import("./rulebook/RulebookPage"), "RulebookPage"),
});

const account = createRoute({
  getParentRoute: () => shell,
  path: paths.account,
  component: lazyRouteComponent(() => import("./security/AccountPage"), "AccountPage"),
});

const logIns = createRoute({
  getParentRoute: () => shell,
  path: paths.logIns,
  loader: () => void queryClient.prefetchQuery(logInsQuery),
  component: lazyRouteComponent(() => import("./security/LogInsPage"), "LogInsPage"),
});

const policy = createRoute({
  getParentRoute: () => shell,
  path: paths.policy,
  loader: () => void queryClient.prefetchQuery(policyQuery),
  component: lazyRouteComponent(() => import("./security/PolicyPage"), "PolicyPage"),
});

const keys = createRoute({
  getParentRoute: () => shell,
  path: paths.keys,
  loader: () => void queryClient.prefetchQuery(keysQuery),
  component: lazyRouteComponent(() => import("./security/KeysPage"), "KeysPage"),
});

const duty = createRoute({
  getParentRoute: () => shell,
  path: paths.duty,
  validateSearch: ({ day }: Record<string, unknown>): { day?: string } => (typeof day === "string" ? { day } : {}),
  component: lazyRouteComponent(() => import("./duty/DutyPage"), "DutyPage"),
});

const dutyFigures = createRoute({
  getParentRoute: () => shell,
  path: paths.dutyFigures,
  validateSearch: ({ month }: Record<string, unknown>): { month?: string } => (typeof month === "string" ? { month } : {}),
  component: lazyRouteComponent(() => import("./duty/FiguresPage"), "FiguresPage"),
});

const centres = createRoute({
  getParentRoute: () => shell,
  path: paths.centres,
  component: lazyRouteComponent(() => import("./organisation/CentresPage"), "CentresPage"),
});

const organisation = createRoute({
  getParentRoute: () => shell,
  path: paths.organisation,
  loader: () => void queryClient.prefetchQuery(organisationQuery),
  component: lazyRouteComponent(() => import("./organisation/UnitsPage"), "UnitsPage"),
});

const accounts = createRoute({
  getParentRoute: () => shell,
  path: paths.accounts,
  loader: () => void queryClient.prefetchQuery(accountsQuery),
  component: lazyRouteComponent(() => import("./organisation/AccountsPage"), "AccountsPage"),
});

const knowledge = createRoute({
  getParentRoute: () => shell,
  path: paths.knowledge,
  validateSearch: readKnowledgeSearch,
  component: lazyRouteComponent(() => import("./knowledge/SearchPage"), "SearchPage"),
});

const knowledgeLists = createRoute({
  getParentRoute: () => shell,
  path: paths.knowledgeLists,
  validateSearch: readListSearch,
  component: lazyRouteComponent(() => import("./knowledge/ListsPage"), "ListsPage"),
});

const knowledgeFigures = createRoute({
  getParentRoute: () => shell,
  path: paths.knowledgeFigures,
  component: lazyRouteComponent(() => import("./knowledge/FiguresPage"), "FiguresPage"),
});

const newEntry = createRoute({
  getParentRoute: () => shell,
  path: paths.newEntry,
  component: lazyRouteComponent(() => import("./knowledge/NewEntryPage"), "NewEntryPage"),
});

const entry = createRoute({
  getParentRoute: () => shell,
  path: paths.entry,
  loader: ({ params }) => void queryClient.prefetchQuery(entryQuery(params.entry)),
  component: lazyRouteComponent(() => import("./knowledge/EntryPage"), "EntryPage"),
});

const proposals = createRoute({
  getParentRoute: () => shell,
  path: paths.proposals,
  loader: () => void queryClient.prefetchQuery(proposalFiguresQuery),
  component: lazyRouteComponent(() => import("./proposals/FiguresPage"), "FiguresPage"),
});

const hints = createRoute({
  getParentRoute: () => shell,
  path: paths.hints,
  loader: () => void queryClient.prefetchQuery(hintKindsQuery),
  component: lazyRouteComponent(() => import("./hints/HintsPage"), "HintsPage"),
});

const hot = createRoute({
  getParentRoute: () => shell,
  path: paths.hot,
  validateSearch: readHotSearch,
  component: lazyRouteComponent(() => import("./matters/HotPage"), "HotPage"),
});

const hotIssue = createRoute({
  getParentRoute: () => shell,
  path: paths.hotIssue,
  validateSearch: readHotSearch,
  component: lazyRouteComponent(() => import("./matters/HotIssuePage"), "HotIssuePage"),
});

const exported = createRoute({
  getParentRoute: () => shell,
  path: paths.exports,
  validateSearch: (search: Record<string, unknown>): { cursor?: string } =>
    typeof search.cursor === "string" ? { cursor: search.cursor } : {},
  component: lazyRouteComponent(() => import("./privacy/ExportsPage"), "ExportsPage"),
});

const accesses = createRoute({
  getParentRoute: () => shell,
  path: paths.accesses,
  validateSearch: ({ month, who }: Record<string, unknown>): { month?: string; who?: string } => ({
    ...(typeof month === "string" && { month }),
    ...(typeof who === "string" && { who }),
  }),
  component: lazyRouteComponent(() => import("./privacy/AccessesPage"), "AccessesPage"),
});

const erasures = createRoute({
  getParentRoute: () => shell,
  path: paths.erasures,
  component: lazyRouteComponent(() => import("./privacy/ErasuresPage"), "ErasuresPage"),
});

const work = [home, tickets, newTicket, ticket, outbox, rulebook, knowledge, knowledgeLists, knowledgeFigures, newEntry, entry, proposals];
const administration = [duty, dutyFigures, centres, organisation, accounts, logIns, policy, keys, audit];
const matters = [hot, hotIssue, hints];
const privacy = [exported, accesses, erasures];

export const router = createRouter({
  routeTree: root.addChildren([login, shell.addChildren([...work, ...administration, ...privacy, ...matters, account])]),
  basepath: BASE,
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultErrorComponent: ({ error, reset }) => <Failed error={error} retry={reset} />,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
  interface HistoryState {
    /** The cursors of the pages before this one, for going back a page. */
    trail?: string[];
  }
}
