import { useQuery } from "@tanstack/react-query";
import { useNavigate, useRouterState, useSearch } from "@tanstack/react-router";
import { Button, Segmented } from "antd";
import { countsQuery, ticketsQuery } from "../api/queries";
import type { Meant } from "../api/types";
import { paths } from "../paths";
import { useMe } from "../session/session";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { ExportTickets } from "./ExportTickets";
import { Filters } from "./Filters";
import { StateRail } from "./StateRail";
import { TicketTable } from "./TicketTable";
import "./list.css";
import { type ListSort, type ListSearch, countFilters, listFilters, narrowed, sortOf } from "./search";

export type Narrow = (change: Partial<ListSearch>) => void;

function Pager({ search, next }: { search: ListSearch; next: string | null | undefined }) {
  const navigate = useNavigate();
  const trail = useRouterState({ select: (state) => state.location.state.trail ?? [] });
  const go = (cursor: string | undefined, before: string[]) =>
    void navigate({ to: paths.tickets, search: { ...search, cursor }, state: { trail: before } });

  if (!search.cursor && !next) return null;
  return (
    <nav className="pager" aria-label="翻页">
      <span className="muted">第 {search.cursor ? trail.length + 1 : 1} 页</span>
      <Button disabled={!search.cursor} onClick={() => go(trail.at(-2), trail.slice(0, -1))}>
        上一页
      </Button>
      <Button disabled={!next} onClick={() => next && go(next, [...trail, next])}>
        下一页
      </Button>
    </nav>
  );
}

/** Units and places whose initials were typed. */
function Initials({ meant, narrow }: { meant: Meant[]; narrow: Narrow }) {
  return (
    <p className="list-meant">
      <span className="muted">按拼音首字母：</span>
      {meant.map(({ unit, name }) => (
        <Button key={unit ?? name} size="small" onClick={() => narrow(unit ? { q: undefined, lead: unit } : { q: name })}>
          {unit ? `主办单位 ${name}` : `地点 ${name}`}
        </Button>
      ))}
    </p>
  );
}

export function WorkList() {
  useTitle("工单");
  const search = useSearch({ from: "/shell/tickets" });
  const navigate = useNavigate();
  const seesAll = useMe().sees === "all";
  const list = useQuery(ticketsQuery(listFilters(search)));
  const counts = useQuery(countsQuery(countFilters(search)));

  // A changed filter begins at the first page again.
  const narrow: Narrow = (change) =>
    void navigate({ to: paths.tickets, search: { ...search, cursor: undefined, ...change } });

  return (
    <div className="list">
      <StateRail counts={counts.data} search={search} />
      <section className="list-main card" aria-label="工单列表">
        <Filters search={search} narrow={narrow} />
        <div className="list-bar">
          <Segmented
            size="small"
            aria-label="排序"
            value={sortOf(search)}
            onChange={(sort: ListSort) => narrow({ sort })}
            options={[
              { value: "urgency", label: "最急的在前" },
              { value: "newest", label: "最新的在前" },
              ...(search.q ? [{ value: "best" as const, label: "标题有的在前" }] : []),
            ]}
          />
          <ExportTickets search={search} />
          <span className="muted list-hint">
            <kbd>/</kbd> 搜索 <kbd>↑</kbd>
            <kbd>↓</kbd> 选择 <kbd>Enter</kbd> 打开
          </span>
        </div>
        {list.data?.meant && <Initials meant={list.data.meant} narrow={narrow} />}
        {list.data ? (
          list.data.items.length > 0 ? (
            <TicketTable tickets={list.data.items} stale={list.isPlaceholderData} />
          ) : list.data.next ? (
            <Nothing title="这一段里没有">更早的还没有查完，请按“下一页”接着查。</Nothing>
          ) : narrowed(search) ? (
            <Nothing title="没有符合条件的工单">
              {search.q && !seesAll && "保密工单不能按文字查找，请输入编号；"}可以放宽条件，或{" "}
              <button type="button" className="link-button" onClick={() => void navigate({ to: paths.tickets, search: {} })}>
                清除全部条件
              </button>
              。
            </Nothing>
          ) : (
            <Nothing title="现在没有工单">新的工单登记或派来后会出现在这里，页面自动更新。</Nothing>
          )
        ) : list.error ? (
          <Failed error={list.error} retry={() => void list.refetch()} />
        ) : (
          <Loading what="工单" rows={10} />
        )}
        {list.data && <Pager search={search} next={list.data.next} />}
      </section>
    </div>
  );
}
