import type { LedgerEntry, TicketView } from "../api/types";
import { dateTime } from "../time";
import { LEDGER_STATE } from "../words";
import { Entry } from "./Records";

/** What the server's sentence leaves out. */
function detail(state: LedgerEntry["state"]): string | undefined {
  switch (state.is) {
    case "proposed":
      return "须由督办员认定是否属承办单位责任";
    case "measured":
      return [state.notice, state.rectification && `整改报告：${state.rectification}`].filter(Boolean).join("\n");
    default:
      return undefined;
  }
}

/** The ticket's part of the supervision ledger. */
export function Supervision({ ticket }: { ticket: TicketView }) {
  if (ticket.supervision.length === 0) return null;
  return (
    <section className="card">
      <h2>督办台账</h2>
      <ul className="appeals">
        {ticket.supervision.map(({ no, ground, name, why, at, basis, note, state }) => (
          <Entry
            key={no}
            title={`第${no}项 ${name || ground}`}
            state={LEDGER_STATE[state.is]}
            open={state.is !== "ended" && state.is !== "dismissed"}
            why={why}
            basis={basis}
            of="督办"
            when={dateTime(at, ticket.now)}
            said={[note, detail(state)].filter(Boolean).join("\n")}
          />
        ))}
      </ul>
    </section>
  );
}
