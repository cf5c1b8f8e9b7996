import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { hotIssueQuery } from "../api/queries";
import type { TicketLine } from "../api/types";
import { paths } from "../paths";
import { dateTime } from "../time";
import { Heads } from "../ui/Heads";
import { StateName } from "../ui/Due";
import { Marks } from "../ui/Marks";
import { Failed, Loading } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { Facts, Ground } from "./HotPage";
import { Trend } from "./Trend";
import { spanOf } from "./search";
import "../organisation/organisation.css";
import "./matters.css";

const HEADS = ["工单", "状态", "主办单位", "登记"];

function Row({ ticket }: { ticket: TicketLine }) {
  return (
    <tr>
      <td data-label="工单">
        <span>
          <Link to={paths.ticket} params={{ number: ticket.number }}>
            {ticket.title}
          </Link>{" "}
          <Marks ticket={ticket} />
          <span className="hot-sub muted">
            <span className="number">{ticket.number}</span>
            {ticket.place && <span>{ticket.place}</span>}
          </span>
        </span>
      </td>
      <td data-label="状态">
        <StateName code={ticket.state} name={ticket.state_name} />
      </td>
      <td data-label="主办单位">{ticket.lead_name ?? "热线中心"}</td>
      <td data-label="登记">{dateTime(ticket.registered_at)}</td>
    </tr>
  );
}

/** The tickets of one hot issue. */
export function HotIssuePage() {
  const { number } = useParams({ from: "/shell/hot/$number" });
  const search = useSearch({ from: "/shell/hot/$number" });
  const { data, error, refetch } = useQuery(hotIssueQuery(number, spanOf(search)));
  useTitle(data ? `热点问题 ${data.issue.ticket.title}` : "热点问题");
  return (
    <section className="organisation card" aria-label="热点问题的工单">
      <h2>
        {data ? data.issue.ticket.title : "热点问题"}
        <span className="end">
          <Link to={paths.hot} search={{ days: search.days }}>
            回到热点问题
          </Link>
        </span>
      </h2>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what="热点问题的工单" rows={8} />
      ) : (
        <>
          <div className="hot-tools">
            <Trend days={data.issue.trend} />
            <div>
              <Facts issue={data.issue} />
              <p className="hot-sub">
                <span className="muted">热度 {data.issue.heat}</span>
                <Ground issue={data.issue} />
              </p>
            </div>
          </div>
          <table className="organised">
            <Heads names={HEADS} />
            <tbody>
              {data.tickets.map((ticket) => (
                <Row key={ticket.number} ticket={ticket} />
              ))}
            </tbody>
          </table>
          {data.issue.tickets > data.tickets.length && <p className="muted card-body">只列最近的{data.tickets.length}件。</p>}
        </>
      )}
    </section>
  );
}
