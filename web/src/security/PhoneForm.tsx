import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";

type Values = { current: string; phone: string };

/**
 * Where somebody hears of changes to an account: the own one, with the password once more, or `of` another, by who looks after log-ins.
 * `known` = there is a number.
 */
export function PhoneForm({ of, known, done }: { of?: string; known: boolean; done: () => void }) {
  const saving = useMutation({
    mutationFn: ({ current, phone = "" }: Values) =>
      of === undefined
        ? unwrap(api.PUT("/api/v1/account/phone", { body: { current, phone } }), true)
        : unwrap(api.PUT("/api/v1/security/log-ins/{account}/phone", { params: { path: { account: of } }, body: { phone } })),
    onSuccess: done,
  });
  const problem = saving.error ? problemOf(saving.error) : undefined;
  const said = (field: string) => (problem?.field === field ? { validateStatus: "error" as const, help: problem.message } : {});
  return (
    <Form<Values> layout="vertical" onFinish={(values) => saving.mutate(values)} requiredMark={false}>
      <Form.Item>
        <span className="muted">密码、双因素登录、岗位有变动，或账户被锁定、停用时，系统向这个号码发短信，短信里没有链接和验证码。</span>
      </Form.Item>
      {problem && problem.field !== "phone" && problem.field !== "current" && (
        <Form.Item>
          <Alert type="error" showIcon title={problem.message} />
        </Form.Item>
      )}
      <Form.Item
        name="phone"
        label="手机号码"
        extra={known ? "留空为不再接收；原来的号码会收到更换的通知" : undefined}
        rules={known ? [] : [{ required: true, message: "请填写手机号码" }]}
        {...said("phone")}
      >
        <Input inputMode="numeric" autoComplete={of === undefined ? "tel-national" : "off"} maxLength={20} />
      </Form.Item>
      {of === undefined && (
        <Form.Item name="current" label="现在的密码" rules={[{ required: true, message: "请填写现在的密码" }]} {...said("current")}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
      )}
      <Button type="primary" htmlType="submit" loading={saving.isPending}>
        保存
      </Button>
    </Form>
  );
}
