import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Form, type FormInstance } from "antd";
import { useState } from "react";
import { newKey } from "../api/client";
import { problemOf } from "../api/problem";
import { similarNowQuery, ticketQuery } from "../api/queries";
import type { SimilarTicket } from "../api/types";
import { attach } from "../commands/send";
import { ticketHref } from "../paths";
import type { RegisterValues } from "../register/Fields";
import { dateTime } from "../time";
import { StateName } from "../ui/Due";
import { useSettled } from "../ui/settled";
import { Why } from "./Why";
import "./matters.css";

/** Fewer characters tell no matter. */
const LEAST = 6;
/** Typing pauses for so long before the server is asked: a sentence is not asked about letter by letter. */
const PAUSE_MS = 600;

type Props = { form: FormInstance<RegisterValues>; joined: () => void };

function Proposal({ similar, form, joined, dismiss }: Props & { similar: SimilarTicket; dismiss: () => void }) {
  const { ticket, open } = similar;
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  const chosen = Form.useWatch("earlier", form) ?? [];
  const joining = useMutation({
    mutationFn: () => {
      const { appellant, channel, follow_up_by, content } = form.getFieldsValue();
      return attach(ticket.number, { appellant, channel, follow_up_by, note: content }, newKey());
    },
    onSuccess: (joinedTo) => {
      client.setQueryData(ticketQuery(ticket.number).queryKey, joinedTo);
      message.success(`已并入 ${ticket.number}`);
      joined();
    },
    onError: (error) => message.error(problemOf(error).message),
  });
  const join = () =>
    modal.confirm({
      title: `把这次诉求并入 ${ticket.number}？`,
      content: "并入后不另立新单，这位诉求人记在那件工单上，同样得到答复和回访；拿不准是否同一事项的，请照常登记。",
      okText: "并入",
      cancelText: "取消",
      onOk: () => joining.mutateAsync().catch(() => undefined),
    });
  return (
    <li>
      <a href={ticketHref(ticket.number)} target="_blank" rel="noreferrer">
        {ticket.title}
      </a>
      <Why similar={similar} />
      <p className="muted">
        <span className="number">{ticket.number}</span> · {dateTime(ticket.registered_at)} · {ticket.lead_name ?? "热线中心"}
      </p>
      <p className="history-line">
        <StateName code={ticket.state} name={ticket.state_name} />
        <Checkbox
          checked={chosen.includes(ticket.number)}
          onChange={({ target }) =>
            form.setFieldValue(
              "earlier",
              target.checked ? [...chosen, ticket.number] : chosen.filter((number) => number !== ticket.number),
            )
          }
        >
          同一事项
        </Checkbox>
        <span className="similar-acts">
          <Button size="small" type="text" onClick={dismiss}>
            不是
          </Button>
          {open && (
            <Button size="small" loading={joining.isPending} onClick={join}>
              并入此单
            </Button>
          )}
        </span>
      </p>
    </li>
  );
}

/** While a seat types, earlier tickets that are perhaps on the same matter, whoever brought them. */
export function SimilarNow({ form, joined }: Props) {
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
