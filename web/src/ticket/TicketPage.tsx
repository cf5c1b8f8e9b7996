import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { ticketQuery } from "../api/queries";
import type { Action, TicketView } from "../api/types";
import { CommandDialog } from "../commands/CommandDialog";
import type { Values } from "../commands/spec";
import { Files } from "../files/Files";
import { TicketKnowledge } from "../knowledge/TicketKnowledge";
import { SimilarTickets } from "../matters/SimilarTickets";
import { Failed, Loading } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { Actions } from "./Actions";
import { Appeals } from "./Appeals";
import { Clocks } from "./Clocks";
import { Content } from "./Content";
import { Head } from "./Head";
import { Conducts, Exclusions, MaliciousRecords, Pressing } from "./Records";
import { Supervision } from "./Supervision";
import { Timeline } from "./Timeline";
import { WorkCard } from "./WorkCard";
import "./ticket.css";

function Ticket({ ticket }: { ticket: TicketView }) {
  const [chosen, setChosen] = useState<{ action: Action; filled?: Values }>();
  return (
    <div className="ticket">
      <Head ticket={ticket} />
      <Actions ticket={ticket} start={(action) => setChosen({ action })} />
      <div className="ticket-columns">
        <div className="ticket-left">
          <Content ticket={ticket} />
          <Appeals ticket={ticket} />
          <SimilarTickets ticket={ticket} start={(action, filled) => setChosen({ action, filled })} />
          <Files ticket={ticket} />
          <Timeline ticket={ticket} />
        </div>
        <div className="ticket-right">
          <Clocks ticket={ticket} />
          <WorkCard ticket={ticket} />
          <TicketKnowledge ticket={ticket} />
          <Pressing ticket={ticket} />
          <Supervision ticket={ticket} />
          <Conducts ticket={ticket} />
          <Exclusions ticket={ticket} />
          <MaliciousRecords ticket={ticket} />
        </div>
      </div>
      {chosen && <CommandDialog key={chosen.action.name} {...chosen} ticket={ticket} close={() => setChosen(undefined)} />}
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
