import type { ReactNode } from "react";

/** One line of a card of pairs; `said` is what somebody wrote, on lines of its own. */
export function Part({ title, children, said }: { title: string; children?: ReactNode; said?: string | null }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>
        {children}
        {said && <p className="plain-text quoted">{said}</p>}
      </dd>
    </>
  );
}
