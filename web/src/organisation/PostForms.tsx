import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, App, Form, Input, Modal, Select } from "antd";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { unitsQuery } from "../api/queries";
import type { Account, Accounts, Post } from "../api/types";
import { unitOption, unitSearch } from "../units";
import { reorganised } from "./AccountForm";

type Given = Post & { reason: string };

function Reason() {
  return (
    <Form.Item name="reason" label="理由" extra="如任免文号、轮岗、离职；写入审计日志" rules={[{ required: true, message: "请写明理由" }]}>
      <Input autoComplete="off" />
    </Form.Item>
  );
}

/** Gives a post. Which ones there are, and what each sees, comes from the server. */
export function GivePostForm({ accounts, account, close }: { accounts: Accounts; account: Account; close: () => void }) {
  const [form] = Form.useForm<Given>();
  const { data: units } = useQuery(unitsQuery);
  const watched = Form.useWatch("role", form);
  const chosen = accounts.roles.find(({ role }) => role === watched);
  const give = useMutation({
    mutationFn: ({ reason, ...post }: Given) =>
      unwrap(
        api.PUT("/api/v1/organisation/accounts/{account}/post", { params: { path: { account: account.account } }, body: { post, reason } }),
      ),
    onSuccess: () => reorganised(close),
  });
  return (
    <Modal
      open
      title={`授予${account.name}岗位`}
      okText="授予"
      cancelText="取消"
      confirmLoading={give.isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <Form form={form} layout="vertical" onFinish={(values) => give.mutate(values)}>
        {give.error && <Alert type="error" showIcon title={problemOf(give.error).message} className="form-alert" />}
        <Form.Item
          name="role"
          label="角色"
          extra={chosen && `可见范围：${chosen.sees}`}
          rules={[{ required: true, message: "请选择角色" }]}
        >
          <Select
            showSearch={{ optionFilterProp: "label" }}
            options={accounts.roles.map(({ role, name }) => ({ value: role, label: name }))}
            onChange={() => form.resetFields(["unit", "seat"])}
          />
        </Form.Item>
        {chosen?.of_unit && (
          <Form.Item name="unit" label="所属单位" rules={[{ required: true, message: "请选择单位" }]}>
            <Select
              showSearch={unitSearch}
              options={units?.filter(({ active }) => active).map(unitOption)}
            />
          </Form.Item>
        )}
        {chosen?.role === "seat" && (
          <Form.Item name="seat" label="坐席类别">
            <Select allowClear options={accounts.seats.map(({ code, name }) => ({ value: code, label: name }))} />
          </Form.Item>
        )}
        <Reason />
      </Form>
    </Modal>
  );
}

/** Takes a post back; what its holder has in hand goes over to somebody of the same unit. */
export function EndPostForm({ accounts, account, close }: { accounts: Accounts; account: Account; close: () => void }) {
  const [form] = Form.useForm<{ to?: string; reason: string }>();
  const { message } = App.useApp();
  const unit = account.post?.unit;
  const end = useMutation({
    mutationFn: (body: { to?: string; reason: string }) =>
      unwrap(api.POST("/api/v1/organisation/accounts/{account}/post/end", { params: { path: { account: account.account } }, body })),
    onSuccess: async ({ handover }) => {
      message.success(handover ? `已收回岗位，${handover.count}件在办工单移交给${handover.to}` : "已收回岗位");
      await reorganised(close);
    },
  });
  const colleagues = accounts.accounts.filter((a) => unit && a.active && a.account !== account.account && a.post?.unit === unit);
  return (
    <Modal
      open
      title={`收回${account.name}的岗位`}
      okText="收回"
      okButtonProps={{ danger: true }}
      cancelText="取消"
      confirmLoading={end.isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <Form form={form} layout="vertical" onFinish={(values) => end.mutate(values)}>
        {end.error && <Alert type="error" showIcon title={problemOf(end.error).message} className="form-alert" />}
        {unit && (
          <Form.Item name="to" label="接任人" extra="内部交办给此人的在办工单一并移交，并留下移交单">
            <Select allowClear options={colleagues.map((a) => ({ value: a.account, label: `${a.name}（${a.post?.role_name}）` }))} />
          </Form.Item>
        )}
        <Reason />
      </Form>
    </Modal>
  );
}
