import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Form, InputNumber } from "antd";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { policyQuery } from "../api/queries";
import type { Policy } from "../api/types";
import { Failed, Loading } from "../ui/Notice";
import { useTitle } from "../ui/title";
import "./security.css";

type Numbers = Exclude<keyof Policy, "second_factor">;

const FIELDS: { name: Numbers; label: string; unit: string }[] = [
  { name: "password_length", label: "密码最短长度", unit: "个字符" },
  { name: "password_classes", label: "密码至少含几种字符", unit: "种（大写、小写、数字、其他）" },
  { name: "password_past", label: "不能重复最近几次的密码", unit: "次" },
  { name: "password_days", label: "密码有效期", unit: "天" },
  { name: "failures", label: "连续输错几次锁定", unit: "次" },
  { name: "shut_minutes", label: "锁定时长", unit: "分钟" },
  { name: "idle_minutes", label: "无操作自动退出", unit: "分钟（下次登录起）" },
  { name: "absolute_hours", label: "一次登录最长", unit: "小时（下次登录起）" },
  { name: "sessions", label: "同一账户同时登录", unit: "处，超出时最早的退出" },
  { name: "key_days", label: "接口密钥最长有效期", unit: "天" },
];

/** The rules for log-ins. What is allowed is for the server to say. */
export function PolicyPage() {
  useTitle("登录规则");
  const { data, error, refetch } = useQuery(policyQuery);
  const client = useQueryClient();
  const { message } = App.useApp();
  const saving = useMutation({
    mutationFn: (policy: Policy) => unwrap(api.PUT("/api/v1/security/policy", { body: policy })),
    onSuccess: (saved) => {
      client.setQueryData(policyQuery.queryKey, saved);
      message.success("登录规则已保存");
    },
  });
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="登录规则" />;
  const problem = saving.error ? problemOf(saving.error) : undefined;
  const said = (field: string) => (problem?.field === field ? { validateStatus: "error" as const, help: problem.message } : {});
  return (
    <section className="card security" aria-label="登录规则">
      <h2>登录规则</h2>
      {data.weak && (
        <Alert
          type="warning"
          showIcon
          banner
          title="这是演示中心的宽松规则，低于等级保护三级的要求，不可用于正式业务；保存一次符合要求的规则即恢复。"
        />
      )}
      <Form<Policy>
        className="card-body policy"
        layout="horizontal"
        labelCol={{ flex: "200px" }}
        labelAlign="left"
        initialValues={data.policy}
        onFinish={(policy) => saving.mutate(policy)}
        requiredMark={false}
      >
        {FIELDS.map(({ name, label, unit }) => (
          <Form.Item key={name} label={label} {...said(name)}>
            <Form.Item name={name} noStyle rules={[{ required: true, message: "请填写" }]}>
              <InputNumber min={0} precision={0} aria-label={label} />
            </Form.Item>
            <span className="muted unit">{unit}</span>
          </Form.Item>
        ))}
        <Form.Item name="second_factor" label="须用双因素登录的角色" {...said("second_factor")}>
          <Checkbox.Group options={data.roles.map(({ code, name }) => ({ value: code, label: name }))} />
        </Form.Item>
        {problem && !problem.field && <Alert type="error" showIcon title={problem.message} />}
        <Button type="primary" htmlType="submit" loading={saving.isPending}>
          保存
        </Button>
      </Form>
    </section>
  );
}
