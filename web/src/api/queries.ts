import { QueryClient, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "./client";
import { type Answer, ApiProblem, unwrap } from "./problem";
import type { AuditFilters, HotFilters, KnowledgeFilters, ListFilters, Me, NewExport, NewHotExport, ProposalsFor, Section } from "./types";

/** What changes is heard at once (see session/live.ts); should that fail, lists and open tickets are asked for anew this often. */
const LIVE_MS = 60_000;
/** Messages and the set clock are not heard of, and are asked for. */
const OFTEN_MS = 15_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What the server refused will be refused again; what did not arrive may arrive.
      retry: (failures, error) => failures < 2 && (!(error instanceof ApiProblem) || error.status === 0 || error.status >= 500),
    },
  },
});

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async (): Promise<Me | null> => {
    try {
      return await unwrap(api.GET("/api/v1/session"), true);
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: Infinity,
});

export const ticketsQuery = (query: ListFilters) =>
  queryOptions({
    queryKey: ["tickets", "list", query],
    queryFn: () => unwrap(api.GET("/api/v1/tickets", { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval: LIVE_MS,
  });

export const countsQuery = (query: ListFilters) =>
  queryOptions({
    queryKey: ["tickets", "counts", query],
    queryFn: () => unwrap(api.GET("/api/v1/tickets/counts", { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval: LIVE_MS,
  });

export const ticketQuery = (number: string) =>
  queryOptions({
    queryKey: ["ticket", number],
    queryFn: () => unwrap(api.GET("/api/v1/tickets/{number}", { params: { path: { number } } })),
    refetchInterval: LIVE_MS,
  });

/** Tickets of who has this phone, or this identity number. */
export const callerQuery = (phone: string, id_number: string) =>
  queryOptions({
    queryKey: ["caller", phone, id_number],
    queryFn: () => unwrap(api.POST("/api/v1/callers", { body: phone.length >= 7 ? { phone } : { id_number } })),
    enabled: phone.length >= 7 || id_number.length === 18,
  });

export const unitsQuery = queryOptions({
  queryKey: ["units"],
  queryFn: () => unwrap(api.GET("/api/v1/units")),
  staleTime: 300_000,
});

export const catalogueQuery = queryOptions({
  queryKey: ["catalogue"],
  queryFn: () => unwrap(api.GET("/api/v1/catalogue")),
  staleTime: 300_000,
});

export const catalogueVersionsQuery = queryOptions({
  queryKey: ["catalogue", "versions"],
  queryFn: () => unwrap(api.GET("/api/v1/catalogue/versions")),
  staleTime: 300_000,
});

export const catalogueChangesQuery = (from: number, to: number) =>
  queryOptions({
    queryKey: ["catalogue", "changes", from, to],
    queryFn: () => unwrap(api.GET("/api/v1/catalogue/changes", { params: { query: { from, to } } })),
    staleTime: 300_000,
  });

/** What the commands ask for on this ticket as it stands: its own rulebook's lists, and what of it can be acted on. */
export const formsQuery = (ticket: string, version: number) =>
  queryOptions({
    queryKey: ["forms", ticket, version],
    queryFn: () => unwrap(api.GET("/api/v1/commands", { params: { query: { ticket } } })),
    placeholderData: keepPreviousData,
    staleTime: 300_000,
  });

export const dutyQuery = (day?: string) =>
  queryOptions({
    queryKey: ["duty", "day", day],
    queryFn: () => unwrap(api.GET("/api/v1/duty", { params: { query: { day } } })),
    refetchInterval: LIVE_MS,
  });

export const ownDutyQuery = queryOptions({
  queryKey: ["duty", "own"],
  queryFn: () => unwrap(api.GET("/api/v1/duty/own")),
  refetchInterval: LIVE_MS,
});

export const dutyFiguresQuery = (month?: string) =>
  queryOptions({
    queryKey: ["duty", "figures", month],
    queryFn: () => unwrap(api.GET("/api/v1/duty/figures", { params: { query: { month } } })),
  });

export const centresQuery = queryOptions({
  queryKey: ["organisation", "centres"],
  queryFn: () => unwrap(api.GET("/api/v1/centres")),
  refetchInterval: 60_000,
});

export const organisationQuery = queryOptions({
  queryKey: ["organisation", "units"],
  queryFn: () => unwrap(api.GET("/api/v1/organisation")),
});

export const accountsQuery = queryOptions({
  queryKey: ["organisation", "accounts"],
  queryFn: () => unwrap(api.GET("/api/v1/organisation/accounts")),
});

export const rulebookQuery = queryOptions({
  queryKey: ["rulebook"],
  queryFn: () => unwrap(api.GET("/api/v1/rulebook")),
  staleTime: 300_000,
});

export const outboxQuery = (cursor: string | undefined) =>
  queryOptions({
    queryKey: ["outbox", cursor],
    queryFn: () => unwrap(api.GET("/api/v1/outbox", { params: { query: { cursor } } })),
    placeholderData: keepPreviousData,
    refetchInterval: OFTEN_MS,
  });

export const auditQuery = (filters: AuditFilters, cursor: string | undefined) =>
  queryOptions({
    queryKey: ["audit", filters, cursor],
    queryFn: () => unwrap(api.GET("/api/v1/audit", { params: { query: { ...filters, cursor } } })),
    placeholderData: keepPreviousData,
  });

/** The table that the filter finds. */
export async function exportAudit(filter: AuditFilters, reason: string): Promise<Blob> {
  const answer = api.POST("/api/v1/audit/export", { body: { filter, reason }, parseAs: "blob" });
  return (await unwrap(answer)) as unknown as Blob;
}

/** The tickets that the filter finds, as a workbook, and the number that the export has. */
type TakenOut = { file: Blob; id: string };

async function takenOut(answer: Answer<unknown>): Promise<TakenOut> {
  const file = (await unwrap(Promise.resolve(answer))) as Blob;
  return { file, id: answer.response.headers.get("x-export-id") ?? "" };
}

export async function exportTickets(body: NewExport): Promise<TakenOut> {
  return takenOut(await api.POST("/api/v1/exports", { body, parseAs: "blob" }));
}

export async function exportHot(body: NewHotExport): Promise<TakenOut> {
  return takenOut(await api.POST("/api/v1/hot/export", { body, parseAs: "blob" }));
}

export const exportsQuery = (cursor: string | undefined) =>
  queryOptions({
    queryKey: ["exports", cursor],
    queryFn: () => unwrap(api.GET("/api/v1/exports", { params: { query: { cursor } } })),
    placeholderData: keepPreviousData,
  });

export const accessesQuery = (query: { month?: string; who?: string }) =>
  queryOptions({
    queryKey: ["accesses", query],
    queryFn: () => unwrap(api.GET("/api/v1/privacy/accesses", { params: { query } })),
    placeholderData: keepPreviousData,
  });

export const erasuresQuery = queryOptions({
  queryKey: ["erasures"],
  queryFn: () => unwrap(api.GET("/api/v1/privacy/erasures")),
});

export const oidcQuery = queryOptions({
  queryKey: ["oidc"],
  queryFn: () => unwrap(api.GET("/api/v1/oidc")),
  staleTime: Infinity,
});

export const ownQuery = queryOptions({
  queryKey: ["own"],
  queryFn: () => unwrap(api.GET("/api/v1/account")),
});

export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: () => unwrap(api.GET("/api/v1/account/sessions")),
});

export const logInsQuery = queryOptions({
  queryKey: ["log-ins"],
  queryFn: () => unwrap(api.GET("/api/v1/security/log-ins")),
  refetchInterval: LIVE_MS,
});

export const policyQuery = queryOptions({
  queryKey: ["policy"],
  queryFn: () => unwrap(api.GET("/api/v1/security/policy")),
});

export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: () => unwrap(api.GET("/api/v1/security/keys")),
});

export const clockQuery = queryOptions({
  queryKey: ["clock"],
  queryFn: () => unwrap(api.GET("/api/v1/clock")),
  refetchInterval: OFTEN_MS,
});

/** Earlier tickets on the matter that is being told; `said` is the body as text, so that what was said before is not asked about again. */
export const similarNowQuery = (said: string) =>
  queryOptions({
    queryKey: ["similar", "now", said],
    queryFn: ({ signal }) => unwrap(api.POST("/api/v1/matters/similar", { body: JSON.parse(said), signal })),
    placeholderData: keepPreviousData,
    // What a seat did not wait for is not worth another try.
    retry: false,
    gcTime: 0,
  });

/** Tickets that are perhaps on the matter of this one, as it stands. */
export const similarToQuery = (number: string, version: number) =>
  queryOptions({
    queryKey: ["similar", "to", number, version],
    queryFn: () => unwrap(api.GET("/api/v1/tickets/{number}/similar", { params: { path: { number } } })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

/** What to look at in a reply as it is so far. */
export const hintsQuery = (number: string, text: string) =>
  queryOptions({
    queryKey: ["hints", number, text],
    queryFn: ({ signal }) => unwrap(api.POST("/api/v1/tickets/{number}/hints", { params: { path: { number } }, body: { text }, signal })),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 60_000,
  });

export const hintKindsQuery = queryOptions({
  queryKey: ["hints", "kinds"],
  queryFn: () => unwrap(api.GET("/api/v1/hints")),
});

export const hotQuery = (query: HotFilters) =>
  queryOptions({
    queryKey: ["hot", query],
    queryFn: () => unwrap(api.GET("/api/v1/hot", { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval: LIVE_MS,
  });

export const hotIssueQuery = (number: string, days: number | undefined) =>
  queryOptions({
    queryKey: ["hot", "issue", number, days],
    queryFn: () => unwrap(api.GET("/api/v1/hot/{number}", { params: { path: { number }, query: { days } } })),
  });

export const knowledgeSearchQuery = (q: string, section?: Section, most?: number) =>
  queryOptions({
    queryKey: ["knowledge", "search", q, section, most],
    queryFn: () => unwrap(api.POST("/api/v1/knowledge/search", { body: { q, section, most } })),
    placeholderData: keepPreviousData,
  });

/** What is proposed for what has been typed so far. Old answers are dropped at once: the text may name people. */
export const proposalsQuery = (asked: ProposalsFor) =>
  queryOptions({
    queryKey: ["proposals", "for", asked] as const,
    queryFn: ({ signal }) => unwrap(api.POST("/api/v1/proposals", { body: asked, signal })),
    retry: false,
    gcTime: 0,
    staleTime: 30_000,
  });

export const proposalFiguresQuery = queryOptions({
  queryKey: ["proposals", "figures"],
  queryFn: () => unwrap(api.GET("/api/v1/proposals/figures")),
});

export const knowledgeListQuery = (query: KnowledgeFilters) =>
  queryOptions({
    queryKey: ["knowledge", "list", query],
    queryFn: () => unwrap(api.GET("/api/v1/knowledge", { params: { query } })),
    placeholderData: keepPreviousData,
    refetchInterval: LIVE_MS,
  });

export const entryQuery = (entry: string) =>
  queryOptions({
    queryKey: ["knowledge", "entry", entry],
    queryFn: () => unwrap(api.GET("/api/v1/knowledge/{entry}", { params: { path: { entry } } })),
    staleTime: 60_000,
  });

export const knowledgeChoicesQuery = queryOptions({
  queryKey: ["knowledge", "choices"],
  queryFn: () => unwrap(api.GET("/api/v1/knowledge/choices")),
  staleTime: 300_000,
});

export const knowledgeFiguresQuery = (query: { from?: string; to?: string }) =>
  queryOptions({
    queryKey: ["knowledge", "figures", query],
    queryFn: () => unwrap(api.GET("/api/v1/knowledge/figures", { params: { query } })),
    placeholderData: keepPreviousData,
  });

export const knowledgeSamplesQuery = queryOptions({
  queryKey: ["knowledge", "samples"],
  queryFn: () => unwrap(api.GET("/api/v1/knowledge/samples")),
});

export const knowledgeSampleQuery = (sample: number) =>
  queryOptions({
    queryKey: ["knowledge", "samples", sample],
    queryFn: () => unwrap(api.GET("/api/v1/knowledge/samples/{sample}", { params: { path: { sample } } })),
  });
