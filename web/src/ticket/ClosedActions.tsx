import { useId, useState } from "react";
import type { Action } from "../api/types";

/** Why not, and by which article. */
function reason({ reason: why, article }: Action): string {
  const text = why ?? "现在不能做";
  return article && !text.includes(article) ? `${text}（${article}）` : text;
}

type Group = { why: string; actions: Action[] };

/** What is closed for the same reason stands together. What an article forbids is news and comes first; the rest is plain from the state. */
function groups(closed: Action[]): Group[] {
  const found = new Map<string, Action[]>();
  for (const action of [...closed].sort((a, b) => Number(!!b.article) - Number(!!a.article))) {
    const why = reason(action);
    found.set(why, [...(found.get(why) ?? []), action]);
  }
  return Array.from(found, ([why, actions]) => ({ why, actions }));
}

/** Actions that are not open now, with their reason in full. They stay focusable, so that the keyboard and a screen reader reach them. */
function Closed({ group: { why, actions } }: { group: Group }) {
  const id = useId();
  return (
    <li>
      <span className="closed-names">
        {actions.map(({ name, label }) => (
          <button key={name} type="button" className="closed-action" aria-disabled="true" aria-describedby={id}>
            {label}
          </button>
        ))}
      </span>
      <span id={id} className="closed-why">
        {why}
      </span>
    </li>
  );
}

/** `most` = how many reasons are shown before the rest is asked for. */
export function ClosedActions({ actions, label, most }: { actions: Action[]; label: string; most: number }) {
  const [all, setAll] = useState(false);
  const found = groups(actions);
  const shown = all ? found : found.slice(0, most);
  const more = found.slice(most).flatMap((group) => group.actions).length;
  if (found.length === 0) return null;
  return (
    <ul className="closed" aria-label={label}>
      {shown.map((group) => (
        <Closed key={group.why} group={group} />
      ))}
      {more > 0 && (
        <li className="closed-more">
          <button type="button" className="link-button" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "收起" : `还有${more}项`}
          </button>
        </li>
      )}
    </ul>
  );
}
