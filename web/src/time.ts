// Instants come with an offset; people everywhere in the country read Beijing time, whatever the computer's zone is.
const PARTS = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Shanghai",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  weekday: "short",
  hourCycle: "h23",
});

const WEEKDAYS: Record<string, string> = {
  Mon: "周一",
  Tue: "周二",
  Wed: "周三",
  Thu: "周四",
  Fri: "周五",
  Sat: "周六",
  Sun: "周日",
};

type Parts = { year: string; month: string; day: string; hour: string; minute: string; weekday: string };

function parts(at: string): Parts {
  const found = Object.fromEntries(PARTS.formatToParts(new Date(at)).map((part) => [part.type, part.value])) as Parts;
  // "04" for a month reads like a form; people say 4月.
  const plain = (text: string) => String(Number(text));
  return { ...found, month: plain(found.month), day: plain(found.day), weekday: WEEKDAYS[found.weekday] ?? found.weekday };
}

/** 4月30日 09:00; the year only where it is not the year of `now`. */
export function dateTime(at: string, now?: string): string {
  const { year, month, day, hour, minute } = parts(at);
  const lead = now === undefined || parts(now).year === year ? "" : `${year}年`;
  return `${lead}${month}月${day}日 ${hour}:${minute}`;
}

/** 2026年4月30日 周四 09:00 */
export function fullDateTime(at: string): string {
  const { year, month, day, hour, minute, weekday } = parts(at);
  return `${year}年${month}月${day}日 ${weekday} ${hour}:${minute}`;
}

/** 2026年4月30日 周四 24时: the end of a day belongs to that day, as limits are read. Other instants as they are. */
export function dueDateTime(at: string): string {
  const midnight = fullDateTime(at).endsWith(" 00:00");
  return midnight ? fullDateTime(addHours(at, -1)).replace("23:00", "24时") : fullDateTime(at);
}

/** 2026-04-30, in Beijing. */
export function isoDate(at: string): string {
  const { year, month, day } = parts(at);
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

/** The instant of a Beijing date and wall time, e.g. ("2026-04-30", "09:00"). */
export function beijing(date: string, time: string): string {
  return `${date}T${time}:00+08:00`;
}

export function addHours(at: string, hours: number): string {
  const [date, time] = wall(new Date(new Date(at).getTime() + hours * 3_600_000).toISOString());
  return beijing(date, time);
}

/** Beijing date and wall time of an instant. */
export function wall(at: string): [string, string] {
  const { hour, minute } = parts(at);
  return [isoDate(at), `${hour}:${minute}`];
}
