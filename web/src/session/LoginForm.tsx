import { LockOutlined, UserOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { problemOf } from "../api/problem";
import type { Me } from "../api/types";
import { logIn } from "./session";

type Values = { login: string; password: string };

export function LoginForm({ login, done }: { login?: string; done: (me: Me) => void }) {
  const entering = useMutation({
    mutationFn: (values: Values) => logIn(values.login.trim(), values.password),
    onSuccess: done,
  });
  return (
    <Form<Values>
      layout="vertical"
      initialValues={{ login }}
      onFinish={(values) => entering.mutate(values)}
      requiredMark={false}
      size="large"
    >
      {entering.error && (
        <Form.Item>
          <Alert type="error" showIcon title={problemOf(entering.error).message} />
        </Form.Item>
      )}
      <Form.Item name="login" label="账号" rules={[{ required: true, message: "请填写账号" }]}>
        <Input prefix={<UserOutlined aria-hidden />} autoComplete="username" autoFocus={!login} />
      </Form.Item>
      <Form.Item name="password" label="密码" rules={[{ required: true, message: "请填写密码" }]}>
        <Input.Password prefix={<LockOutlined aria-hidden />} autoComplete="current-password" autoFocus={!!login} />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={entering.isPending}>
        登录
      </Button>
    </Form>
  );
}
