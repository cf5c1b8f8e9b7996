import { Alert, Button } from "antd";
import type { TicketView } from "../api/types";
import { dateTime } from "../time";

type Props = { ticket: TicketView; seen: number; goOn: () => void };

/** Somebody changed the ticket while this one was being filled in: what they did, and on with it. What was typed stays. */
export function Stale({ ticket, seen, goOn }: Props) {
  const since = ticket.timeline.filter(({ version }) => version > seen);
  return (
    <Alert
      type="warning"
      showIcon
      title="您填写期间，别人改动了这件工单"
      description={
        <>
          <ul className="stale-since">
            {since.map(({ version, at, who, label, text }) => (
              <li key={version}>
                {dateTime(at, ticket.now)} {who} <strong>{label}</strong> {text}
              </li>
            ))}
          </ul>
          <p>您填写的内容还在。看过以上改动，仍要继续的，请按“已知悉，继续”再提交。</p>
        </>
      }
      action={
        <Button size="small" onClick={goOn}>
          已知悉，继续
        </Button>
      }
    />
  );
}
