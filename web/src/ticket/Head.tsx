import { CheckCircleOutlined } from "@ant-design/icons";
import type { TicketView } from "../api/types";
import { StateName, TONE_ICONS } from "../ui/Due";
import { Marks } from "../ui/Marks";

/** The duty that comes first, in large type: what, how long, until when, by which article. */
function Next({ ticket }: { ticket: TicketView }) {
  const { due } = ticket;
  if (!due) {
    return (
      <div className="next">
        <span className="next-what">没有待办时限</span>
        <span className="next-left">
          <CheckCircleOutlined aria-hidden /> {ticket.state_name}
        </span>
      </div>
    );
  }
  const Icon = TONE_ICONS[due.tone];
  return (
    <div className={`next tone-${due.tone}`}>
      <span className="next-what">
        下一步：{due.unit_name ?? "热线中心"}{due.clock_name}
      </span>
      <span className="next-left left">
        <Icon aria-hidden /> {due.left}
      </span>
      <span className="next-basis">
        时限 {due.words}
        {due.article && ` · ${due.article}`}
      </span>
    </div>
  );
}

/** Marks that only the ticket's own page knows. */
function OwnMarks({ ticket: { major, difficult, media, hold, settled } }: { ticket: TicketView }) {
  const words = [major && "重大", difficult && "疑难", media.length > 0 && "媒体曝光", settled && "已定案", hold && "限制销毁"];
  return (
    <span className="marks">
      {words.map(
        (word) =>
          word && (
            <span key={word} className="mark supervised">
              {word}
            </span>
          ),
      )}
    </span>
  );
}

export function Head({ ticket }: { ticket: TicketView }) {
  const sub = [ticket.kind_name, ticket.category, ticket.channel_name, ticket.place].filter(Boolean);
  return (
    <header className="ticket-head">
      <div className="ticket-who">
        <p className="ticket-line">
          <span className="number">{ticket.number}</span>
          <StateName code={ticket.state} name={ticket.state_name} />
          <Marks ticket={ticket} />
          <OwnMarks ticket={ticket} />
        </p>
        <h1>{ticket.title}</h1>
        <p className="muted">{sub.join(" · ")}</p>
      </div>
      <Next ticket={ticket} />
    </header>
  );
}
