import { Drawer } from "antd";
import type { ClockView } from "../api/types";
import { Readings } from "../rulebook/Readings";
import { dueDateTime, fullDateTime } from "../time";
import { extensionDays } from "../words";
import { clockState } from "./Clocks";
import { Days } from "./Days";

/** Why this clock ends when it ends: the sentence, the article, every day, and what we assumed where the text is silent. */
export function ClockDrawer({ clock, now, close }: { clock: ClockView | undefined; now: string; close: () => void }) {
  return (
    <Drawer open={!!clock} onClose={close} size={560} title={clock && `${clock.name}时限 · ${clock.unit_name ?? "热线中心"}`}>
      {clock && (
        <div className="clock-why">
          <p className="clock-sentence">{clock.sentence}</p>
          <dl className="pairs">
            <dt>到期</dt>
            <dd>
              {clock.due_words}
              {clock.provisional && "（暂定：所跨年份的放假通知尚未公布，公布后重新计算）"}
            </dd>
            <dt>期限</dt>
            <dd>{clock.amount}</dd>
            <dt>起算</dt>
            <dd>{fullDateTime(clock.from)}</dd>
            <dt>状态</dt>
            <dd>
              {clockState(clock)}
              {clock.ended_at && `，${fullDateTime(clock.ended_at)}`}
            </dd>
            <dt>依据</dt>
            <dd>{clock.article || "条文未作规定，按下列理解"}</dd>
            {clock.extensions.map((extension) => (
              <Extension key={extension.due_before} extension={extension} />
            ))}
          </dl>
          {clock.days.length > 0 && (
            <section>
              <h3>逐日计算</h3>
              <Days days={clock.days} now={now} />
            </section>
          )}
          {clock.readings.length > 0 && (
            <section>
              <h3>所依据的理解</h3>
              <Readings readings={clock.readings} />
            </section>
          )}
        </div>
      )}
    </Drawer>
  );
}

function Extension({ extension }: { extension: ClockView["extensions"][number] }) {
  return (
    <>
      <dt>延期</dt>
      <dd>
        {extensionDays(extension)}，原到期 {dueDateTime(extension.due_before)}
      </dd>
    </>
  );
}
