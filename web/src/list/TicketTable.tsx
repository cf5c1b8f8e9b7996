import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import type { TicketLine } from "../api/types";
import { paths } from "../paths";
import { dateTime } from "../time";
import { Due, StateName } from "../ui/Due";
import { Heads } from "../ui/Heads";
import { Marked } from "../ui/Marked";
import { Marks } from "../ui/Marks";

/**
 * Arrow keys go from title to title, so that a list is worked through without the mouse: from the page itself, from the search box and
 * within the table, but not out of other controls, which have a use for them.
 */
function useWalk() {
  useEffect(() => {
    const walk = (event: KeyboardEvent) => {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      const at = document.activeElement;
      if (step === 0 || (at !== document.body && !at?.closest(".filter-search, .tickets"))) return;
      const titles = [...document.querySelectorAll<HTMLElement>("a.ticket-title")];
      const next = titles[titles.indexOf(at as HTMLElement) + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    };
    document.addEventListener("keydown", walk);
    return () => document.removeEventListener("keydown", walk);
  }, []);
}

function Row({ ticket }: { ticket: TicketLine }) {
  return (
    <tr className={ticket.overdue ? "overdue" : undefined}>
      <td className="cell-due">{ticket.due ? <Due due={ticket.due} lead={ticket.lead} /> : <span className="muted">没有待办时限</span>}</td>
      <td className="cell-title">
        <Link to={paths.ticket} params={{ number: ticket.number }} className="ticket-title">
          <Marked text={ticket.title} marks={ticket.found?.title ?? []} />
        </Link>
        <Marks ticket={ticket} />
        <span className="ticket-sub">
          <span className="number">{ticket.number}</span>
          <span>{ticket.kind_name}</span>
          {ticket.place && <span className="ticket-place">{ticket.place}</span>}
        </span>
        {ticket.found?.piece && (
          <span className="ticket-piece">
            <span className="muted">{ticket.found.piece.label}：</span>
            <Marked text={ticket.found.piece.text} marks={ticket.found.piece.marks} />
          </span>
        )}
      </td>
      <td className="cell-state">
        <StateName code={ticket.state} name={ticket.state_name} />
      </td>
      <td className="cell-lead">{ticket.lead_name ?? <span className="muted">热线中心</span>}</td>
      <td className="cell-registered">
        {dateTime(ticket.registered_at)}
        <span className="ticket-sub">{ticket.channel_name}</span>
      </td>
    </tr>
  );
}

export function TicketTable({ tickets, stale }: { tickets: TicketLine[]; stale: boolean }) {
  useWalk();
  return (
    <table className="tickets" aria-busy={stale}>
      <Heads names={["下一时限", "工单", "状态", "主办单位", "登记"]} />
      <tbody>
        {tickets.map((ticket) => (
          <Row key={ticket.number} ticket={ticket} />
        ))}
      </tbody>
    </table>
  );
}
