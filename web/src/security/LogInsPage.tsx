import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Dropdown, Form, Input, Modal, Table, Tag, Typography } from "antd";
import { useState } from "react";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { logInsQuery } from "../api/queries";
import type { LogInStanding } from "../api/types";
import { dateTime, isoDate } from "../time";
import { Failed, Loading } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { PhoneForm } from "./PhoneForm";
import "./security.css";

type Act = "password" | "second-factor" | "sessions" | "unlink";

const ASKED: Record<Act, { title: string; text: string; ok: string }> = {
  password: { title: "重设密码", text: "将生成一个只能用一次的初始密码，请当面交给本人；本人登录后须立即更换。现有登录全部退出。", ok: "重设" },
  "second-factor": { title: "取消双因素登录", text: "用于手机丢失又没有恢复码时，请先当面核实身份。角色要求双因素的，下次登录须重新设置。现有登录全部退出。", ok: "取消双因素" },
  unlink: { title: "取消统一身份关联", text: "这个账户不能再用统一身份认证登录，密码登录不变。", ok: "取消关联" },
  sessions: { title: "退出全部登录", text: "这个账户在所有设备上的登录立即失效。", ok: "全部退出" },
};

function useActs() {
  const client = useQueryClient();
  const { modal, message } = App.useApp();
  const [given, setGiven] = useState<{ name: string; password: string }>();
  const again = () => client.invalidateQueries({ queryKey: ["log-ins"] });
  const carryOut = async (act: Act, { account, name }: LogInStanding) => {
    const params = { path: { account } };
    if (act === "password") {
      const { password } = await unwrap(api.POST("/api/v1/security/log-ins/{account}/password", { params }));
      setGiven({ name, password });
    } else if (act === "unlink") {
      await unwrap(api.DELETE("/api/v1/security/log-ins/{account}/identity", { params }));
    } else if (act === "second-factor") {
      await unwrap(api.DELETE("/api/v1/security/log-ins/{account}/second-factor", { params }));
    } else {
      await unwrap(api.DELETE("/api/v1/security/log-ins/{account}/sessions", { params }));
    }
    await again();
  };
  const ask = (act: Act, of: LogInStanding) => {
    const { title, text, ok } = ASKED[act];
    modal.confirm({
      title: `${title}：${of.name}`,
      content: text,
      okText: ok,
      onOk: () => carryOut(act, of).catch((error) => void message.error(problemOf(error).message)),
    });
  };
  const unlocking = useMutation({
    mutationFn: ({ account }: LogInStanding) => unwrap(api.DELETE("/api/v1/security/log-ins/{account}/shut", { params: { path: { account } } })),
    onError: (error) => message.error(problemOf(error).message),
    onSettled: again,
  });
  return { ask, unlocking, given, forget: () => setGiven(undefined) };
}

/** Who is shut out, and how each account logs in. */
export function LogInsPage() {
  useTitle("登录管理");
  const { data, error, refetch } = useQuery(logInsQuery);
  const [words, setWords] = useState("");
  const { ask, unlocking, given, forget } = useActs();
  const [linking, setLinking] = useState<LogInStanding>();
  const [called, setCalled] = useState<LogInStanding>();
  const client = useQueryClient();
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="登录管理" />;
  const found = data.items.filter((of) => [of.login, of.name, of.role_name].some((text) => text.includes(words.trim())));
  // Those who are shut out come first: they wait.
  found.sort((a, b) => Number(!!b.shut_until) - Number(!!a.shut_until));
  return (
    <section className="card security-wide" aria-label="登录管理">
      <h2>
        登录管理
        <Input.Search className="end find" allowClear placeholder="姓名、登录名、角色" aria-label="查找账户" onSearch={setWords} />
      </h2>
      {data.unknown_shut > 0 && (
        <Alert type="warning" showIcon banner title={`另有 ${data.unknown_shut} 个不存在的登录名因连续输错被锁定，可能有人在试探`} />
      )}
      <Table<LogInStanding>
        rowKey="account"
        size="small"
        dataSource={found}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        scroll={{ x: "max-content" }}
        columns={[
          { title: "账户", render: (_, of) => <Who of={of} /> },
          { title: "角色", dataIndex: "role_name", responsive: ["md"] },
          { title: "状态", render: (_, of) => <States of={of} /> },
          { title: "密码设置", responsive: ["md"], render: (_, of) => (of.password_at ? isoDate(of.password_at) : "没有") },
          { title: "通知手机", responsive: ["lg"], render: (_, of) => of.phone ?? <span className="muted">没有</span> },
          { title: "在线", dataIndex: "sessions", align: "right", responsive: ["md"] },
          {
            title: "操作",
            render: (_, of) => (
              <span className="acts">
                {of.shut_until && (
                  <Button size="small" type="primary" loading={unlocking.isPending} onClick={() => unlocking.mutate(of)}>
                    解锁
                  </Button>
                )}
                <Dropdown
                  trigger={["click"]}
                  menu={{
                    items: [
                      { key: "password", label: "重设密码" },
                      { key: "second-factor", label: "取消双因素登录", disabled: !of.second_factor },
                      { key: "phone", label: of.phone ? "更换通知手机" : "登记通知手机" },
                      { key: "sessions", label: "退出全部登录", disabled: of.sessions === 0 },
                      ...(data.identity_service ? [{ key: "link", label: of.identity ? "改关联统一身份" : "关联统一身份" }] : []),
                      ...(of.identity ? [{ key: "unlink", label: "取消统一身份关联" }] : []),
                    ],
                    onClick: ({ key }) => (key === "link" ? setLinking(of) : key === "phone" ? setCalled(of) : ask(key as Act, of)),
                  }}
                >
                  <Button size="small" aria-label={`${of.name}的更多操作`}>
                    更多
                  </Button>
                </Dropdown>
              </span>
            ),
          },
        ]}
      />
      <Modal
        open={!!linking}
        title={`关联统一身份：${linking?.name ?? ""}`}
        footer={null}
        onCancel={() => setLinking(undefined)}
        destroyOnHidden
      >
        {linking && <Link_ of={linking} done={() => setLinking(undefined)} />}
      </Modal>
      <Modal open={!!called} title={`通知手机：${called?.name ?? ""}`} footer={null} onCancel={() => setCalled(undefined)} destroyOnHidden>
        {called && (
          <PhoneForm
            of={called.account}
            known={!!called.phone}
            done={() => {
              void client.invalidateQueries({ queryKey: ["log-ins"] });
              setCalled(undefined);
            }}
          />
        )}
      </Modal>
      <Modal open={!!given} title="初始密码" onCancel={forget} footer={<Button type="primary" onClick={forget}>已交给本人</Button>}>
        <p>{given?.name} 的初始密码，只显示这一次：</p>
        <Typography.Paragraph code copyable className="secret">
          {given?.password}
        </Typography.Paragraph>
      </Modal>
    </section>
  );
}

function Link_({ of, done }: { of: LogInStanding; done: () => void }) {
  const client = useQueryClient();
  const linking = useMutation({
    mutationFn: (body: { subject: string }) =>
      unwrap(api.PUT("/api/v1/security/log-ins/{account}/identity", { params: { path: { account: of.account } }, body })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["log-ins"] });
      done();
    },
  });
  return (
    <Form<{ subject: string }> layout="vertical" requiredMark={false} onFinish={(values) => linking.mutate(values)}>
      {linking.error && <Alert type="error" showIcon title={problemOf(linking.error).message} />}
      <Form.Item
        name="subject"
        label="统一身份认证中的用户标识"
        extra="平台管理员提供的 sub；请核对是本人"
        rules={[{ required: true, message: "请填写用户标识" }]}
      >
        <Input maxLength={255} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={linking.isPending}>
        关联
      </Button>
    </Form>
  );
}

function Who({ of }: { of: LogInStanding }) {
  return (
    <span className="who">
      <strong>{of.name}</strong> <span className="muted">{of.login}</span>
    </span>
  );
}

function States({ of }: { of: LogInStanding }) {
  return (
    <>
      {!of.active && <Tag>停用</Tag>}
      {of.shut_until && <Tag color="error">锁定至 {dateTime(of.shut_until)}</Tag>}
      {of.password_at && of.password_once && <Tag color="warning">待换初始密码</Tag>}
      {of.identity && <Tag>统一身份</Tag>}
      {of.second_factor ? <Tag color="success">双因素</Tag> : of.second_factor_needed && <Tag color="warning">待设双因素</Tag>}
    </>
  );
}
