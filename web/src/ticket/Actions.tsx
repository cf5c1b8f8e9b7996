import { Button } from "antd";
import { useId, useState } from "react";
import type { Action, TicketView } from "../api/types";
import { specOf } from "../commands/registry";
import { nextAction } from "./next";

const SHOWN_AT_FIRST = 6;

/** Why not, and by which article. */
function reason({ reason: why, article }: Action): string {
  const text = why ?? "现在不能做";
  return article && !text.includes(article) ? `${text}（${article}）` : text;
}

/** An action that is not open now, with its reason in full. It stays focusable, so that the keyboard and a screen reader reach it. */
function Closed({ action }: { action: Action }) {
  const id = useId();
  return (
    <li>
      <button type="button" className="closed-action" aria-disabled="true" aria-describedby={id}>
        {action.label}
      </button>
      <span id={id} className="closed-why">
        {reason(action)}
      </span>
    </li>
  );
}

function ClosedActions({ actions }: { actions: Action[] }) {
  const [all, setAll] = useState(false);
  // What the regulation does not allow is news; what does not fit the state is plain to see.
  const sorted = [...actions].sort((a, b) => Number(!!b.article) - Number(!!a.article));
  const shown = all ? sorted : sorted.slice(0, SHOWN_AT_FIRST);
  const more = sorted.length - shown.length;
  if (sorted.length === 0) return null;
  return (
    <div className="actions-closed">
      <p className="muted">现在不能做</p>
      <ul aria-label="现在不能做的操作和原因">
        {shown.map((action) => (
          <Closed key={action.name} action={action} />
        ))}
        {(more > 0 || all) && (
          <li>
            <button type="button" className="link-button" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? "收起" : `还有${more}项`}
            </button>
          </li>
        )}
      </ul>
    </div>
  );
}

export function Actions({ ticket, start }: { ticket: TicketView; start: (action: Action) => void }) {
  const known = ticket.actions.filter(({ name }) => specOf(name));
  const next = nextAction(ticket);
  const open = known.filter(({ allowed }) => allowed).sort((a, b) => Number(b === next) - Number(a === next));
  return (
    <section className="actions card" aria-label="操作">
      <div className="actions-open">
        {open.map((action) => (
          <Button key={action.name} type={action === next ? "primary" : "default"} onClick={() => start(action)}>
            {action.label}
          </Button>
        ))}
        {open.length === 0 && <span className="muted">这件工单现在没有您可以做的操作。</span>}
      </div>
      <ClosedActions actions={known.filter(({ allowed }) => !allowed)} />
    </section>
  );
}
