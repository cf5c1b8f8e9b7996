import { useMutation } from "@tanstack/react-query";
import { Alert, Form, Input, Modal, Switch } from "antd";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { queryClient } from "../api/queries";
import type { Account } from "../api/types";

/** Whatever changed an account or its post also changed who is missing where. */
export async function reorganised(close: () => void): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ["organisation"] });
  close();
}

/** A new account. It can do nothing until a security administrator gives it a post. */
export function NewAccountForm({ close }: { close: () => void }) {
  const [form] = Form.useForm<{ login: string; name: string }>();
  const make = useMutation({
    mutationFn: (body: { login: string; name: string }) => unwrap(api.POST("/api/v1/organisation/accounts", { body })),
    onSuccess: () => reorganised(close),
  });
  return (
    <Modal open title="新建账户" okText="建立" cancelText="取消" confirmLoading={make.isPending} onOk={() => form.submit()} onCancel={close}>
      <Form form={form} layout="vertical" onFinish={(values) => make.mutate(values)}>
        {make.error && <Alert type="error" showIcon title={problemOf(make.error).message} className="form-alert" />}
        <Form.Item name="name" label="姓名" rules={[{ required: true, message: "请填写姓名" }]}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="login"
          label="登录名"
          extra="字母、数字和“-”“_”“.”，建立后不能改"
          rules={[{ required: true, message: "请填写登录名" }]}
        >
          <Input autoComplete="off" />
        </Form.Item>
        <p className="muted">新账户没有任何权限，须由安全管理员授予岗位。</p>
      </Form>
    </Modal>
  );
}

/** Renames an account, shuts it or opens it again. */
export function AccountForm({ account, close }: { account: Account; close: () => void }) {
  const [form] = Form.useForm<{ name: string; active: boolean }>();
  const save = useMutation({
    mutationFn: (body: { name: string; active: boolean }) =>
      unwrap(api.PUT("/api/v1/organisation/accounts/{account}", { params: { path: { account: account.account } }, body })),
    onSuccess: () => reorganised(close),
  });
  return (
    <Modal
      open
      title={`修改账户“${account.login}”`}
      okText="保存"
      cancelText="取消"
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <Form form={form} layout="vertical" initialValues={account} onFinish={(values) => save.mutate(values)}>
        {save.error && <Alert type="error" showIcon title={problemOf(save.error).message} className="form-alert" />}
        <Form.Item name="name" label="姓名" rules={[{ required: true, message: "请填写姓名" }]}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="active" label="在用" valuePropName="checked" extra="停用后立即退出登录；在办工单请先由安全管理员收回岗位、移交">
          <Switch />
        </Form.Item>
      </Form>
    </Modal>
  );
}
