import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Button, Select } from "antd";
import { useState } from "react";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { dutyQuery, queryClient } from "../api/queries";
import type { DutyDay, OnDuty, ShiftView } from "../api/types";
import { paths } from "../paths";
import { dateTime } from "../time";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { ShiftsForm } from "./ShiftsForm";
import "../organisation/organisation.css";
import "./duty.css";

/** What somebody is, after their name. */
export function whatTheyAre({ role_name, seat_name }: OnDuty): string {
  return seat_name ?? role_name;
}

function Shift({ day, shift }: { day: DutyDay; shift: ShiftView }) {
  const put = useMutation({
    mutationFn: (people: string[]) =>
      unwrap(api.PUT("/api/v1/duty/days/{day}/{shift}", { params: { path: { day: day.day, shift: shift.id } }, body: { people } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["duty"] }),
  });
  const [people, setPeople] = useState<string[]>();
  const now = shift.people.map(({ account }) => account);
  const save = () => {
    if (people && people.join() !== now.join()) put.mutate(people, { onSettled: () => setPeople(undefined) });
    else setPeople(undefined);
  };
  return (
    <section className="duty-shift" aria-label={shift.name}>
      <h3>
        {shift.name}
        <span className="muted">
          {shift.from}—{shift.until}
        </span>
      </h3>
      {put.error && <Alert type="error" showIcon title={problemOf(put.error).message} className="form-alert" />}
      {day.may_manage ? (
        <Select
          mode="multiple"
          aria-label={`${shift.name}的人员`}
          placeholder="还没有人，点这里排班"
          value={people ?? now}
          loading={put.isPending}
          disabled={put.isPending}
          optionFilterProp="label"
          options={day.choices.map((who) => ({ value: who.account, label: `${who.name}（${whatTheyAre(who)}）` }))}
          onChange={setPeople}
          onBlur={save}
        />
      ) : shift.people.length > 0 ? (
        <ul className="duty-people">
          {shift.people.map((who) => (
            <li key={who.account}>
              {who.name}
              <span className="muted">{whatTheyAre(who)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="muted">没有排人</p>
      )}
    </section>
  );
}

/** The day before or after, as the address says it. */
function beside(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

function Day({ day }: { day: DutyDay }) {
  const [editing, setEditing] = useState(false);
  const navigate = useNavigate();
  const to = (wanted: string) => void navigate({ to: paths.duty, search: { day: wanted } });
  return (
    <>
      <div className="organised-tools">
        <Button aria-label="前一天" onClick={() => to(beside(day.day, -1))}>
          ‹
        </Button>
        <input
          type="date"
          className="duty-date"
          aria-label="日期"
          value={day.day}
          onChange={(event) => event.target.value && to(event.target.value)}
        />
        <Button aria-label="后一天" onClick={() => to(beside(day.day, 1))}>
          ›
        </Button>
        <Link to={paths.dutyFigures}>坐席和人员数据</Link>
        {day.may_manage && (
          <Button className="end" onClick={() => setEditing(true)}>
            设置班次
          </Button>
        )}
      </div>
      {day.gaps.length > 0 && (
        <Alert
          type="warning"
          showIcon
          className="duty-gaps"
          title={`这一天 ${day.gaps.join("、")} 没有排人`}
          description={`应提供${day.gaps_basis}`}
        />
      )}
      <div className="duty-shifts">
        {day.shifts.map((shift) => (
          <Shift key={shift.id} day={day} shift={shift} />
        ))}
      </div>
      <h3 className="duty-now-head">现在在岗（{day.now.filter(({ state }) => state === "present").length}人）</h3>
      {day.now.length === 0 ? (
        <Nothing title="现在没有人说明在岗">值班人员登录后，在页面右上角选“在岗”。</Nothing>
      ) : (
        <ul className="duty-people duty-now">
          {day.now.map((who) => (
            <li key={who.account} data-state={who.state}>
              {who.name}
              <span className="muted">
                {whatTheyAre(who)} · {dateTime(who.since)} 起{who.state_name}
              </span>
            </li>
          ))}
        </ul>
      )}
      {editing && <ShiftsForm shifts={day.shifts} close={() => setEditing(false)} />}
    </>
  );
}

/** Shifts of a day, who is down for them, when nobody is, and who takes calls now. */
export function DutyPage() {
  useTitle("值班");
  const { day } = useSearch({ from: "/shell/duty" });
  const { data, error, refetch } = useQuery(dutyQuery(day));
  return (
    <section className="organisation card" aria-label="值班">
      <h2>值班</h2>
      {error ? <Failed error={error} retry={() => void refetch()} /> : !data ? <Loading what="值班" /> : <Day key={data.day} day={data} />}
    </section>
  );
}
