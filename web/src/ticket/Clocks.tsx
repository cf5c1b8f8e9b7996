import { CheckOutlined, ClockCircleOutlined, MinusOutlined, RightOutlined, WarningFilled } from "@ant-design/icons";
import { useState } from "react";
import type { ClockView, TicketView } from "../api/types";
import { dateTime } from "../time";
import { CLOCK_STATUS, extensionDays } from "../words";
import "./clocks.css";
import { ClockBar } from "./ClockBar";
import { ClockDrawer } from "./ClockDrawer";
import { openClocks } from "./next";

export function clockState(clock: ClockView): string {
  if (clock.kind === "return" && clock.status === "met") return "已申请";
  if (clock.status === "met") return clock.late ? "完成，已超期" : "按期完成";
  if (clock.late) return "已超期";
  return CLOCK_STATUS[clock.status] ?? clock.status;
}

type Props = { clock: ClockView; now: string; open: () => void };

function Running({ clock, now, open }: Props) {
  return (
    <button type="button" className="clock-card" data-late={clock.late} onClick={open} aria-haspopup="dialog">
      <span className="clock-name">
        <strong>{clock.name}</strong>
        <span className="muted">{clock.unit_name ?? "热线中心"}</span>
        <span className="clock-state">{clock.status === "running" ? clock.left : clockState(clock)}</span>
      </span>
      <ClockBar clock={clock} now={now} />
      <span className="clock-ends muted">
        <span>{dateTime(clock.from, now)} 起</span>
        <span>
          {[clock.amount, ...clock.extensions.map((extension) => `延期${extensionDays(extension)}`), clock.due_words].join(" · ")}
          {clock.provisional && "（暂定）"} <RightOutlined aria-hidden />
        </span>
      </span>
    </button>
  );
}

function EndIcon({ clock }: { clock: ClockView }) {
  if (clock.late) return <WarningFilled aria-hidden />;
  if (clock.status === "met") return <CheckOutlined aria-hidden />;
  return clock.status === "closed" ? <ClockCircleOutlined aria-hidden /> : <MinusOutlined aria-hidden />;
}

function Ended({ clock, now, open }: Props) {
  return (
    <button type="button" className="clock-ended" data-late={clock.late} data-status={clock.status} onClick={open} aria-haspopup="dialog">
      <EndIcon clock={clock} />
      <span>{clock.name}</span>
      <span className="muted clock-whose">{clock.unit_name ?? "热线中心"}</span>
      <span className="clock-state">{clockState(clock)}</span>
      <span className="muted">{clock.status === "closed" ? clock.due_words : clock.ended_at && dateTime(clock.ended_at, now)}</span>
    </button>
  );
}

/** The clocks, those that run before those that ended. A click shows how each was counted. */
export function Clocks({ ticket }: { ticket: Pick<TicketView, "clocks" | "now"> }) {
  const [opened, setOpened] = useState<number>();
  const ended = ticket.clocks.filter(({ ended_at }) => ended_at).reverse();
  const shown = ticket.clocks.find(({ id }) => id === opened);
  const open = (id: number) => () => setOpened(id);
  return (
    <section className="card">
      <h2>
        时限 {ticket.clocks.length > 0 && <span className="end muted">点开看依据和逐日计算</span>}
      </h2>
      <div className="clocks">
        {openClocks(ticket).map((clock) => (
          <Running key={clock.id} clock={clock} now={ticket.now} open={open(clock.id)} />
        ))}
        {ended.length > 0 && (
          <div className="clocks-ended">
            {ended.map((clock) => (
              <Ended key={clock.id} clock={clock} now={ticket.now} open={open(clock.id)} />
            ))}
          </div>
        )}
        {ticket.clocks.length === 0 && <p className="muted card-body">没有时限。</p>}
      </div>
      <ClockDrawer clock={shown} now={ticket.now} close={() => setOpened(undefined)} />
    </section>
  );
}
