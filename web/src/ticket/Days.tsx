import type { Day } from "../api/types";
import { isoDate } from "../time";

const WEEK = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

const ROLES: Record<string, string> = { start: "起算日", weekend: "周末", holiday: "放假", "make-up": "补班", paused: "暂停" };

/** Sunday counts as the seventh: the week of a Chinese office begins on Monday. */
function column(date: string): number {
  return ((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
}

function words({ n, role, note }: Day): string[] {
  const why = role === "holiday" ? note : ROLES[role];
  return [n && `第${n}日`, why].filter((text) => !!text) as string[];
}

/** The days of a limit as the weeks of a calendar; each says whether it counts and why not. */
export function Days({ days, now }: { days: Day[]; now: string }) {
  const today = isoDate(now);
  return (
    <div className="days-frame">
      <div className="days-week muted" aria-hidden>
        {WEEK.map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <ol className="days">
        {days.map((day, index) => {
          const [, month, date] = day.date.split("-").map(Number);
          const first = index === 0 || date === 1;
          return (
            <li
              key={day.date}
              data-role={day.role}
              data-last={index === days.length - 1}
              aria-current={day.date === today ? "date" : undefined}
              style={index === 0 ? { gridColumnStart: column(day.date) } : undefined}
            >
              <span className="day-date">
                {first ? `${month}月${date}日` : date}
                <span className="unseen">{day.weekday}</span>
              </span>
              <span className="day-words">
                {words(day).map((text) => (
                  <span key={text}>{text}</span>
                ))}
              </span>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
