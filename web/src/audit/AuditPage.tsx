import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { auditQuery } from "../api/queries";
import type { AuditItem } from "../api/types";
import { paths } from "../paths";
import { fullDateTime } from "../time";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { AuditFilters } from "./AuditFilters";
import { ExportDialog } from "./ExportDialog";
import "./audit.css";
import { auditFilters } from "./search";

/** What was done in the system besides acts on tickets, newest first. It is read here and never changed. */
export function AuditPage() {
  useTitle("审计日志");
  const search = useSearch({ from: "/shell/audit" });
  const navigate = useNavigate();
  const [exporting, setExporting] = useState(false);
  const { data, error, refetch } = useQuery(auditQuery(auditFilters(search), search.cursor));
  const to = (cursor: string | undefined) => void navigate({ to: paths.audit, search: { ...search, cursor } });
  return (
    <section className="audit card" aria-label="审计日志">
      <h2>
        审计日志
        <span className="end">
          <Button onClick={() => setExporting(true)}>导出</Button>
        </span>
      </h2>
      <AuditFilters search={search} kinds={data?.kinds ?? []} />
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what="审计日志" />
      ) : data.items.length === 0 ? (
        <Nothing title="没有这样的记录">请放宽时间或条件再查。</Nothing>
      ) : (
        <ol className="audit-entries">
          {data.items.map((item) => (
            <Entry key={item.seq} item={item} />
          ))}
        </ol>
      )}
      {data && (search.cursor || data.next) && (
        <nav className="pager" aria-label="翻页">
          <Button disabled={!search.cursor} onClick={() => to(undefined)}>
            最新的
          </Button>
          <Button disabled={!data.next} onClick={() => to(data.next ?? undefined)}>
            更早的
          </Button>
        </nav>
      )}
      {exporting && <ExportDialog filter={auditFilters(search)} close={() => setExporting(false)} />}
    </section>
  );
}

function Entry({ item }: { item: AuditItem }) {
  const details = Object.entries(item.detail as Record<string, unknown>);
  return (
    <li data-refused={item.refused}>
      <p className="audit-head">
        <strong>{item.kind_name}</strong>
        <span>{[item.who_name, item.role_name].filter(Boolean).join(" · ")}</span>
        {item.subject && item.subject !== item.who && <span className="number">{item.subject}</span>}
        <span className="audit-outcome">{item.outcome_name}</span>
        <time className="muted" dateTime={item.at}>
          {fullDateTime(item.at)}
        </time>
      </p>
      {item.reason && <p className="plain-text">理由：{item.reason}</p>}
      <p className="muted audit-foot">
        第{item.seq}条
        {item.origin && ` · 来自 ${item.origin}`}
        {details.map(([name, value]) => ` · ${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)}
      </p>
    </li>
  );
}
