import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Modal } from "antd";
import { useState } from "react";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { ownQuery, sessionsQuery } from "../api/queries";
import type { SessionView } from "../api/types";
import { useMe } from "../session/session";
import { dateTime, isoDate } from "../time";
import { Failed, Loading } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { PasswordForm } from "./PasswordForm";
import { PhoneForm } from "./PhoneForm";
import { SecondFactorSetup } from "./SecondFactorSetup";
import "./security.css";

/** What everybody looks after themselves. */
export function AccountPage() {
  useTitle("我的账户");
  const me = useMe();
  return (
    <div className="security">
      <section className="card" aria-label="账户">
        <h2>我的账户</h2>
        <dl className="own-facts card-body">
          <dt>姓名</dt>
          <dd>{me.name}</dd>
          <dt>登录名</dt>
          <dd>{me.login}</dd>
          <dt>角色</dt>
          <dd>{[me.unit_name, me.role_name].filter(Boolean).join(" · ")}</dd>
        </dl>
      </section>
      <Proofs />
      <Sessions />
    </div>
  );
}

function Proofs() {
  const { data: own, error, refetch } = useQuery(ownQuery);
  const [open, setOpen] = useState<"password" | "second" | "phone">();
  const { message } = App.useApp();
  const client = useQueryClient();
  const close = () => {
    setOpen(undefined);
    void client.invalidateQueries({ queryKey: ["own"] });
    void client.invalidateQueries({ queryKey: ["sessions"] });
  };
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!own) return <Loading what="账户" rows={3} />;
  return (
    <section className="card" aria-label="密码与双因素登录">
      <h2>密码与双因素登录</h2>
      <dl className="own-facts card-body">
        <dt>密码</dt>
        <dd>
          {isoDate(own.password_at)} 设置，{isoDate(own.password_until)} 前须更换
          <Button onClick={() => setOpen("password")}>更换密码</Button>
        </dd>
        <dt>双因素登录</dt>
        <dd>
          {own.second_factor ? `已设置，还有 ${own.recovery_left} 个恢复码` : "没有设置：只凭密码登录"}
          {own.second_factor_needed && "（您的角色必须使用）"}
          <Button onClick={() => setOpen("second")}>{own.second_factor ? "重新设置" : "设置"}</Button>
        </dd>
        <dt>通知手机</dt>
        <dd>
          {own.phone ? `${own.phone}，账户有变动时收到短信` : "没有登记：账户有变动时收不到短信"}
          <Button onClick={() => setOpen("phone")}>{own.phone ? "更换" : "登记"}</Button>
        </dd>
      </dl>
      <Modal open={open === "password"} title="更换密码" footer={null} onCancel={close} destroyOnHidden>
        <p className="muted">更换后，您在其他设备上的登录都会退出。</p>
        <PasswordForm
          done={() => {
            message.success("密码已更换，其他设备上的登录已退出");
            close();
          }}
        />
      </Modal>
      <Modal open={open === "second"} title="设置双因素登录" footer={null} onCancel={close} destroyOnHidden>
        <SecondFactorSetup done={close} />
      </Modal>
      <Modal open={open === "phone"} title="通知手机" footer={null} onCancel={close} destroyOnHidden>
        <PhoneForm
          known={!!own.phone}
          done={() => {
            message.success("已保存");
            close();
          }}
        />
      </Modal>
    </section>
  );
}

function Sessions() {
  const { data, error, refetch } = useQuery(sessionsQuery);
  const client = useQueryClient();
  const { message } = App.useApp();
  const ending = useMutation({
    mutationFn: (session: SessionView) => unwrap(api.DELETE("/api/v1/account/sessions/{id}", { params: { path: { id: session.id } } })),
    onError: (error) => message.error(problemOf(error).message),
    onSettled: () => client.invalidateQueries({ queryKey: ["sessions"] }),
  });
  return (
    <section className="card" aria-label="登录设备">
      <h2>登录设备</h2>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what="登录设备" rows={2} />
      ) : (
        <ul className="rows">
          {data.map((session) => (
            <li key={session.id}>
              <strong>{session.device}</strong>
              <span className="muted">
                {session.address} · {dateTime(session.since)} 登录 · 最近使用 {dateTime(session.used)}
              </span>
              {session.current ? (
                <span className="end">本机</span>
              ) : (
                <Button className="end" danger loading={ending.isPending} onClick={() => ending.mutate(session)}>
                  退出
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
