import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { problemOf } from "../api/problem";
import { ownQuery } from "../api/queries";
import type { LoggedIn } from "../api/types";
import { changePassword } from "../session/session";

type Values = { current: string; password: string; again: string };

/** Changes the own password. `current` = it was typed a moment ago and is not asked for again. */
export function PasswordForm({ current, done }: { current?: string; done: (answer: LoggedIn, password: string) => void }) {
  const { data: own } = useQuery(ownQuery);
  const changing = useMutation({
    mutationFn: (values: Values) => changePassword(current ?? values.current, values.password),
    onSuccess: (answer, values) => done(answer, values.password),
  });
  const problem = changing.error ? problemOf(changing.error) : undefined;
  const said = (field: string) => (problem?.field === field ? { validateStatus: "error" as const, help: problem.message } : {});
  return (
    <Form<Values> layout="vertical" onFinish={(values) => changing.mutate(values)} requiredMark={false}>
      {problem && problem.field !== "password" && (current !== undefined || problem.field !== "current") && (
        <Form.Item>
          <Alert type="error" showIcon title={problem.message} />
        </Form.Item>
      )}
      {current === undefined && (
        <Form.Item name="current" label="现在的密码" rules={[{ required: true, message: "请填写现在的密码" }]} {...said("current")}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
      )}
      <Form.Item
        name="password"
        label="新密码"
        extra={own?.password_rule}
        rules={[{ required: true, message: "请填写新密码" }]}
        {...said("password")}
      >
        <Input.Password autoComplete="new-password" autoFocus={current !== undefined} />
      </Form.Item>
      <Form.Item
        name="again"
        label="再输入一次新密码"
        dependencies={["password"]}
        rules={[
          { required: true, message: "请再输入一次" },
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              !value || value === getFieldValue("password") ? Promise.resolve() : Promise.reject(new Error("两次输入不一致")),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={changing.isPending}>
        更换密码
      </Button>
    </Form>
  );
}
