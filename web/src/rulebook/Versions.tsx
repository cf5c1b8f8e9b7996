import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { catalogueChangesQuery, catalogueVersionsQuery } from "../api/queries";
import type { CatalogueVersion } from "../api/types";
import { Failed, Loading } from "../ui/Notice";
import { CHANGES } from "../words";

/** What a version changes against the one before it. */
function Changes({ from, to }: { from: number; to: number }) {
  const { data, error, refetch } = useQuery(catalogueChangesQuery(from, to));
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="变动" rows={3} />;
  if (data.length === 0) return <p className="muted">与第{from}版相同。</p>;
  return (
    <ul className="changes" aria-label={`第${to}版相对第${from}版的变动`}>
      {data.map(({ id, kind, text }) => (
        <li key={id}>
          <span className={`mark ${kind === "added" ? "confirmed" : kind === "removed" ? "overdue" : "provisional"}`}>{CHANGES[kind]}</span>
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}

function Compare({ versions }: { versions: CatalogueVersion[] }) {
  const numbers = versions.map(({ version }) => version);
  const [from, setFrom] = useState(numbers.at(-2));
  const [to, setTo] = useState(numbers.at(-1));
  const options = numbers.map((value) => ({ value, label: `第${value}版` }));
  if (from === undefined || to === undefined) return null;
  return (
    <>
      <p className="compare">
        <Select size="small" aria-label="原来的版本" value={from} onChange={setFrom} options={options} />
        到
        <Select size="small" aria-label="新的版本" value={to} onChange={setTo} options={options} />
        的变动
      </p>
      <Changes from={from} to={to} />
    </>
  );
}

/** The versions of the dispatch catalogue: which one holds, and what one changes against another. */
export function Versions() {
  const { data: versions } = useQuery(catalogueVersionsQuery);
  if (!versions || versions.length === 0) return null;
  return (
    <section className="card">
      <h2>派单目录的版本</h2>
      <div className="card-body versions">
        <ul>
          {[...versions].reverse().map(({ version, in_force, holds, default: ours, note, entries }) => (
            <li key={version}>
              <strong>第{version}版</strong> {in_force} 起施行 · {entries}项{" "}
              {holds && <span className="mark confirmed">现行</span>}{" "}
              {ours && <span className="mark provisional">系统默认，热线中心可改</span>}
              {note && <p className="muted">{note}</p>}
            </li>
          ))}
        </ul>
        {versions.length > 1 && <Compare versions={versions} />}
      </div>
    </section>
  );
}
