import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Form, type FormInstance } from "antd";
import { newKey } from "../api/client";
import { problemOf } from "../api/problem";
import { callerQuery, ticketQuery } from "../api/queries";
import type { TicketLine } from "../api/types";
import { attach } from "../commands/send";
import { ticketHref } from "../paths";
import { dateTime } from "../time";
import { StateName } from "../ui/Due";
import { Failed, Loading } from "../ui/Notice";
import { useSettled } from "../ui/settled";
import type { RegisterValues } from "./Fields";

type Props = { form: FormInstance<RegisterValues>; joined: () => void };

function Earlier({ ticket, form, joined }: Props & { ticket: TicketLine }) {
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
      content: "同一事项不另立新单；已填写的内容作为补充情况记入那件工单。",
      okText: "并入",
      cancelText: "取消",
      onOk: () => joining.mutateAsync().catch(() => undefined),
    });
  return (
    <li>
      <a href={ticketHref(ticket.number)} target="_blank" rel="noreferrer">
        {ticket.title}
      </a>
      <p className="muted">
        <span className="number">{ticket.number}</span> · {dateTime(ticket.registered_at)} · {ticket.kind_name}
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
        <Button size="small" loading={joining.isPending} onClick={join}>
          并入此单
        </Button>
      </p>
    </li>
  );
}

/** Who calls has perhaps called before: found while the number is typed. */
export function CallerHistory(props: Props) {
  const phone = Form.useWatch(["appellant", "phone"], props.form) ?? "";
  const id = Form.useWatch(["appellant", "id_number"], props.form) ?? "";
  const digits = useSettled(phone.replace(/\D/g, ""));
  const idNumber = useSettled(id.trim());
  const { data, error, isFetching, refetch } = useQuery(callerQuery(digits, idNumber));
  return (
    <section className="card" aria-label="来电历史">
      <h2>此前的诉求</h2>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : data && data.tickets.length > 0 ? (
        <ul className="history" aria-live="polite">
          {data.tickets.map((ticket) => (
            <Earlier key={ticket.number} ticket={ticket} {...props} />
          ))}
        </ul>
      ) : isFetching && !data ? (
        <Loading what="来电历史" rows={3} />
      ) : (
        <p className="muted card-body" aria-live="polite">
          {data ? "这个号码第一次来诉求。" : "填写电话后，这里显示这个号码此前的诉求。"}
        </p>
      )}
    </section>
  );
}
