import { useMutation } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Form, Modal, Select } from "antd";
import { useState } from "react";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { entryQuery, queryClient } from "../api/queries";
import type { Entry, KnowledgeAction, KnowledgeCommand } from "../api/types";
import { TextArea } from "../ui/TextArea";
import { ContentFields, contentOf, valuesOf, type ContentValues } from "./ContentForm";

type Name = KnowledgeAction["do"];
type Typed = Partial<ContentValues> & { text?: string; reason?: string; note?: string; what?: string; no?: number };

/** The commands of an entry's page; a sampled check is made on the sample's own page. */
const HERE: Name[] = ["answer", "publish", "return", "submit", "renew", "confirm-error", "dismiss-error", "report-error", "withdraw"];

function command(name: Name, values: Typed): KnowledgeCommand | undefined {
  const { text = "", reason = "", note = "", what = "", no = 0, secrecy_checked } = values;
  switch (name) {
    case "answer":
      return { do: "answer", text, secrecy_checked: !!secrecy_checked };
    case "submit":
      return { do: "submit", content: contentOf(values as ContentValues), secrecy_checked: !!secrecy_checked, script: !!values.script };
    case "publish":
      return { do: "publish", note };
    case "return":
      return { do: "return", reason };
    case "withdraw":
      return { do: "withdraw", reason };
    case "renew":
      return { do: "renew" };
    case "report-error":
      return { do: "report-error", what };
    case "confirm-error":
      return { do: "confirm-error", no, note };
    case "dismiss-error":
      return { do: "dismiss-error", no, reason };
    default:
      return undefined;
  }
}

const area = (name: keyof Typed & string, label: string, required = true) => (
  <Form.Item key={name} name={name} label={label} rules={required ? [{ required, whitespace: true, message: `请填写${label}` }] : []}>
    <TextArea rows={3} maxLength={name === "text" ? 20000 : 500} />
  </Form.Item>
);

function Fields({ name, entry, busy }: { name: Name; entry: Entry; busy: (busy: boolean) => void }) {
  const reported = entry.errors.filter(({ state }) => state === "reported").map(({ no, what }) => ({ value: no, label: `${no}. ${what}` }));
  const which = (
    <Form.Item name="no" label="哪一条报错" rules={[{ required: true, message: "请选择" }]}>
      <Select options={reported} />
    </Form.Item>
  );
  switch (name) {
    case "submit":
      return <ContentFields fresh={!entry.current} busy={busy} />;
    case "answer":
      return (
        <>
          <p className="muted">{entry.question?.text}</p>
          {area("text", "答复")}
          <Form.Item name="secrecy_checked" valuePropName="checked">
            <Checkbox>本单位已作保密审查，内容不涉密</Checkbox>
          </Form.Item>
        </>
      );
    case "publish":
      return (
        <>
          {entry.hints.length > 0 && <Alert type="warning" showIcon title={entry.hints.join("；")} className="form-alert" />}
          {area("note", "审核意见", false)}
        </>
      );
    case "return":
    case "withdraw":
      return area("reason", "理由");
    case "report-error":
      return area("what", "哪里有误");
    case "confirm-error":
      return (
        <>
          {which}
          {area("note", "核实情况", false)}
        </>
      );
    case "dismiss-error":
      return (
        <>
          {which}
          {area("reason", "理由")}
        </>
      );
    default:
      return <p>确认这一条内容仍然正确、有效。</p>;
  }
}

function first(name: Name, entry: Entry): Typed {
  const content = entry.pending?.content ?? entry.current?.content;
  const asked: Typed = { section: "daily", title: entry.question?.text, open: true };
  if (name === "submit") return content ? valuesOf(content, entry.files) : asked;
  return { no: entry.errors.find(({ state }) => state === "reported")?.no };
}

function Dialog({ action, entry, close }: { action: KnowledgeAction; entry: Entry; close: () => void }) {
  const [form] = Form.useForm<Typed>();
  const { message } = App.useApp();
  const send = useMutation({
    mutationFn: (values: Typed) => {
      const body = { version: entry.version, command: command(action.do, values) as KnowledgeCommand };
      return unwrap(api.POST("/api/v1/knowledge/{entry}/commands", { params: { path: { entry: entry.entry } }, body }));
    },
    onSuccess: (after) => {
      if (after) queryClient.setQueryData(entryQuery(entry.entry).queryKey, after);
      void queryClient.invalidateQueries({ queryKey: ["knowledge"] });
      message.success(`${action.name}：已完成`);
      close();
    },
  });
  const [sending, setSending] = useState(false);
  const problem = send.error && problemOf(send.error);
  return (
    <Modal
      open
      width={action.do === "submit" ? 760 : 520}
      title={action.name}
      okText={sending ? "附件还在上传" : action.name}
      okButtonProps={{ danger: action.do === "withdraw", disabled: sending }}
      cancelText="取消"
      confirmLoading={send.isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <Form form={form} layout="vertical" initialValues={first(action.do, entry)} onFinish={(values) => send.mutate(values)}>
        <Fields name={action.do} entry={entry} busy={setSending} />
        {problem && <Alert type="error" showIcon title={problem.why ?? problem.message} className="form-alert" />}
      </Form>
    </Modal>
  );
}

/** What this person can do to the entry now; what cannot be done now says why. */
export function EntryActions({ entry }: { entry: Entry }) {
  const [chosen, setChosen] = useState<KnowledgeAction>();
  const known = HERE.map((name) => entry.actions.find((action) => action.do === name)).filter((action) => action !== undefined);
  const [open, closed] = [known.filter(({ allowed }) => allowed), known.filter(({ allowed }) => !allowed)];
  if (known.length === 0) return null;
  return (
    <section className="card entry-actions" aria-label="操作">
      <div className="card-body">
        <span className="knowledge-acts">
          {open.map((action, n) => (
            <Button key={action.do} type={n === 0 && action.do !== "report-error" ? "primary" : "default"} danger={action.do === "withdraw"} onClick={() => setChosen(action)}>
              {action.name}
            </Button>
          ))}
        </span>
        {closed.length > 0 && (
          <ul className="muted entry-closed" aria-label="现在不能做的操作和原因">
            {closed.map(({ do: name, name: label, reason, article }) => (
              <li key={name}>
                {label}：{reason}
                {article && `（${article}）`}
              </li>
            ))}
          </ul>
        )}
      </div>
      {chosen && <Dialog action={chosen} entry={entry} close={() => setChosen(undefined)} />}
    </section>
  );
}
