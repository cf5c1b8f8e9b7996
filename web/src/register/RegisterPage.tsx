import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { Alert, App, Button, Form } from "antd";
import { useRef, useState } from "react";
import { api, newKey } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { rulebookQuery } from "../api/queries";
import type { NewTicket, Proposal, Registered } from "../api/types";
import { body } from "../commands/spec";
import { paths } from "../paths";
import { seesTickets, useMe } from "../session/session";
import { useTitle } from "../ui/title";
import { Suggested } from "../knowledge/Suggested";
import { SimilarNow } from "../matters/SimilarNow";
import { Marks } from "../proposals/marks";
import { FIELDS, type Proposable, useProposals } from "../proposals/useProposals";
import { CallerHistory } from "./CallerHistory";
import { Fields, type RegisterValues } from "./Fields";
import { Receipts } from "./Receipts";
import "./register.css";

const EMPTY: Partial<RegisterValues> = { channel: "phone", follow_up_by: "phone", earlier: [] };

const NO_WORDS: Proposal["words"] = [];

export type Receipt = Registered & { title: string };

/** Leaving with something typed asks first: inside the console by a dialog, closing the tab by the browser's own. */
function useLeaveWarning(touched: boolean) {
  const { modal } = App.useApp();
  useBlocker({
    disabled: !touched,
    enableBeforeUnload: touched,
    shouldBlockFn: async () =>
      !(await modal.confirm({ title: "登记还没有保存，要离开吗？", content: "离开后已填写的内容会丢失。", okText: "离开", cancelText: "接着填" })),
  });
}

export function RegisterPage() {
  useTitle("登记");
  const [form] = Form.useForm<RegisterValues>();
  const me = useMe();
  const { data: rulebook } = useQuery(rulebookQuery);
  const client = useQueryClient();
  const navigate = useNavigate();
  const { notification } = App.useApp();
  // One key for one form: however often it is sent, the server makes one ticket.
  const [key, setKey] = useState(newKey);
  const [touched, setTouched] = useState(false);
  const [receipts, setReceipts] = useState<Receipt[]>([]);
  useLeaveWarning(touched);
  const proposals = useProposals(form, () => setTouched(true));
  const [pointed, point] = useState<Proposal>();

  const anew = () => {
    form.resetFields();
    setKey(newKey());
    setTouched(false);
    form.getFieldInstance?.(["appellant", "phone"])?.focus();
  };

  const saving = useMutation({
    mutationFn: async ({ values }: { values: RegisterValues; open: boolean }): Promise<Receipt> => {
      const ticket = { appellant: {}, ...body(values) } as NewTicket;
      const header = { "Idempotency-Key": key };
      const saved = await unwrap(api.POST("/api/v1/tickets", { params: { header }, body: ticket }));
      return { ...saved, title: ticket.title };
    },
    onSuccess: (receipt, { open }) => {
      void client.invalidateQueries({ queryKey: ["tickets"] });
      void client.invalidateQueries({ queryKey: ["caller"] });
      anew();
      setReceipts((before) => [receipt, ...before]);
      if (!open) return;
      // The query code is shown this once: it stays on the screen until the seat has read it out.
      notification.success({
        title: `已登记 ${receipt.number}`,
        description: `查询码 ${receipt.query_code}，请告诉诉求人`,
        duration: false,
      });
      void navigate({ to: paths.ticket, params: { number: receipt.number }, ignoreBlocker: true });
    },
    onError: (error) => {
      const { field, message } = problemOf(error);
      if (field) form.setFields([{ name: field.split(".") as never, errors: [message] }]);
    },
  });

  // The second click of a double click can come before the first has drawn anything, or after it has emptied the form.
  const busy = useRef(false);
  const save = async (open: boolean, clicks = 0) => {
    if (busy.current || clicks > 1) return;
    busy.current = true;
    try {
      const values = await form.validateFields().catch(() => undefined);
      if (values) await saving.mutateAsync({ values, open }).catch(() => undefined);
    } finally {
      busy.current = false;
    }
  };

  return (
    <div className="register">
      <section className="card register-form" aria-label="登记诉求">
        <h2>登记诉求</h2>
        <Form<RegisterValues>
          form={form}
          layout="vertical"
          className="card-body"
          initialValues={EMPTY}
          scrollToFirstError
          onValuesChange={() => setTouched(true)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save(false);
            const field = event.altKey && !event.ctrlKey && !event.metaKey ? FIELDS[Number(event.code.replace("Digit", "")) - 1] : undefined;
            if (!field) return;
            event.preventDefault();
            proposals.take(field);
          }}
        >
          <Marks value={pointed && proposals.of(pointed.field as Proposable) ? pointed.words : NO_WORDS}>
            <Fields rulebook={rulebook} proposals={proposals} point={point} />
          </Marks>
        </Form>
        <footer className="register-foot">
          {saving.error && <Alert type="error" showIcon title={problemOf(saving.error).why ?? problemOf(saving.error).message} />}
          <Button type="primary" loading={saving.isPending} onClick={({ detail }) => void save(false, detail)}>
            保存，登记下一件
          </Button>
          {seesTickets(me) && (
            <Button disabled={saving.isPending} onClick={({ detail }) => void save(true, detail)}>
              保存并打开
            </Button>
          )}
          <span className="muted">
            <kbd>Ctrl</kbd> <kbd>Enter</kbd> 保存
          </span>
        </footer>
      </section>
      <aside className="register-side">
        <Receipts receipts={receipts} />
        {me.rights.includes("search-knowledge") && <Suggested form={form} />}
        {seesTickets(me) && <CallerHistory form={form} joined={anew} />}
        {seesTickets(me) && <SimilarNow form={form} joined={anew} />}
      </aside>
    </div>
  );
}
