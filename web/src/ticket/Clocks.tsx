import { RightOutlined } from "@ant-design/icons";
import { useState } from "react";
import type { ClockView, TicketView } from "../api/types";
import { dateTime } from "../time";
import { CLOCK_STATUS } from "../words";
import "./clocks.css";
import { ClockBar } from "./ClockBar";
import { ClockDrawer } from "./ClockDrawer";

export function clockState(clock: ClockView): string {
  if (clock.status === "met") return clock.late ? "完成，已超期" : "按期完成";
  if (clock.late) return "已超期";
  return CLOCK_STATUS[clock.status];
}

function ClockCard({ clock, now, open }: { clock: ClockView; now: string; open: () => void }) {
  const ended = clock.status === "met" || clock.status === "void";
  return (
    <button type="button" className="clock-card" data-ended={ended} data-late={clock.late} onClick={open} aria-haspopup="dialog">
      <span className="clock-name">
        <strong>{clock.name}</strong>
        <span className="muted">{clock.unit_name ?? "热线中心"}</span>
        <span className="clock-state">{clockState(clock)}</span>
      </span>
      <ClockBar clock={clock} now={now} />
      <span className="clock-ends muted">
        <span>{dateTime(clock.from, now)} 起</span>
        <span>
          {clock.amount} · {clock.due_words}
          {clock.provisional && "（暂定）"} <RightOutlined aria-hidden />
        </span>
      </span>
    </button>
  );
}

/** The clocks, those that run before those that ended. A click shows how each was counted. */
export function Clocks({ ticket }: { ticket: TicketView }) {
  const [opened, setOpened] = useState<number>();
  const running = ticket.clocks.filter(({ ended_at }) => !ended_at);
  const ended = ticket.clocks.filter(({ ended_at }) => ended_at).reverse();
  const shown = ticket.clocks.find(({ id }) => id === opened);
  return (
    <section className="card">
      <h2>
        时限 <span className="end muted">点开看依据和逐日计算</span>
      </h2>
      <div className="clocks">
        {[...running, ...ended].map((clock) => (
          <ClockCard key={clock.id} clock={clock} now={ticket.now} open={() => setOpened(clock.id)} />
        ))}
        {ticket.clocks.length === 0 && <p className="muted card-body">还没有时限。登记、派单后从这里看到每一项时限。</p>}
      </div>
      <ClockDrawer clock={shown} now={ticket.now} close={() => setOpened(undefined)} />
    </section>
  );
}
