import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Input } from "antd";
import { accessesQuery } from "../api/queries";
import type { AccessCount, AccessItem, AccessReview } from "../api/types";
import { paths } from "../paths";
import { fullDateTime } from "../time";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useTitle } from "../ui/title";
import "./privacy.css";

/** Who opened names, numbers and files of appellants in a month: what is unusual first. Nothing of an appellant is shown. */
export function AccessesPage() {
  useTitle("个人信息查阅");
  const search = useSearch({ from: "/shell/privacy/accesses" });
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(accessesQuery(search));
  const to = (change: { month?: string; who?: string }) =>
    void navigate({ to: paths.accesses, search: { ...search, ...change } });
  return (
    <div className="privacy">
      <section className="card" aria-label="个人信息查阅情况">
        <h2>
          个人信息查阅情况
          <span className="end">
            <Input
              type="month"
              aria-label="月份"
              className="privacy-month"
              value={search.month ?? data?.month ?? ""}
              onChange={({ target }) => to({ month: target.value || undefined, who: undefined })}
            />
          </span>
        </h2>
        {error ? (
          <Failed error={error} retry={() => void refetch()} />
        ) : !data ? (
          <Loading what="查阅情况" />
        ) : data.total === 0 ? (
          <Nothing title="这个月没有人查阅过诉求人信息">可以换一个月份查看。</Nothing>
        ) : (
          <Counts review={data} who={search.who} to={(who) => to({ who })} />
        )}
      </section>
      {data && data.total > 0 && (
        <section className="card" aria-label="逐次记录">
          <h2>
            逐次记录
            {search.who && (
              <span className="end">
                <Button size="small" onClick={() => to({ who: undefined })}>
                  看全部人员
                </Button>
              </span>
            )}
          </h2>
          <ol className="access-items">
            {data.items.map((item) => (
              <Item key={item.seq} item={item} />
            ))}
          </ol>
          {data.more && <p className="muted card-body">只列出前{data.items.length}次，异常的在前；按人员查看可看到更多。</p>}
        </section>
      )}
    </div>
  );
}

function Counts({ review, who, to }: { review: AccessReview; who: string | undefined; to: (who: string) => void }) {
  return (
    <>
      <p className="card-body">
        共查阅 <strong>{review.total}</strong> 次，其中 <strong>{review.unusual}</strong> 次须先核实。
      </p>
      <Hours hours={review.hours} />
      <CountTable title="按人员" counts={review.people} chosen={who} choose={to} />
      <div className="access-sides">
        <CountTable title="按岗位" counts={review.roles} />
        <CountTable title="按单位" counts={review.units} />
      </div>
    </>
  );
}

/** Twenty-four bars. Each says itself how many; the chart is only the look of it. */
function Hours({ hours }: { hours: number[] }) {
  const most = Math.max(...hours, 1);
  return (
    <figure className="access-hours card-body">
      <figcaption className="muted">按钟点（次）</figcaption>
      <ol>
        {hours.map((count, hour) => (
          <li key={hour} title={`${hour}时：${count}次`} data-night={hour >= 22 || hour < 6}>
            <svg viewBox="0 0 10 40" preserveAspectRatio="none" aria-hidden>
              <rect x="1" width="8" y={40 - (38 * count) / most} height={(38 * count) / most} />
            </svg>
            <span>{hour}</span>
            <span className="access-count">{count || "\u00a0"}</span>
          </li>
        ))}
      </ol>
    </figure>
  );
}

type TableProps = { title: string; counts: AccessCount[]; chosen?: string; choose?: (key: string) => void };

function CountTable({ title, counts, chosen, choose }: TableProps) {
  return (
    <table className="privacy-table">
      <thead>
        <tr>
          <th>{title}</th>
          <th>查阅</th>
          <th>工单</th>
          <th>须核实</th>
        </tr>
      </thead>
      <tbody>
        {counts.map((count) => (
          <tr key={count.key} data-chosen={count.key === chosen}>
            <td data-label={title}>
              {choose ? (
                <button type="button" className="link-button" onClick={() => choose(count.key)}>
                  {count.name}
                </button>
              ) : (
                count.name
              )}{" "}
              <span className="muted">{count.of}</span>
            </td>
            <td data-label="查阅">{count.accesses}次</td>
            <td data-label="工单">{count.tickets}件</td>
            <td data-label="须核实">{count.unusual > 0 ? <span className="mark overdue">{count.unusual}次</span> : "0次"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Item({ item }: { item: AccessItem }) {
  return (
    <li>
      <p className="access-head">
        <strong>{item.what}</strong>
        {item.ticket && <span className="number">{item.ticket}</span>}
        <span>{[item.who_name, item.role_name].filter(Boolean).join(" · ")}</span>
        {item.unusual.map(({ code, name }) => (
          <span key={code} className="mark overdue">
            {name}
          </span>
        ))}
        <time className="muted" dateTime={item.at}>
          {fullDateTime(item.at)}
        </time>
      </p>
      {item.reason && <p className="plain-text">{item.reason}</p>}
    </li>
  );
}
