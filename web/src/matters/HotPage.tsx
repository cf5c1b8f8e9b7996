import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { hotQuery } from "../api/queries";
import type { HotIssue, HotPage as Page, HotPlace } from "../api/types";
import { paths } from "../paths";
import { dateTime } from "../time";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { ExportHot } from "./ExportHot";
import { Trend } from "./Trend";
import { type HotSearch, spanOf } from "./search";
import "./matters.css";

/** A place is chosen where the address says just that. */
const EXACTLY = { exact: true, includeSearch: true } as const;

/** What a rulebook says of so many persons, and whether somebody has acted on it. */
export function Ground({ issue: { ground } }: { issue: HotIssue }) {
  if (!ground) return null;
  return (
    <span className={ground.raised ? "mark supervised" : "mark overdue"} title={`${ground.name}（${ground.article}）`}>
      {ground.raised ? "已列督办" : `满${ground.persons}人，应列督办`}
    </span>
  );
}

/** Where, since when, how many. */
export function Facts({ issue }: { issue: HotIssue }) {
  const { place, county_name, street_name, from, until, persons, contacts, tickets } = issue;
  const days = [dateTime(from).split(" ")[0], dateTime(until).split(" ")[0]];
  return (
    <p className="hot-sub muted">
      <span>{persons}人</span>
      <span>{tickets}件工单</span>
      {contacts > persons && <span>{contacts}次诉求</span>}
      <span>{days[0] === days[1] ? days[0] : `${days[0]}至${days[1]}`}</span>
      <span>{place ?? street_name ?? county_name ?? "地点不明"}</span>
    </p>
  );
}

function Issue({ issue, days }: { issue: HotIssue; days: number }) {
  return (
    <li>
      <span className="hot-rank">{issue.rank}</span>
      <div>
        <Link to={paths.hotIssue} params={{ number: issue.ticket.number }} search={{ days: String(days) }} className="hot-title">
          {issue.ticket.title}
        </Link>{" "}
        <Ground issue={issue} />
        <Facts issue={issue} />
      </div>
      <div className="hot-heat">
        <Trend days={issue.trend} />
        <span className="muted">热度 {issue.heat}</span>
      </div>
    </li>
  );
}

function Place({ place, county, search }: { place: HotPlace; county?: string; search: HotSearch }) {
  const to = county ? { days: search.days, county, street: place.unit } : { days: search.days, county: place.unit };
  return (
    <li>
      <Link to={paths.hot} search={to} activeOptions={EXACTLY}>
        <span>{place.name}</span>
        <span className="muted">
          {place.issues}个 · {place.persons}人
        </span>
      </Link>
      {!county && search.county === place.unit && place.streets.length > 0 && (
        <ul>
          {place.streets.map((street) => (
            <Place key={street.unit} place={street} county={place.unit} search={search} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Issues({ page, search }: { page: Page; search: HotSearch }) {
  const { items, total, days } = page;
  if (!page.made_at) return <Nothing title="正在汇总">启动后几分钟内完成第一次汇总，之后每10分钟更新一次。</Nothing>;
  if (items.length === 0) {
    return <Nothing title="没有热点问题">这段时间{search.county ? "这个地方" : ""}没有多人或多次反映的同一事项。</Nothing>;
  }
  return (
    <>
      <ol className="hot-issues">
        {items.map((issue) => (
          <Issue key={issue.rank} issue={issue} days={days} />
        ))}
      </ol>
      {total > items.length && <p className="muted card-body">共{total}个，这里显示热度最高的{items.length}个；请按地点或缩短时间查看。</p>}
    </>
  );
}

/** The matters that move most people: by span of days, by county and street, down to their tickets. */
export function HotPage() {
  useTitle("热点问题");
  const search = useSearch({ from: "/shell/hot" });
  const { data, error, refetch } = useQuery(hotQuery({ ...search, days: spanOf(search) }));
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="热点问题" rows={12} />;
  const all = data.places.reduce((sum, { issues }) => sum + issues, 0);
  return (
    <div className="hot-page">
      <nav className="card hot-places" aria-label="地点">
        <h2>地点</h2>
        <ul>
          <li>
            <Link to={paths.hot} search={{ days: search.days }} activeOptions={EXACTLY}>
              <span>全部</span>
              <span className="muted">{all}个</span>
            </Link>
          </li>
          {data.places.map((place) => (
            <Place key={place.unit} place={place} search={search} />
          ))}
        </ul>
      </nav>
      <section className="card" aria-label="热点问题">
        <h2>
          热点问题
          <span className="end muted">{data.made_at && `${dateTime(data.made_at)} 汇总`}</span>
          {data.items.length > 0 && <ExportHot search={search} />}
        </h2>
        <div className="hot-tools">
          <span role="group" aria-label="时间">
            {data.spans.map((days) => (
              <Link
                key={days}
                to={paths.hot}
                search={{ ...search, days: String(days) }}
                className="hot-span"
                activeOptions={EXACTLY}
                data-chosen={days === data.days}
              >
                近{days}天
              </Link>
            ))}
          </span>
          <span className="muted">
            热度＝反映的人数＋√同一人再次反映的次数；由文字比对得出，供研判参考。
            {data.left_out && `只比对最近${data.compared}件工单。`}
          </span>
        </div>
        <Issues page={data} search={search} />
      </section>
    </div>
  );
}
