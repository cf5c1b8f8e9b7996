import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Button, Form, type FormInstance, Input, Progress } from "antd";
import { useEffect, useState } from "react";
import { problemOf } from "../api/problem";
import { ownQuery } from "../api/queries";
import type { LoggedIn, Strength } from "../api/types";
import { changePassword, howStrong } from "../session/session";
import { useSettled } from "../ui/settled";

type Values = { current: string; password: string; again: string };

/** How hard the new password is to guess, as the server judges it. Kept in no cache. */
function Meter({ form }: { form: FormInstance<Values> }) {
  const password = useSettled(Form.useWatch("password", form) ?? "");
  const [said, setSaid] = useState<Strength>();
  useEffect(() => {
    let dropped = false;
    if (password === "") setSaid(undefined);
    // Without an answer there is no meter; the server judges again when the form is sent.
    else howStrong(password).then((answer) => dropped || setSaid(answer)).catch(() => dropped || setSaid(undefined));
    return () => {
      dropped = true;
    };
  }, [password]);
  if (!said) return null;
  return (
    <Form.Item aria-live="polite">
      <Progress percent={said.strength * 25} steps={4} size="small" showInfo={false} status={said.problem ? "exception" : "success"} />{" "}
      {said.strength_name}
      {said.problem && <div className="muted">{said.problem}</div>}
    </Form.Item>
  );
}

/** Changes the own password. `current` = it was typed a moment ago and is not asked for again. */
export function PasswordForm({ current, done }: { current?: string; done: (answer: LoggedIn, password: string) => void }) {
  const { data: own } = useQuery(ownQuery);
  const [form] = Form.useForm<Values>();
  const changing = useMutation({
    mutationFn: (values: Values) => changePassword(current ?? values.current, values.password),
    onSuccess: (answer, values) => done(answer, values.password),
  });
  const problem = changing.error ? problemOf(changing.error) : undefined;
  const said = (field: string) => (problem?.field === field ? { validateStatus: "error" as const, help: problem.message } : {});
  return (
    <Form<Values> form={form} layout="vertical" onFinish={(values) => changing.mutate(values)} requiredMark={false}>
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
      <Meter form={form} />
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
