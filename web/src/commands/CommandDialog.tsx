import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Form, Modal } from "antd";
import { useState } from "react";
import { newKey } from "../api/client";
import { type ApiProblem, problemOf } from "../api/problem";
import { catalogueQuery, formsQuery, rulebookQuery, ticketQuery, unitsQuery } from "../api/queries";
import type { Action, CatalogueEntry, Proposal, TicketView } from "../api/types";
import { Hints } from "../hints/Hints";
import { Department } from "../proposals/Department";
import { Failed, Loading } from "../ui/Notice";
import { FieldInput } from "./FieldInput";
import { Stale } from "./Stale";
import { Suggestions } from "./Suggestions";
import "./commands.css";
import { specOf } from "./registry";
import { send } from "./send";
import { type CommandName, type Context, type Field, type Spec, type Values, path } from "./spec";

/** The buttons stay in sight, however long the form. */
const SCROLLED = { maxHeight: "calc(100vh - 180px)", marginInline: -24, paddingInline: 24, overflowY: "auto" } as const;

/** `filled` = what the dialog opens with, where something was proposed; the clerk may change it. */
type Props = { action: Action; ticket: TicketView; filled?: Values; close: () => void };

function Facts({ spec, context }: { spec: Spec; context: Context }) {
  const facts = (spec.facts?.(context) ?? []).filter(([, text]) => text);
  if (facts.length === 0) return null;
  return (
    <dl className="facts">
      {facts.map(([label, text], index) => (
        <div key={`${label}${index}`}>
          <dt>{label}</dt>
          <dd className="plain-text">{text}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What the server said no to, and on what ground. Where it names a field that is on the screen, the field says it too. */
function Refused({ problem }: { problem: ApiProblem }) {
  if (problem.why) return <Alert className="refused" type="error" showIcon title={problem.title} description={problem.why} />;
  return (
    <Alert
      type="error"
      showIcon
      title={problem.message}
      description={problem.article && !problem.message.includes(problem.article) ? `依据：${problem.article}` : undefined}
    />
  );
}

/** The field on the screen that a problem speaks of: itself, the first of a group, or the check that opens the group. */
function fieldOf(named: string | undefined, fields: Field[]): Field | undefined {
  if (!named) return undefined;
  return (
    fields.find(({ name }) => name === named) ??
    fields.find(({ name }) => name.startsWith(`${named}.`)) ??
    fields.find(({ name }) => name === `_with_${named}`)
  );
}

/** Only what the server takes on this ticket: its own version of the catalogue may be older than the one in force. */
function known({ forms, catalogue }: Context): CatalogueEntry[] {
  const ids = new Set(forms.choices.entries?.map(({ code }) => code));
  return catalogue.filter(({ id }) => ids.has(id));
}

type FormProps = { action: Action; spec: Spec; context: Context; filled?: Values; close: () => void };

function CommandForm({ action, spec, context, filled, close }: FormProps) {
  const { ticket } = context;
  const name = action.name as CommandName;
  const [form] = Form.useForm<Values>();
  const values = Form.useWatch([], form) ?? {};
  const client = useQueryClient();
  const { message, modal } = App.useApp();
  // The version the clerk read when the dialog opened, not the newest one that the page fetched since.
  const [version, setVersion] = useState(ticket.version);
  const [key, setKey] = useState(newKey);

  const sending = useMutation({
    mutationFn: (values: Values) => send({ name, values, number: ticket.number, version, key }),
    onSuccess: (after) => {
      client.setQueryData(ticketQuery(ticket.number).queryKey, after);
      void client.invalidateQueries({ queryKey: ["tickets"] });
      message.success(`已完成：${action.label}`);
      close();
    },
    onError: (error) => {
      const { field, message: text, outdated, refused } = problemOf(error);
      if (outdated) void client.invalidateQueries({ queryKey: ticketQuery(ticket.number).queryKey });
      const shown = fieldOf(field, fields);
      if (shown) form.setFields([{ name: path(shown.name), errors: [text] }]);
      // Where no answer came, it may have been done all the same: the same key again does it once.
      if (refused) setKey(newKey());
    },
  });

  const fields = (spec.fields?.(context) ?? []).filter(({ when }) => !when || when(values));
  const problem = sending.error ? problemOf(sending.error) : undefined;

  const follow = (changed: Values) => {
    const more = spec.follow?.(changed, context);
    if (more) form.setFieldsValue(more);
  };
  const take = ({ id }: CatalogueEntry) => {
    form.setFieldsValue({ entry: id });
    follow({ entry: id });
  };

  const propose = ({ value, entry }: Proposal) => {
    const known_entry = known(context).find(({ id }) => id === entry);
    if (known_entry) take(known_entry);
    else form.setFieldsValue({ lead: value });
  };

  const cancel = () => {
    if (!form.isFieldsTouched()) return close();
    modal.confirm({ title: "放弃已填写的内容？", okText: "放弃", cancelText: "接着填", onOk: close });
  };

  return (
    <Modal
      open
      title={
        <>
          {action.label} · <span className="dialog-number">{ticket.number}</span>
        </>
      }
      width={680}
      centered
      styles={{ header: { paddingInlineEnd: 24 }, body: SCROLLED }}
      mask={{ closable: false }}
      onCancel={cancel}
      okText={action.label}
      cancelText="取消"
      confirmLoading={sending.isPending}
      okButtonProps={{ htmlType: "submit", form: "command" }}
    >
      <p className="dialog-title">{ticket.title}</p>
      {ticket.version !== version ? (
        <Stale
          ticket={ticket}
          seen={version}
          goOn={() => {
            setVersion(ticket.version);
            sending.reset();
          }}
        />
      ) : (
        problem && <Refused problem={problem} />
      )}
      <Facts spec={spec} context={context} />
      {spec.note && <p className="muted dialog-note">{spec.note(context)}</p>}
      <Form
        id="command"
        form={form}
        layout="vertical"
        className="command-fields"
        scrollToFirstError
        initialValues={{ ...spec.initial?.(context), ...filled }}
        onValuesChange={follow}
        onFinish={(values) => sending.mutate(values)}
      >
        {spec.suggests && <Department ticket={ticket} chosen={!!values.lead} take={propose} />}
        {spec.suggests && <Suggestions ticket={ticket} catalogue={known(context)} take={take} />}
        {fields.map((field, index) => (
          <FieldInput key={field.name} field={field} units={context.units} first={index === 0} />
        ))}
      </Form>
      {spec.reply && <Hints number={ticket.number} text={spec.reply(values, context)} />}
    </Modal>
  );
}

/** The one dialog of all commands: loads what its fields choose from, then shows the form. */
export function CommandDialog({ action, ticket, filled, close }: Props) {
  const rulebook = useQuery(rulebookQuery);
  const units = useQuery(unitsQuery);
  const forms = useQuery(formsQuery(ticket.number, ticket.version));
  const spec = forms.data && specOf(action.name, forms.data);
  const catalogue = useQuery({ ...catalogueQuery, enabled: !!spec?.suggests });

  if (spec && forms.data && rulebook.data && units.data && (catalogue.data || !spec.suggests)) {
    const context = { ticket, rulebook: rulebook.data, forms: forms.data, units: units.data, catalogue: catalogue.data ?? [] };
    return <CommandForm action={action} spec={spec} context={context} filled={filled} close={close} />;
  }
  const failed = [rulebook, units, forms, catalogue].find(({ error }) => error);
  return (
    <Modal open title={action.label} footer={null} onCancel={close} width={680}>
      {failed ? <Failed error={failed.error} retry={() => void failed.refetch()} /> : <Loading what="选项" rows={4} />}
    </Modal>
  );
}
