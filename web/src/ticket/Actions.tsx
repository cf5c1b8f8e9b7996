import { DownOutlined, UpOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useId, useState } from "react";
import type { Action, TicketView } from "../api/types";
import { isGivenHere } from "../commands/registry";
import { ClosedActions } from "./ClosedActions";
import { byMachine, isInFront } from "./machines";
import { nextAction } from "./next";

/** Reasons that are shown under the buttons before the rest is asked for. */
const REASONS_AT_FIRST = 6;

type Props = { ticket: TicketView; start: (action: Action) => void };

/** What is rarely done, by where in the course of a ticket it belongs. */
function More({ id, actions, start }: { id: string; actions: Action[]; start: Props["start"] }) {
  return (
    <dl id={id} className="actions-more">
      {byMachine(actions).map(({ machine, actions: all }) => (
        <div key={machine}>
          <dt>{machine}</dt>
          <dd>
            {all.some(({ allowed }) => allowed) && (
              <span className="actions-open">
                {all
                  .filter(({ allowed }) => allowed)
                  .map((action) => (
                    <Button key={action.name} size="small" onClick={() => start(action)}>
                      {action.label}
                    </Button>
                  ))}
              </span>
            )}
            <ClosedActions
              actions={all.filter(({ allowed }) => !allowed)}
              label={`${machine}：现在不能做的操作和原因`}
              most={Infinity}
            />
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function Actions({ ticket, start }: Props) {
  const [more, setMore] = useState(false);
  const id = useId();
  const known = ticket.actions.filter(({ name }) => isGivenHere(name));
  const next = nextAction(ticket);
  const front = known.filter((action) => action === next || isInFront(action));
  const behind = known.filter((action) => !front.includes(action));
  const open = front.filter(({ allowed }) => allowed).sort((a, b) => Number(b === next) - Number(a === next));
  const closed = front.filter(({ allowed }) => !allowed);
  const count = behind.filter(({ allowed }) => allowed).length;
  return (
    <section className="actions card" aria-label="操作">
      <div className="actions-open">
        {open.map((action) => (
          <Button key={action.name} type={action === next ? "primary" : "default"} onClick={() => start(action)}>
            {action.label}
          </Button>
        ))}
        {open.length + count === 0 && <span className="muted">这件工单现在没有您可以做的操作。</span>}
        {behind.length > 0 && (
          <Button
            type="text"
            aria-expanded={more}
            aria-controls={id}
            icon={more ? <UpOutlined aria-hidden /> : <DownOutlined aria-hidden />}
            iconPlacement="end"
            onClick={() => setMore(!more)}
          >
            更多操作{count > 0 && `（${count}）`}
          </Button>
        )}
      </div>
      {more && <More id={id} actions={behind} start={start} />}
      {closed.length > 0 && (
        <div className="actions-closed">
          <p className="muted">现在不能做</p>
          <ClosedActions actions={closed} label="现在不能做的操作和原因" most={REASONS_AT_FIRST} />
        </div>
      )}
    </section>
  );
}
