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

type Group = { why: string; actions: Action[] };

/** What is closed for the same reason stands together. What an article forbids is news and comes first; the rest is plain from the state. */
function groups(closed: Action[]): Group[] {
  const found = new Map<string, Action[]>();
  for (const action of [...closed].sort((a, b) => Number(!!b.article) - Number(!!a.article))) {
    const why = reason(action);
    found.set(why, [...(found.get(why) ?? []), action]);
  }
  return Array.from(found, ([why, actions]) => ({ why, actions }));
}

/** Actions that are not open now, with their reason in full. They stay focusable, so that the keyboard and a screen reader reach them. */
function Closed({ group: { why, actions } }: { group: Group }) {
  const id = useId();
  return (
    <li>
      <span className="closed-names">
        {actions.map(({ name, label }) => (
          <button key={name} type="button" className="closed-action" aria-disabled="true" aria-describedby={id}>
            {label}
          </button>
        ))}
      </span>
      <span id={id} className="closed-why">
        {why}
      </span>
    </li>
  );
}

function ClosedActions({ actions }: { actions: Action[] }) {
  const [all, setAll] = useState(false);
  const found = groups(actions);
  const shown = all ? found : found.slice(0, SHOWN_AT_FIRST);
  const more = found.slice(SHOWN_AT_FIRST).flatMap((group) => group.actions).length;
  if (found.length === 0) return null;
  return (
    <div className="actions-closed">
      <p className="muted">现在不能做</p>
      <ul aria-label="现在不能做的操作和原因">
        {shown.map((group) => (
          <Closed key={group.why} group={group} />
        ))}
        {more > 0 && (
          <li className="closed-more">
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
