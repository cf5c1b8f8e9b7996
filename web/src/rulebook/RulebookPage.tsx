import { useQuery } from "@tanstack/react-query";
import { catalogueQuery, rulebookQuery } from "../api/queries";
import { Failed, Loading } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { Catalogue } from "./Catalogue";
import { Readings } from "./Readings";
import { Versions } from "./Versions";

/** The rulebook in force and, above all, what we took the silent places to mean: open to everybody who works by it. */
export function RulebookPage() {
  useTitle("办法与理解");
  const { data: rulebook, error, refetch } = useQuery(rulebookQuery);
  const catalogue = useQuery(catalogueQuery);
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!rulebook) return <Loading what="办法" />;
  return (
    <div className="rulebook">
      <header>
        <h1>{rulebook.name}</h1>
        <p className="muted">
          {[rulebook.place, rulebook.status, `第${rulebook.version}版`].filter(Boolean).join(" · ")}
        </p>
      </header>
      <section className="card">
        <h2>条文未规定处的理解（{rulebook.assume.length}条）</h2>
        <div className="card-body">
          <Readings readings={rulebook.assume} />
        </div>
      </section>
      <section className="card">
        <h2>不予受理的情形</h2>
        <ul className="refusals">
          {rulebook.refusals.map(({ id, name, advice, article }) => (
            <li key={id}>
              <p>
                {name} <span className="muted">{article}</span>
              </p>
              <p className="muted">{advice}</p>
            </li>
          ))}
        </ul>
      </section>
      <section className="card">
        <h2>突发事件</h2>
        <div className="card-body">
          <p>适用事项：{rulebook.emergency_matters.join("、")}</p>
          <p>紧急专线：{rulebook.lines.join("、")}</p>
        </div>
      </section>
      {rulebook.not_encoded.length > 0 && (
        <section className="card">
          <h2>没有编入系统的条文（{rulebook.not_encoded.length}处）</h2>
          <ul className="refusals">
            {rulebook.not_encoded.map(({ article, reason }) => (
              <li key={article}>
                <p>{article}</p>
                <p className="muted">{reason}</p>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Versions />
      {catalogue.data && catalogue.data.length > 0 && <Catalogue entries={catalogue.data} />}
    </div>
  );
}
