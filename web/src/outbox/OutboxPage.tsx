import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Button } from "antd";
import { outboxQuery } from "../api/queries";
import { paths } from "../paths";
import { dateTime } from "../time";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useTitle } from "../ui/title";
import "./outbox.css";

/** What was sent to appellants, newest first. Numbers are masked here as everywhere. */
export function OutboxPage() {
  useTitle("短信记录");
  const { cursor } = useSearch({ from: "/shell/outbox" });
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(outboxQuery(cursor));
  return (
    <section className="outbox card" aria-label="短信记录">
      <h2>
        短信记录 <span className="end muted">自动更新</span>
      </h2>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what="短信记录" />
      ) : data.items.length === 0 ? (
        <Nothing title="还没有短信">登记、派单、答复、办结时发给诉求人的短信会记在这里。</Nothing>
      ) : (
        <ol className="messages">
          {data.items.map((item) => (
            <li key={item.id}>
              <p className="message-head">
                <strong>{item.label}</strong>
                <span>{item.to}</span>
                {item.ticket && (
                  <Link to={paths.ticket} params={{ number: item.ticket }} className="number">
                    {item.ticket}
                  </Link>
                )}
                <span className="message-state" data-failed={!!item.error}>
                  {item.state_name}
                </span>
                <time className="muted" dateTime={item.at}>
                  {dateTime(item.at)}
                </time>
              </p>
              <p className="plain-text">{item.text}</p>
              {item.error && <p className="message-error">{item.error}</p>}
            </li>
          ))}
        </ol>
      )}
      {data && (cursor || data.next) && (
        <nav className="pager" aria-label="翻页">
          <Button disabled={!cursor} onClick={() => void navigate({ to: paths.outbox, search: {} })}>
            最新的
          </Button>
          <Button disabled={!data.next} onClick={() => void navigate({ to: paths.outbox, search: { cursor: data.next ?? undefined } })}>
            更早的
          </Button>
        </nav>
      )}
    </section>
  );
}
