import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { App, Button } from "antd";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { similarToQuery } from "../api/queries";
import type { Action, SimilarTicket, TicketView } from "../api/types";
import type { Values } from "../commands/spec";
import { paths } from "../paths";
import { dateTime } from "../time";
import { StateName } from "../ui/Due";
import { Why, why } from "./Why";
import "./matters.css";

type Start = (action: Action, filled: Values) => void;

type Props = { ticket: TicketView; similar: SimilarTicket; start: Start };

function Proposal({ ticket, similar, start }: Props) {
  const { ticket: other, open } = similar;
  const client = useQueryClient();
  const { message } = App.useApp();
  const refusing = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/tickets/{number}/not-one-matter", {
          params: { path: { number: ticket.number } },
          body: { other: other.number },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: ["similar"] }),
    onError: (error) => message.error(problemOf(error).message),
  });
  const action = (name: string) => ticket.actions.find((one) => one.name === name && one.allowed);
  // Who may confirm that two are one matter may say that they are not, however far the ticket is.
  const mayJudge = ticket.actions.some(({ name }) => name === "link-earlier");
  const [join, link] = [open ? action("join-to") : undefined, action("link-earlier")];
  return (
    <li>
      <Link to={paths.ticket} params={{ number: other.number }}>
        {other.title}
      </Link>
      <Why similar={similar} />
      <p className="muted">
        <span className="number">{other.number}</span> · {dateTime(other.registered_at, ticket.now)} · {other.lead_name ?? "热线中心"}
      </p>
      <p className="history-line">
        <StateName code={other.state} name={other.state_name} />
        <span className="similar-acts">
          {mayJudge && (
            <Button size="small" type="text" loading={refusing.isPending} onClick={() => refusing.mutate()}>
              不是同一事项
            </Button>
          )}
          {link && (
            <Button size="small" onClick={() => start(link, { number: other.number, note: why(similar) })}>
              认定同一事项
            </Button>
          )}
          {join && (
            <Button size="small" onClick={() => start(join, { number: other.number, reason: why(similar) })}>
              并入那件工单
            </Button>
          )}
        </span>
      </p>
    </li>
  );
}

/** Other tickets that are perhaps on the matter of this one: proposed, and decided by a person. */
export function SimilarTickets({ ticket, start }: { ticket: TicketView; start: Start }) {
  const { data } = useQuery(similarToQuery(ticket.number, ticket.version));
  if (!data || data.items.length === 0) return null;
  return (
    <section className="card" aria-label="可能是同一事项">
      <h2>
        可能是同一事项
        <span className="end muted">由文字比对得出，请核对后认定</span>
      </h2>
      <ul className="history">
        {data.items.map((similar) => (
          <Proposal key={similar.ticket.number} ticket={ticket} similar={similar} start={start} />
        ))}
      </ul>
    </section>
  );
}
