import { useQuery } from "@tanstack/react-query";
import { centresQuery } from "../api/queries";
import type { Centres } from "../api/types";
import { Heads } from "../ui/Heads";
import { Failed, Loading } from "../ui/Notice";
import { useTitle } from "../ui/title";
import "./organisation.css";

function Table({ view }: { view: Centres }) {
  const { centres, days } = view;
  const heads = ["热线", `近${days}天登记`, "其中已办", "在办", "在办超期"];
  return (
    <table className="organised">
      <Heads names={heads} />
      <tbody>
        {centres.map((line) => (
          <tr key={line.centre}>
            <td data-label={heads[0]}>
              <span className="centre" data-level={line.level}>
                {line.name}
                {line.level === 0 && "（本热线）"}
              </span>
            </td>
            {[line.registered, line.closed, line.open, line.overdue].map((count, i) => (
              <td key={heads[i + 1]} data-label={heads[i + 1]} className="count">
                {count.toLocaleString("zh-CN")}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The centres below this one, and how many tickets they have. */
export function CentresPage() {
  useTitle("各级热线");
  const { data, error, refetch } = useQuery(centresQuery);
  return (
    <section className="organisation card" aria-label="各级热线">
      <h2>各级热线</h2>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what="各级热线" />
      ) : (
        <>
          <Table view={data} />
          <p className="muted organised-tools">
            {data.above.length > 0 && <span>上级热线：{data.above.join("、")}</span>}
            {data.centres.length === 1 && <span>本热线没有下级；上下级由系统管理员在服务器上用 jiesu centre 写明</span>}
            <span>只看得到下级的件数，看不到下级的工单</span>
          </p>
        </>
      )}
    </section>
  );
}
