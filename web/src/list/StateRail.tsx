import { Link } from "@tanstack/react-router";
import type { Counts } from "../api/types";
import { paths } from "../paths";
import { StateName } from "../ui/Due";
import type { Flag, ListSearch } from "./search";

function Entry(props: { search: ListSearch; chosen: boolean; count?: number; more?: boolean; children: React.ReactNode; alarm?: boolean }) {
  return (
    <li>
      <Link
        to={paths.tickets}
        search={props.search}
        // Which entry is chosen depends on one key of the address only, so the link's own judgement is not asked.
        activeProps={{ "aria-current": undefined }}
        aria-current={props.chosen ? "true" : undefined}
        className={props.alarm && props.count ? "alarm" : undefined}
      >
        {props.children}
        {props.count !== undefined && (
          <span className="count" title={props.more ? "只数了最近的，更早的还有" : undefined}>
            {props.count}
            {props.more && props.count > 0 && "+"}
          </span>
        )}
      </Link>
    </li>
  );
}

/** The states that occur, with their counts; then the marks. Each is an address of its own, to be opened in a new tab or kept. */
export function StateRail({ counts, search }: { counts: Counts | undefined; search: ListSearch }) {
  const base = { ...search, cursor: undefined };
  const flag = (name: Flag, label: string, count?: number) => (
    <Entry search={{ ...base, [name]: search[name] ? undefined : "true" }} chosen={!!search[name]} count={count} more={counts?.more} alarm>
      {label}
    </Entry>
  );
  return (
    <nav className="list-rail" aria-label="按状态查看">
      <ul>
        <Entry search={{ ...base, state: undefined }} chosen={!search.state} count={counts?.total} more={counts?.more}>
          全部
        </Entry>
        {counts?.by_state.map(({ state, state_name, count }) => (
          <Entry key={state} search={{ ...base, state }} chosen={search.state === state} count={count} more={counts.more}>
            <StateName code={state} name={state_name} />
          </Entry>
        ))}
      </ul>
      <ul aria-label="按标记查看">
        {flag("overdue", "只看超期", counts?.overdue)}
        {flag("supervised", "只看督办", counts?.supervised)}
        {flag("urgent", "只看紧急")}
        {flag("confidential", "只看保密")}
      </ul>
    </nav>
  );
}
