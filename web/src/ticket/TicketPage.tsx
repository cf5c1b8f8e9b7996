import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { ticketQuery } from "../api/queries";
import type { Action, TicketView } from "../api/types";
import { CommandDialog } from "../commands/CommandDialog";
import { specOf } from "../commands/registry";
import { Failed, Loading } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { Actions } from "./Actions";
import { Appeals } from "./Appeals";
import { Clocks } from "./Clocks";
import { Head } from "./Head";
import { Supervision } from "./Supervision";
import { Timeline } from "./Timeline";
import { WorkCard } from "./WorkCard";
import "./ticket.css";

function Ticket({ ticket }: { ticket: TicketView }) {
  const [action, setAction] = useState<Action>();
  const command = action && specOf(action.name);
  return (
    <div className="ticket">
      <Head ticket={ticket} />
      <Actions ticket={ticket} start={setAction} />
      <div className="ticket-columns">
        <div className="ticket-left">
          <section className="card">
            <h2>诉求内容</h2>
            <div className="card-body">
              <p className="plain-text">{ticket.content}</p>
              {ticket.difficult && <p className="difficult">疑难、复杂：{ticket.difficult}</p>}
            </div>
          </section>
          <Appeals ticket={ticket} />
          <Timeline ticket={ticket} />
        </div>
        <div className="ticket-right">
          <Clocks ticket={ticket} />
          <WorkCard ticket={ticket} />
          <Supervision ticket={ticket} />
        </div>
      </div>
      {action && command && (
        <CommandDialog
          key={action.name}
          action={action}
          name={command.name}
          spec={command.spec}
          ticket={ticket}
          close={() => setAction(undefined)}
        />
      )}
    </div>
  );
}

export function TicketPage() {
  const { number } = useParams({ from: "/shell/tickets/$number" });
  const { data, error, refetch } = useQuery(ticketQuery(number));
  useTitle(data ? `${data.title} ${number}` : number);
  if (data) return <Ticket key={number} ticket={data} />;
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  return <Loading what="工单" rows={12} />;
}
