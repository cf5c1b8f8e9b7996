import { LockOutlined, UserOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { problemOf } from "../api/problem";
import type { LoggedIn, Me, Stage } from "../api/types";
import { PasswordForm } from "../security/PasswordForm";
import { SecondFactorSetup } from "../security/SecondFactorSetup";
import { entered, logIn, showSecondFactor, whoAmI } from "./session";

type Values = { login: string; password: string };

/** Logs in, step by step; what comes next is what the server says. `begun` = the identity service has said who it is. The password is kept until the last step, which may ask for it again. */
export function LoginForm({ login, begun, done }: { login?: string; begun?: Stage; done: (me: Me) => void }) {
  const [stage, setStage] = useState(begun);
  const [password, setPassword] = useState("");
  const next = ({ stage, me }: LoggedIn) => {
    if (me) done(entered(me));
    else setStage(stage);
  };
  const again = () => {
    setPassword("");
    setStage(undefined);
  };
  if (stage === "second-factor") return <CodeForm next={next} back={again} />;
  if (stage === "password") {
    return (
      <>
        <Alert type="info" showIcon title="请设置新密码" description="现在的密码由管理员设置，或已到期，须由您本人更换后继续。" />
        <PasswordForm
          current={password}
          done={(answer, chosen) => {
            setPassword(chosen);
            next(answer);
          }}
        />
      </>
    );
  }
  if (stage === "enrol") {
    return (
      <>
        <Alert type="info" showIcon title="请设置双因素登录" description="您的角色须用密码和手机验证码登录，设置一次即可。" />
        <SecondFactorSetup current={password || undefined} done={() => void whoAmI().then((me) => done(entered(me)), again)} />
      </>
    );
  }
  return (
    <Credentials
      login={login}
      next={(answer, typed) => {
        setPassword(typed);
        next(answer);
      }}
    />
  );
}

function Credentials({ login, next }: { login?: string; next: (answer: LoggedIn, password: string) => void }) {
  const entering = useMutation({
    mutationFn: (values: Values) => logIn(values.login.trim(), values.password),
    onSuccess: (answer, values) => next(answer, values.password),
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

function CodeForm({ next, back }: { next: (answer: LoggedIn) => void; back: () => void }) {
  const showing = useMutation({ mutationFn: ({ code }: { code: string }) => showSecondFactor(code), onSuccess: next });
  const problem = showing.error && problemOf(showing.error);
  return (
    <Form<{ code: string }> layout="vertical" onFinish={(values) => showing.mutate(values)} requiredMark={false} size="large">
      {problem && (
        <Form.Item>
          <Alert type="error" showIcon title={problem.status === 401 ? "等候过久，请返回后重新登录" : problem.message} />
        </Form.Item>
      )}
      <Form.Item
        name="code"
        label="验证码"
        extra="手机验证器上现在显示的6位数字；手机不在身边时，输入一个恢复码。"
        rules={[{ required: true, message: "请填写验证码" }]}
      >
        <Input autoComplete="one-time-code" autoFocus maxLength={24} />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={showing.isPending}>
        继续
      </Button>
      <Button type="link" block onClick={back}>
        返回
      </Button>
    </Form>
  );
}
