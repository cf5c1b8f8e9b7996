import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Checkbox, Form, type FormInstance } from "antd";
import type { ReactNode } from "react";
import { newKey } from "../api/client";
import { problemOf } from "../api/problem";
import { ticketQuery } from "../api/queries";
import type { TicketLine } from "../api/types";
import { attach } from "../commands/send";
import type { RegisterValues } from "../register/Fields";
import { StateName } from "../ui/Due";
import "./matters.css";

export type JoinProps = { form: FormInstance<RegisterValues>; joined: () => void };

type Props = JoinProps & { ticket: TicketLine; open?: boolean; children?: ReactNode };

/** What a seat can do with an earlier ticket while registering: say that it is the same matter, or hang the appeal on it. */
export function Joining({ ticket, open = true, form, joined, children }: Props) {
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
      content: "同一事项不另立新单；已填写的内容作为补充情况记入那件工单，这位诉求人同样得到答复和回访。拿不准的，请照常登记。",
      okText: "并入",
      cancelText: "取消",
      onOk: () => joining.mutateAsync().catch(() => undefined),
    });
  return (
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
        {children}
        {open && (
          <Button size="small" loading={joining.isPending} onClick={join}>
            并入此单
          </Button>
        )}
      </span>
    </p>
  );
}
