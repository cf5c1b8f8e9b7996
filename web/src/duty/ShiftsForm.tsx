import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Modal } from "antd";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { queryClient } from "../api/queries";
import type { Shift } from "../api/types";

/** The shifts of every day. What a centre may work by is the server's to say. */
export function ShiftsForm({ shifts, close }: { shifts: Shift[]; close: () => void }) {
  const [form] = Form.useForm<{ shifts: Shift[] }>();
  const save = useMutation({
    mutationFn: (body: { shifts: Shift[] }) => unwrap(api.PUT("/api/v1/duty/shifts", { body })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["duty"] });
      close();
    },
  });
  const initial = shifts.map(({ id, name, from, until }) => ({ id, name, from, until }));
  return (
    <Modal open title="设置班次" okText="保存" cancelText="取消" confirmLoading={save.isPending} onOk={() => form.submit()} onCancel={close}>
      <Form form={form} layout="vertical" initialValues={{ shifts: initial }} onFinish={(values) => save.mutate(values)}>
        {save.error && <Alert type="error" showIcon title={problemOf(save.error).message} className="form-alert" />}
        <Form.List name="shifts">
          {(fields, { add, remove }) => (
            <>
              {fields.map(({ key, name }) => (
                <div key={key} className="duty-edit">
                  <Form.Item name={[name, "id"]} hidden>
                    <Input />
                  </Form.Item>
                  <Form.Item name={[name, "name"]} rules={[{ required: true, message: "请填写名称" }]}>
                    <Input aria-label="班次名称" />
                  </Form.Item>
                  <Form.Item name={[name, "from"]} rules={[{ required: true, message: "请填写开始时间" }]}>
                    <Input aria-label="开始时间" placeholder="08:00" />
                  </Form.Item>
                  <Form.Item name={[name, "until"]} rules={[{ required: true, message: "请填写结束时间" }]}>
                    <Input aria-label="结束时间" placeholder="16:00" />
                  </Form.Item>
                  <Button aria-label="删去这个班次" onClick={() => remove(name)}>
                    删去
                  </Button>
                </div>
              ))}
              <Button onClick={() => add({ id: `s-${Date.now().toString(36)}`, name: "", from: "", until: "" })}>加一个班次</Button>
            </>
          )}
        </Form.List>
        <p className="muted">结束不晚于开始的，到次日结束；到当天结束的写作 24:00。每天相同，改后立即生效。</p>
      </Form>
    </Modal>
  );
}
