import { MessageOutlined } from "@ant-design/icons";
import { Segmented } from "antd";
import { useState } from "react";
import type { TicketView } from "../api/types";
import { dateTime } from "../time";

type Entry = { key: string; at: string; order: number; tone: string; label: string; who?: string; text: string; message?: boolean };

type Message = TicketView["messages"][number];

/** What happened and what was sent, in one row of time; the same message to several appellants once. */
function entries(ticket: TicketView): Entry[] {
  const happened = ticket.timeline.map(
    ({ version, at, who, label, text, tone }, order): Entry => ({ key: `v${version}-${order}`, at, order, tone, label, who, text }),
  );
  const same = new Map<string, { count: number; of: Message }>();
  for (const of of ticket.messages) {
    const key = `${of.at} ${of.label} ${of.state}`;
    same.set(key, { count: (same.get(key)?.count ?? 0) + 1, of });
  }
  const sent = Array.from(
    same,
    ([key, { count, of }], index): Entry => ({
      key,
      at: of.at,
      order: ticket.timeline.length + index,
      tone: "message",
      label: of.label,
      who: count > 1 ? `${count}人 ${of.state_name}` : of.state_name,
      text: "",
      message: true,
    }),
  );
  return [...happened, ...sent].sort((a, b) => a.at.localeCompare(b.at) || a.order - b.order);
}

export function Timeline({ ticket }: { ticket: TicketView }) {
  const [order, setOrder] = useState<"old" | "new">("new");
  const all = entries(ticket);
  const shown = order === "new" ? all.reverse() : all;
  return (
    <section className="card">
      <h2>
        办理过程
        <Segmented
          className="end"
          size="small"
          aria-label="时间顺序"
          value={order}
          onChange={setOrder}
          options={[
            { value: "new", label: "新的在前" },
            { value: "old", label: "旧的在前" },
          ]}
        />
      </h2>
      <ol className="timeline">
        {shown.map(({ key, at, tone, label, who, text, message }) => (
          <li key={key} data-tone={tone}>
            <time dateTime={at}>{dateTime(at, ticket.now)}</time>
            <span className="dot" aria-hidden />
            <div>
              <p>
                {message && <MessageOutlined aria-hidden className="muted" />} <strong>{label}</strong>{" "}
                <span className="muted">{who}</span>
              </p>
              {text && <p className="plain-text timeline-text">{text}</p>}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
