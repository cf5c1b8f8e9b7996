import type { ClockView } from "../api/types";

const ms = (at: string) => new Date(at).getTime();

/** How much of a clock has gone by, pauses hatched, what is over the limit in stripes of alarm. For the eye only: the text says it too. */
export function ClockBar({ clock, now }: { clock: ClockView; now: string }) {
  const from = ms(clock.from);
  const due = ms(clock.due);
  const until = Math.max(from, ms(clock.ended_at ?? now));
  const end = Math.max(due, until);
  const percent = (at: number) => (end === from ? 100 : (100 * (Math.min(Math.max(at, from), end) - from)) / (end - from));
  const span = (a: number, b: number) => ({ left: `${percent(a)}%`, width: `${percent(b) - percent(a)}%` });
  return (
    <span className="bar" data-status={clock.status} aria-hidden>
      <span className="bar-gone" style={span(from, Math.min(until, due))} />
      {until > due && <span className="bar-over" style={span(due, until)} />}
      {clock.pauses.map((pause) => (
        <span key={pause.from} className="bar-pause" style={span(ms(pause.from), pause.to ? ms(pause.to) : until)} />
      ))}
      {end > due && <span className="bar-due" style={{ left: `${percent(due)}%` }} />}
    </span>
  );
}
