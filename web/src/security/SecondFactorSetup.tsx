import { useMutation } from "@tanstack/react-query";
import { Alert, Button, Form, Input, Typography } from "antd";
import { useState } from "react";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import type { Offer } from "../api/types";
import "./security.css";

/** Sets up the second factor: the password once more, the picture, a first code, the recovery codes. `current` = typed a moment ago. */
export function SecondFactorSetup({ current, done }: { current?: string; done: () => void }) {
  const [offer, setOffer] = useState<Offer>();
  const [codes, setCodes] = useState<string[]>();
  const offering = useMutation({
    mutationFn: (password: string) => unwrap(api.POST("/api/v1/account/second-factor", { body: { current: password } }), true),
    onSuccess: setOffer,
  });
  if (codes) return <Codes codes={codes} done={done} />;
  if (offer) return <FirstCode offer={offer} done={setCodes} />;
  return (
    <Form<{ current: string }>
      layout="vertical"
      requiredMark={false}
      onFinish={(values) => offering.mutate(current ?? values.current)}
      className="steps"
    >
      <p>先在手机上装好验证器应用（微信小程序“腾讯身份验证器”、Microsoft Authenticator、FreeOTP 等均可）。</p>
      {offering.error && <Alert type="error" showIcon title={problemOf(offering.error).message} />}
      {current === undefined && (
        <Form.Item name="current" label="现在的密码" rules={[{ required: true, message: "请填写现在的密码" }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
      )}
      <Button type="primary" htmlType="submit" loading={offering.isPending}>
        显示二维码
      </Button>
    </Form>
  );
}

function FirstCode({ offer, done }: { offer: Offer; done: (codes: string[]) => void }) {
  const setting = useMutation({
    mutationFn: ({ code }: { code: string }) => unwrap(api.PUT("/api/v1/account/second-factor", { body: { code } }), true),
    onSuccess: (set) => done(set.recovery_codes),
  });
  return (
    <Form<{ code: string }> layout="vertical" requiredMark={false} onFinish={(values) => setting.mutate(values)} className="steps">
      <img className="qr" alt="双因素登录二维码" src={`data:image/svg+xml,${encodeURIComponent(offer.svg)}`} />
      <p className="muted">
        用验证器扫描二维码；不能扫描时，手工输入密钥：
        <Typography.Text code copyable className="secret">
          {offer.secret}
        </Typography.Text>
      </p>
      {setting.error && <Alert type="error" showIcon title={problemOf(setting.error).message} />}
      <Form.Item name="code" label="验证器上显示的6位数字" rules={[{ required: true, message: "请填写验证码" }]}>
        <Input autoComplete="one-time-code" inputMode="numeric" maxLength={7} autoFocus />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={setting.isPending}>
        确认
      </Button>
    </Form>
  );
}

function Codes({ codes, done }: { codes: string[]; done: () => void }) {
  return (
    <section className="steps" aria-label="恢复码">
      <Alert
        type="success"
        showIcon
        title="双因素登录已设置"
        description="请把下面的恢复码抄下或打印，妥善保管，以后不再显示。手机丢失时，每个恢复码可以登录一次。"
      />
      <Typography.Paragraph copyable={{ text: codes.join("\n"), tooltips: ["复制全部", "已复制"] }}>
        <ol className="codes">
          {codes.map((code) => (
            <li key={code} className="number">
              {code}
            </li>
          ))}
        </ol>
      </Typography.Paragraph>
      <Button type="primary" onClick={done}>
        已保存，继续
      </Button>
    </section>
  );
}
