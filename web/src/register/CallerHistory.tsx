import { useQuery } from "@tanstack/react-query";
import { Form } from "antd";
import { callerQuery } from "../api/queries";
import type { TicketLine } from "../api/types";
import { type JoinProps, Joining } from "../matters/Joining";
import { ticketHref } from "../paths";
import { dateTime } from "../time";
import { Failed, Loading } from "../ui/Notice";
import { useSettled } from "../ui/settled";

function Earlier({ ticket, ...joining }: JoinProps & { ticket: TicketLine }) {
  return (
    <li>
      <a href={ticketHref(ticket.number)} target="_blank" rel="noreferrer">
        {ticket.title}
      </a>
      <p className="muted">
        <span className="number">{ticket.number}</span> · {dateTime(ticket.registered_at)} · {ticket.kind_name}
      </p>
      <Joining ticket={ticket} {...joining} />
    </li>
  );
}

/** Who calls has perhaps called before: found while the number is typed. */
export function CallerHistory(props: JoinProps) {
  const phone = Form.useWatch(["appellant", "phone"], props.form) ?? "";
  const id = Form.useWatch(["appellant", "id_number"], props.form) ?? "";
  const digits = useSettled(phone.replace(/\D/g, ""));
  const idNumber = useSettled(id.trim());
  const { data, error, isFetching, refetch } = useQuery(callerQuery(digits, idNumber));
  return (
    <section className="card" aria-label="来电历史">
      <h2>此前的诉求</h2>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : data && data.tickets.length > 0 ? (
        <ul className="history" aria-live="polite">
          {data.tickets.map((ticket) => (
            <Earlier key={ticket.number} ticket={ticket} {...props} />
          ))}
        </ul>
      ) : isFetching && !data ? (
        <Loading what="来电历史" rows={3} />
      ) : (
        <p className="muted card-body" aria-live="polite">
          {data ? "这个号码第一次来诉求。" : "填写电话后，这里显示这个号码此前的诉求。"}
        </p>
      )}
    </section>
  );
}
