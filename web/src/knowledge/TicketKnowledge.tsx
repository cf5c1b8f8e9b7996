import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { knowledgeListQuery } from "../api/queries";
import type { TicketView } from "../api/types";
import { paths } from "../paths";
import { useMe } from "../session/session";
import { dueDateTime } from "../time";
import { AskDialog } from "./AskDialog";
import "./knowledge.css";

/** Entries that this ticket's units are to make after the reply; the centre asks for them here, as with the note of a dispatch. */
export function TicketKnowledge({ ticket }: { ticket: TicketView }) {
  const { rights } = useMe();
  const [asking, setAsking] = useState(false);
  const may = rights.includes("ask-knowledge");
  const { data } = useQuery({
    ...knowledgeListQuery({ list: "all", ticket: ticket.number }),
    enabled: may || rights.includes("provide-knowledge"),
  });
  const units = ticket.work ? [ticket.work.lead.unit, ...ticket.work.assists.map(({ unit }) => unit)] : [];
  const lines = data?.items ?? [];
  if (lines.length === 0 && !(may && units.length > 0)) return null;
  return (
    <section className="card" aria-label="录入知识库">
      <h2>
        录入知识库
        {may && units.length > 0 && (
          <span className="end">
            <Button size="small" onClick={() => setAsking(true)}>
              要求录入
            </Button>
          </span>
        )}
      </h2>
      {lines.length === 0 ? (
        <p className="muted card-body">没有要求单位就这件工单录入知识。</p>
      ) : (
        <ul className="card-body entry-records">
          {lines.map((line) => (
            <li key={line.entry}>
              <Link to={paths.entry} params={{ entry: line.entry }}>
                {line.title}
              </Link>
              <p className={line.late ? "late" : "muted"}>
                {line.unit_name} · {line.state_name}
                {line.due ? ` · ${line.due_name} ${dueDateTime(line.due)}` : line.state === "owed" && " · 答复后开始计时"}
              </p>
            </li>
          ))}
        </ul>
      )}
      {asking && <AskDialog close={() => setAsking(false)} demand={{ ticket: ticket.number, title: ticket.title, units }} />}
    </section>
  );
}
