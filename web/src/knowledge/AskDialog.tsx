import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Alert, Checkbox, Form, Modal, Select } from "antd";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { knowledgeChoicesQuery, queryClient, unitsQuery } from "../api/queries";
import type { KnowledgeCommand, Reminder } from "../api/types";
import { UnitSelect } from "../commands/UnitSelect";
import { paths } from "../paths";
import { TextArea } from "../ui/TextArea";

type Typed = { unit: string; question: string; urgent?: boolean; reminded?: Reminder };
/** With a ticket: the entry is asked for as its dispatch's note does. */
type Props = { close: () => void; demand?: { ticket: string; title: string; units: string[] } };

/** 我要提问: a question to a unit; or an entry that a ticket's unit is to make. */
export function AskDialog({ close, demand }: Props) {
  const [form] = Form.useForm<Typed>();
  const navigate = useNavigate();
  const { data: units } = useQuery(unitsQuery);
  const { data: choices } = useQuery(knowledgeChoicesQuery);
  const ask = useMutation({
    mutationFn: ({ unit, question, urgent, reminded }: Typed) => {
      const body: KnowledgeCommand = demand
        ? { do: "demand", unit, ticket: demand.ticket, question }
        : { do: "ask", unit, question, urgent: !!urgent, reminded };
      return unwrap(api.POST("/api/v1/knowledge", { body }));
    },
    onSuccess: (entry) => {
      void queryClient.invalidateQueries({ queryKey: ["knowledge"] });
      close();
      if (!demand) void navigate({ to: paths.entry, params: { entry: entry.entry } });
    },
    onError: (error) => {
      const { field, message } = problemOf(error);
      if (field === "unit" || field === "question") form.setFields([{ name: field, errors: [message] }]);
    },
  });
  return (
    <Modal
      open
      title={demand ? `要求录入知识库 · ${demand.ticket}` : "我要提问"}
      okText={demand ? "要求录入" : "提问"}
      cancelText="取消"
      confirmLoading={ask.isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={demand && { question: demand.title, unit: demand.units[0] }}
        onFinish={(values) => ask.mutate(values)}
      >
        {ask.error && <Alert type="error" showIcon title={problemOf(ask.error).why ?? problemOf(ask.error).message} className="form-alert" />}
        <Form.Item name="unit" label="责任单位" rules={[{ required: true, message: "请选择单位" }]}>
          <UnitSelect units={units ?? []} only={demand?.units} />
        </Form.Item>
        <Form.Item name="question" label="问题" rules={[{ required: true, whitespace: true, message: "请写明要问的问题" }]}>
          <TextArea rows={3} maxLength={200} placeholder="写成群众会问的一句话，例如：电动自行车怎样上牌" />
        </Form.Item>
        {!demand && (
          <>
            <Form.Item name="urgent" valuePropName="checked">
              <Checkbox>紧急：有人正在等候答复（如上级拨测）</Checkbox>
            </Form.Item>
            <Form.Item name="reminded" label="已提醒单位">
              <Select allowClear placeholder="电话、短信或微信" options={choices?.reminders.map(({ code, name }) => ({ value: code, label: name }))} />
            </Form.Item>
          </>
        )}
      </Form>
    </Modal>
  );
}
