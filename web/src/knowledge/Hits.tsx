import { Link } from "@tanstack/react-router";
import type { KnowledgeHit } from "../api/types";
import { paths } from "../paths";

/** What a seat has to know before reading it out. */
export function Warnings({ hit }: { hit: Pick<KnowledgeHit, "wrong" | "script" | "not_before"> }) {
  return (
    <>
      {hit.wrong && <span className="mark overdue">有误，正在修正</span>}
      {hit.script && <span className="mark urgent">应答口径，尚未审核</span>}
      {hit.not_before && <span className="mark provisional">{hit.not_before} 前不得对外答复</span>}
    </>
  );
}

export function Hits({ hits }: { hits: KnowledgeHit[] }) {
  return (
    <ol className="hits" aria-live="polite">
      {hits.map((hit) => (
        <li key={hit.entry}>
          <p className="hit-head">
            <Link to={paths.entry} params={{ entry: hit.entry }}>
              {hit.title}
            </Link>
            <Warnings hit={hit} />
          </p>
          <p className="hit-text">{hit.beginning}</p>
          <p className="muted">
            {hit.section_name} · {hit.unit_name} · <span className="number">{hit.entry}</span>
          </p>
        </li>
      ))}
    </ol>
  );
}
