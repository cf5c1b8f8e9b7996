import { useQuery } from "@tanstack/react-query";
import { Button, Form } from "antd";
import { useState } from "react";
import { similarNowQuery } from "../api/queries";
import type { SimilarTicket } from "../api/types";
import { ticketHref } from "../paths";
import { dateTime } from "../time";
import { useSettled } from "../ui/settled";
import { type JoinProps, Joining } from "./Joining";
import { Why } from "./Why";

/** Fewer characters tell no matter. */
const LEAST = 6;
/** Typing pauses for so long before the server is asked: a sentence is not asked about letter by letter. */
const PAUSE_MS = 600;

function Proposal({ similar, dismiss, ...joining }: JoinProps & { similar: SimilarTicket; dismiss: () => void }) {
  const { ticket, open } = similar;
  return (
    <li>
      <a href={ticketHref(ticket.number)} target="_blank" rel="noreferrer">
        {ticket.title}
      </a>
      <Why similar={similar} />
      <p className="muted">
        <span className="number">{ticket.number}</span> · {dateTime(ticket.registered_at)} · {ticket.lead_name ?? "热线中心"}
      </p>
      <Joining ticket={ticket} open={open} {...joining}>
        <Button size="small" type="text" onClick={dismiss}>
          不是
        </Button>
      </Joining>
    </li>
  );
}

/** While a seat types, earlier tickets that are perhaps on the same matter, whoever brought them. */
export function SimilarNow({ form, joined }: JoinProps) {
  const title = Form.useWatch("title", form) ?? "";
  const content = Form.useWatch("content", form) ?? "";
  const phone = Form.useWatch(["appellant", "phone"], form) ?? "";
  const id_number = Form.useWatch(["appellant", "id_number"], form) ?? "";
  const place = Form.useWatch("place", form) ?? "";
  const said = useSettled(JSON.stringify({ title: title.trim(), content: content.trim(), place, phone, id_number }), PAUSE_MS);
  const enough = title.trim().length + content.trim().length >= LEAST;
  const { data, error } = useQuery({ ...similarNowQuery(said), enabled: enough });
  // Only for this call: nothing has been registered yet of which it could be remembered.
  const [dismissed, setDismissed] = useState<string[]>([]);
  const items = enough && data ? data.items.filter(({ ticket }) => !dismissed.includes(ticket.number)) : [];
  return (
    <section className="card" aria-label="可能是同一事项">
      <h2>可能是同一事项</h2>
      {items.length > 0 ? (
        <ul className="history" aria-live="polite">
          {items.map((similar) => (
            <Proposal
              key={similar.ticket.number}
              similar={similar}
              form={form}
              joined={joined}
              dismiss={() => setDismissed([...dismissed, similar.ticket.number])}
            />
          ))}
        </ul>
      ) : (
        <p className="muted card-body" aria-live="polite">
          {!enough
            ? "填写标题和内容时，这里显示近期反映同一事项的工单。"
            : error
              ? "暂时不能查找同一事项的工单，请照常登记。"
              : data && !data.complete
                ? "刚刚启动，正在读入此前的工单，稍后再看。"
                : data
                  ? "近期没有反映同一事项的工单。"
                  : "正在查找…"}
        </p>
      )}
    </section>
  );
}
