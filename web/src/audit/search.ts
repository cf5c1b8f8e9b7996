import type { AuditFilters } from "../api/types";

const TEXTS = ["from", "to", "who", "kind", "subject", "cursor"] as const;

/** What the address of the audit journal says; days as `2026-04-30`. */
export type AuditSearch = { [key in (typeof TEXTS)[number]]?: string };

export function readAuditSearch(raw: Record<string, unknown>): AuditSearch {
  const search: AuditSearch = {};
  for (const key of TEXTS) {
    const value = raw[key];
    if (typeof value === "string" && value !== "") search[key] = value;
  }
  return search;
}

/** Midnight in China. */
function midnight(day: string, later = 0): string | undefined {
  const at = new Date(`${day}T00:00:00+08:00`);
  if (Number.isNaN(at.getTime())) return undefined;
  return new Date(at.getTime() + later * 86_400_000).toISOString();
}

/** As the server is asked: both days are meant with their whole length. */
export function auditFilters({ from, to, who, kind, subject }: AuditSearch): AuditFilters {
  // A kind that is none is told by the server.
  return { from: from && midnight(from), to: to && midnight(to, 1), who, kind: kind as AuditFilters["kind"], subject };
}
