import type { LedgerEntry, TicketView } from "../api/types";
import { dateTime } from "../time";
import { useUnitName } from "../units";
import { LEDGER_STATE } from "../words";
import { Entry } from "./Records";

function detail(state: LedgerEntry["state"]): string | undefined {
  switch (state.is) {
    case "proposed":
      return "须由督办员认定是否属承办单位责任";
    case "open":
      return state.fault;
    case "measured":
      return [state.name, state.notice, state.rectification && `整改报告：${state.rectification}`].filter(Boolean).join("\n");
    case "ended":
      return state.result;
    case "dismissed":
      return state.reason;
  }
}

/** The ticket's part of the supervision ledger. */
export function Supervision({ ticket }: { ticket: TicketView }) {
  const unitName = useUnitName();
  if (ticket.supervision.length === 0) return null;
  return (
    <section className="card">
      <h2>督办台账</h2>
      <ul className="appeals">
        {ticket.supervision.map(({ no, ground, name, unit, at, basis, note, state }) => (
          <Entry
            key={no}
            title={`第${no}项 ${name || ground}`}
            state={LEDGER_STATE[state.is]}
            open={state.is !== "ended" && state.is !== "dismissed"}
            basis={basis}
            of="督办"
            when={[unit && unitName(unit), dateTime(at, ticket.now)].filter(Boolean).join(" · ")}
            said={[note, detail(state)].filter(Boolean).join("\n")}
          />
        ))}
      </ul>
    </section>
  );
}
