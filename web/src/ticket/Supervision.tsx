import { useQuery } from "@tanstack/react-query";
import { rulebookQuery } from "../api/queries";
import type { LedgerEntry, TicketView } from "../api/types";
import { dateTime } from "../time";
import { useUnitName } from "../units";
import { LEDGER_STATE } from "../words";

function detail(state: LedgerEntry["state"]): string | undefined {
  switch (state.is) {
    case "proposed":
      return "须由督办员认定是否属承办单位责任";
    case "open":
      return state.fault;
    case "measured":
      return [state.notice, state.rectification && `整改报告：${state.rectification}`].filter(Boolean).join("\n");
    case "ended":
      return state.result;
    case "dismissed":
      return state.reason;
  }
}

/** The ticket's part of the supervision ledger. */
export function Supervision({ ticket }: { ticket: TicketView }) {
  const { data: rulebook } = useQuery(rulebookQuery);
  const unitName = useUnitName();
  if (ticket.supervision.length === 0) return null;
  const ground = (code: string) => rulebook?.supervise_grounds.find((known) => known.code === code)?.name ?? code;
  return (
    <section className="card">
      <h2>督办台账</h2>
      <ul className="appeals">
        {ticket.supervision.map(({ no, ground: code, name, unit, at, state }) => (
          <li key={no}>
            <strong>
              第{no}项 {name || ground(code)}
            </strong>
            <span className="mark supervised">{LEDGER_STATE[state.is]}</span>
            <span className="muted ledger-when">
              {[unit && unitName(unit), dateTime(at, ticket.now)].filter(Boolean).join(" · ")}
            </span>
            <p className="plain-text quoted">{detail(state)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
