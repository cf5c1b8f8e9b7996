import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { exportsQuery } from "../api/queries";
import { paths } from "../paths";
import { fullDateTime } from "../time";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { Older } from "../ui/Older";
import { useTitle } from "../ui/title";
import "./privacy.css";

/** What left the system as a file, newest first. */
export function ExportsPage() {
  useTitle("导出清单");
  const { cursor } = useSearch({ from: "/shell/privacy/exports" });
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(exportsQuery(cursor));
  const to = (next: string | undefined) => void navigate({ to: paths.exports, search: next ? { cursor: next } : {} });
  return (
    <section className="privacy card" aria-label="导出清单">
      <h2>导出清单</h2>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what="导出清单" />
      ) : data.items.length === 0 ? (
        <Nothing title="还没有人导出过">导出工单列表或审计日志后，会出现在这里。</Nothing>
      ) : (
        <table className="privacy-table">
          <thead>
            <tr>
              <th>编号</th>
              <th>时间</th>
              <th>导出人</th>
              <th>内容</th>
              <th>条数</th>
              <th>理由</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((item) => (
              <tr key={item.id}>
                <td data-label="编号" className="number">
                  {item.id}
                </td>
                <td data-label="时间">{fullDateTime(item.at)}</td>
                <td data-label="导出人">{[item.who_name, item.role_name].filter(Boolean).join(" · ")}</td>
                <td data-label="内容">
                  {item.what} {item.personal && <span className="mark confidential">含诉求人信息</span>}
                </td>
                <td data-label="条数">{item.rows ?? "全部"}</td>
                <td data-label="理由" className="plain-text">
                  {item.reason}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {data && <Older cursor={cursor} next={data.next} to={to} />}
    </section>
  );
}
