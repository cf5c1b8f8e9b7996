import { Button, Tooltip } from "antd";
import { useId, useState } from "react";
import type { Action } from "../api/types";
import { specOf } from "../commands/registry";

const SHOWN_AT_FIRST = 5;

/** Why not, and by which article. */
function reason({ reason: why, article }: Action): string {
  const text = why ?? "现在不能做";
  return article && !text.includes(article) ? `${text}（${article}）` : text;
}

/**
 * An action that is not open now. It stays focusable, so that keyboard and screen reader reach its reason; the reason is read out as its
 * description and stands under its name.
 */
function Closed({ action }: { action: Action }) {
  const id = useId();
  return (
    <Tooltip title={reason(action)}>
      <button type="button" className="closed-action" aria-disabled="true" aria-describedby={id}>
        <span>{action.label}</span>
        <span id={id} className="closed-why">
          {reason(action)}
        </span>
      </button>
    </Tooltip>
  );
}

export function Actions({ actions, start }: { actions: Action[]; start: (action: Action) => void }) {
  const [all, setAll] = useState(false);
  const known = actions.filter(({ name }) => specOf(name));
  const open = known.filter(({ allowed }) => allowed);
  const closed = known.filter(({ allowed }) => !allowed);
  const shown = all ? closed : closed.slice(0, SHOWN_AT_FIRST);
  return (
    <section className="actions card" aria-label="操作">
      <div className="actions-open">
        {open.map((action, index) => (
          <Button key={action.name} type={index === 0 ? "primary" : "default"} onClick={() => start(action)}>
            {action.label}
          </Button>
        ))}
        {open.length === 0 && <span className="muted">这件工单现在没有您可以做的操作。</span>}
      </div>
      {closed.length > 0 && (
        <div className="actions-closed" role="group" aria-label="现在不能做的操作和原因">
          {shown.map((action) => (
            <Closed key={action.name} action={action} />
          ))}
          {closed.length > SHOWN_AT_FIRST && (
            <button type="button" className="link-button" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? "收起" : `还有${closed.length - SHOWN_AT_FIRST}项`}
            </button>
          )}
        </div>
      )}
    </section>
  );
}
