import { PlusOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Form, Input, InputNumber, Modal, Table, Tag, Typography } from "antd";
import { useState } from "react";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { keysQuery } from "../api/queries";
import type { KeyView, MadeKey } from "../api/types";
import { dateTime, isoDate } from "../time";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useTitle } from "../ui/title";
import "./security.css";

/** Keys of platforms and gateways. */
export function KeysPage() {
  useTitle("接口密钥");
  const { data, error, refetch } = useQuery(keysQuery);
  const client = useQueryClient();
  const { modal, message } = App.useApp();
  const [form, setForm] = useState<"new" | KeyView>();
  const [made, setMade] = useState<MadeKey>();
  const again = () => client.invalidateQueries({ queryKey: ["keys"] });
  const done = (key: MadeKey) => {
    setForm(undefined);
    setMade(key);
    void again();
  };
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="接口密钥" />;
  const named = (code: string) => data.scopes.find((scope) => scope.code === code)?.name ?? code;
  const revoke = async ({ id }: KeyView) => {
    await unwrap(api.DELETE("/api/v1/security/keys/{id}", { params: { path: { id } } })).catch(
      (error) => void message.error(problemOf(error).message),
    );
    await again();
  };
  const askToRevoke = (key: KeyView) =>
    modal.confirm({
      title: `停用“${key.name}”的密钥`,
      content: "立即失效，用它的平台或网关随即连不上。只想换新的，请用“更换”。",
      okText: "停用",
      okButtonProps: { danger: true },
      onOk: () => revoke(key),
    });
  return (
    <section className="card security-wide" aria-label="接口密钥">
      <h2>
        接口密钥
        <Button className="end" icon={<PlusOutlined aria-hidden />} onClick={() => setForm("new")}>
          新建密钥
        </Button>
      </h2>
      <Table<KeyView>
        rowKey="id"
        size="small"
        dataSource={data.items}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        scroll={{ x: 820 }}
        locale={{ emptyText: <Nothing title="还没有接口密钥">其他平台和短信网关凭密钥使用接口。</Nothing> }}
        columns={[
          { title: "平台", render: (_, key) => <strong>{key.name}</strong> },
          { title: "编号", render: (_, key) => <span className="number">jk_{key.id}_…</span> },
          { title: "可以", render: (_, key) => key.scopes.map((code) => <Tag key={code}>{named(code)}</Tag>) },
          { title: "每分钟", dataIndex: "rate", align: "right" },
          { title: "最近使用", render: (_, key) => (key.used_at ? dateTime(key.used_at) : "没有用过") },
          { title: "到期", render: (_, key) => (key.ended ? <Tag>已停用</Tag> : dateTime(key.expires_at, new Date().toISOString())) },
          { title: "建立", render: (_, key) => `${isoDate(key.created_at)} ${key.created_by}` },
          {
            title: "操作",
            render: (_, key) =>
              !key.ended && (
                <span className="acts">
                  <Button size="small" onClick={() => setForm(key)}>
                    更换
                  </Button>
                  <Button size="small" danger onClick={() => askToRevoke(key)}>
                    停用
                  </Button>
                </span>
              ),
          },
        ]}
      />
      <Modal
        open={!!form}
        title={form === "new" ? "新建密钥" : `更换“${form?.name ?? ""}”的密钥`}
        footer={null}
        onCancel={() => setForm(undefined)}
        destroyOnHidden
      >
        {form === "new" ? (
          <NewKey scopes={data.scopes} most={data.days_most} done={done} />
        ) : (
          form && <Rotation of={form} most={data.days_most} done={done} />
        )}
      </Modal>
      <Modal
        open={!!made}
        title="新密钥"
        onCancel={() => setMade(undefined)}
        footer={<Button type="primary" onClick={() => setMade(undefined)}>已保存</Button>}
      >
        <Alert type="warning" showIcon title="只显示这一次，请立即交给对方妥善保存" />
        <Typography.Paragraph code copyable className="secret">
          {made?.secret}
        </Typography.Paragraph>
      </Modal>
    </section>
  );
}

type Form_ = { name: string; scopes: KeyView["scopes"]; rate: number; days: number };

function NewKey({ scopes, most, done }: { scopes: { code: string; name: string }[]; most: number; done: (key: MadeKey) => void }) {
  const making = useMutation({
    mutationFn: (form: Form_) => unwrap(api.POST("/api/v1/security/keys", { body: form as never })),
    onSuccess: done,
  });
  return (
    <Form<Form_>
      layout="vertical"
      requiredMark={false}
      initialValues={{ rate: 60, days: Math.min(365, most) }}
      onFinish={(form) => making.mutate(form)}
    >
      {making.error && <Alert type="error" showIcon title={problemOf(making.error).message} />}
      <Form.Item
        name="name"
        label="平台名称"
        extra="转往这个名称的工单，平台可以查看、退回和办结"
        rules={[{ required: true, message: "请填写平台名称" }]}
      >
        <Input maxLength={50} />
      </Form.Item>
      <Form.Item name="scopes" label="可以做什么" rules={[{ required: true, message: "请至少选一项" }]}>
        <Checkbox.Group options={scopes.map(({ code, name }) => ({ value: code, label: name }))} />
      </Form.Item>
      <Form.Item name="rate" label="每分钟最多请求次数" rules={[{ required: true, message: "请填写" }]}>
        <InputNumber min={1} precision={0} />
      </Form.Item>
      <Form.Item name="days" label={`有效期（天，最长${most}）`} rules={[{ required: true, message: "请填写" }]}>
        <InputNumber min={1} precision={0} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={making.isPending}>
        生成密钥
      </Button>
    </Form>
  );
}

type Rotation_ = { overlap_hours: number; days: number };

function Rotation({ of, most, done }: { of: KeyView; most: number; done: (key: MadeKey) => void }) {
  const rotating = useMutation({
    mutationFn: (body: Rotation_) =>
      unwrap(api.POST("/api/v1/security/keys/{id}/rotation", { params: { path: { id: of.id } }, body })),
    onSuccess: done,
  });
  return (
    <Form<Rotation_>
      layout="vertical"
      requiredMark={false}
      initialValues={{ overlap_hours: 24, days: Math.min(365, most) }}
      onFinish={(body) => rotating.mutate(body)}
    >
      {rotating.error && <Alert type="error" showIcon title={problemOf(rotating.error).message} />}
      <Form.Item name="overlap_hours" label="新旧密钥并用（小时）" extra="在这段时间内把平台上的密钥换成新的；0 表示旧密钥立即失效">
        <InputNumber min={0} precision={0} />
      </Form.Item>
      <Form.Item name="days" label={`新密钥有效期（天，最长${most}）`} rules={[{ required: true, message: "请填写" }]}>
        <InputNumber min={1} precision={0} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={rotating.isPending}>
        更换
      </Button>
    </Form>
  );
}
