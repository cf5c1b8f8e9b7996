import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { dutyFiguresQuery } from "../api/queries";
import type { DutyFigures } from "../api/types";
import { paths } from "../paths";
import { Heads } from "../ui/Heads";
import { Failed, Loading } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { whatTheyAre } from "./DutyPage";
import "../organisation/organisation.css";
import "./duty.css";

/** Minutes as hours, to a tenth. */
function hours(minutes: number): string {
  return (minutes / 60).toFixed(1);
}

function Figures({ figures }: { figures: DutyFigures }) {
  return (
    <>
      <h3>按坐席类别</h3>
      <table className="organised">
        <Heads names={["类别", "现有人数", "排班班次", "在岗小时"]} />
        <tbody>
          {figures.seats.map(({ role_name, seat_name, people, shifts, present_minutes }) => (
            <tr key={role_name + (seat_name ?? "")}>
              <td data-label="类别">{seat_name ?? role_name}</td>
              <td data-label="现有人数">{people}</td>
              <td data-label="排班班次">{shifts}</td>
              <td data-label="在岗小时">{hours(present_minutes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>按人员</h3>
      <table className="organised">
        <Heads names={["姓名", "类别", "排班班次", "在岗小时", "小休小时"]} />
        <tbody>
          {figures.people.map((line) => (
            <tr key={line.account}>
              <td data-label="姓名">{line.name}</td>
              <td data-label="类别">{whatTheyAre(line)}</td>
              <td data-label="排班班次">{line.shifts}</td>
              <td data-label="在岗小时">{hours(line.present_minutes)}</td>
              <td data-label="小休小时">{hours(line.break_minutes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted duty-note">
        在岗、小休按值班人员自己的说明计；没有说明离岗的，最多计16小时。坐席类别按现在的岗位。
      </p>
    </>
  );
}

/** Seats, people, shifts and hours of a month, for the yearly budget. */
export function FiguresPage() {
  useTitle("坐席和人员数据");
  const { month } = useSearch({ from: "/shell/duty/figures" });
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(dutyFiguresQuery(month));
  return (
    <section className="organisation card" aria-label="坐席和人员数据">
      <h2>坐席和人员数据</h2>
      <div className="organised-tools">
        <input
          type="month"
          className="duty-date"
          aria-label="月份"
          value={month ?? data?.month ?? ""}
          onChange={(event) => event.target.value && void navigate({ to: paths.dutyFigures, search: { month: event.target.value } })}
        />
        <Link to={paths.duty} search={{}}>
          回到值班
        </Link>
      </div>
      {error ? <Failed error={error} retry={() => void refetch()} /> : !data ? <Loading what="坐席和人员数据" /> : <Figures figures={data} />}
    </section>
  );
}
