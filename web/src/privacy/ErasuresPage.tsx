import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Button, Form, Input, InputNumber, Modal, Segmented } from "antd";
import { useState } from "react";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { erasuresQuery } from "../api/queries";
import type { AskedErasure, Decision, Erasures, NewErasure, Retention } from "../api/types";
import { fullDateTime } from "../time";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useTitle } from "../ui/title";
import "./privacy.css";

/** What was kept long enough, and the two people that it takes to erase it. */
export function ErasuresPage() {
  useTitle("到期销毁");
  const { data, error, refetch } = useQuery(erasuresQuery);
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="到期销毁" />;
  return (
    <div className="privacy">
      <section className="card" aria-label="保存期限">
        <h2>保存期限</h2>
        <Keeping erasures={data} />
      </section>
      <Due erasures={data} />
      <section className="card" aria-label="销毁申请">
        <h2>近30天的申请</h2>
        {data.asked.length === 0 ? (
          <Nothing title="没有申请">提出销毁后，须由另一人批准；30天内没有批准的，须重新提出。</Nothing>
        ) : (
          <ul className="erasures">
            {data.asked.map((asked) => (
              <Asked key={asked.id} asked={asked} />
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}

function Keeping({ erasures: { retention, least, article, may_ask } }: { erasures: Erasures }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const saving = useMutation({
    mutationFn: (wanted: Retention) => unwrap(api.PUT("/api/v1/privacy/retention", { body: wanted })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: erasuresQuery.queryKey });
      message.success("保存期限已保存");
    },
  });
  const problem = saving.error ? problemOf(saving.error) : undefined;
  const said = (field: string) => (problem?.field === field ? { validateStatus: "error" as const, help: problem.message } : {});
  const number = (name: keyof Retention, label: string, unit: string) => (
    <Form.Item label={label} {...said(name)}>
      <Form.Item name={name} noStyle rules={[{ required: true, message: "请填写" }]}>
        <InputNumber min={0} precision={0} aria-label={label} disabled={!may_ask} />
      </Form.Item>
      <span className="muted keeping-unit">{unit}</span>
    </Form.Item>
  );
  return (
    <Form<Retention>
      className="card-body"
      layout="horizontal"
      labelCol={{ flex: "190px" }}
      labelAlign="left"
      requiredMark={false}
      initialValues={retention}
      onFinish={(wanted) => saving.mutate(wanted)}
    >
      {number("ticket_years", "工单、录音、附件、诉求人", `年（归档后起算；${article}，至少${least.ticket_years}年）`)}
      {number("audit_days", "审计日志", `天（网络安全法，至少${least.audit_days}天）`)}
      {problem && !problem.field && <Alert type="error" showIcon title={problem.message} />}
      {may_ask && (
        <Button htmlType="submit" loading={saving.isPending}>
          保存
        </Button>
      )}
    </Form>
  );
}

function Due({ erasures: { due, more, may_ask } }: { erasures: Erasures }) {
  const [asking, setAsking] = useState<"due" | "person">();
  return (
    <section className="card" aria-label="到期的工单">
      <h2>
        保存期满的工单
        {may_ask && (
          <span className="end acts">
            <Button size="small" onClick={() => setAsking("person")}>
              删除一位诉求人
            </Button>
            <Button size="small" disabled={due.length === 0} onClick={() => setAsking("due")}>
              提出销毁
            </Button>
          </span>
        )}
      </h2>
      {due.length === 0 ? (
        <Nothing title="现在没有到期的工单">归档满保存年限、又没有限制销毁的，会列在这里。</Nothing>
      ) : (
        <div className="card-body">
          <p>
            {due.length}件{more && "，可能还有更多：销毁这些以后再列出"}
          </p>
          <Numbers numbers={due} />
        </div>
      )}
      {asking && <Ask what={asking} count={due.length} close={() => setAsking(undefined)} />}
    </section>
  );
}

function Numbers({ numbers }: { numbers: string[] }) {
  return (
    <ul className="erasure-numbers">
      {numbers.map((number) => (
        <li key={number} className="number">
          {number}
        </li>
      ))}
    </ul>
  );
}

function Ask({ what, count, close }: { what: "due" | "person"; count: number; close: () => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<NewErasure>();
  const asking = useMutation({
    mutationFn: (body: NewErasure) => unwrap(api.POST("/api/v1/privacy/erasures", { body })),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: erasuresQuery.queryKey });
      message.success("已提出，请另一人批准");
      close();
    },
  });
  return (
    <Modal
      open
      title={what === "due" ? `提出销毁${count}件工单的内容` : "提出删除诉求人资料"}
      okText="提出"
      cancelText="取消"
      confirmLoading={asking.isPending}
      onOk={() => void form.validateFields().then((values) => asking.mutate(values), () => undefined)}
      onCancel={close}
    >
      <p className="muted">
        {what === "due"
          ? "批准后，这些工单写过的内容、录音、附件和诉求人资料都再也打不开，只留统计所需的项目。"
          : "批准后，诉求人的姓名、电话、地址等资料删除，工单保留。"}
        须由另一人批准，不能恢复。
      </p>
      {asking.error && <Alert type="error" showIcon title={problemOf(asking.error).message} />}
      <Form<NewErasure> form={form} layout="vertical" requiredMark={false}>
        {what === "person" && (
          <div className="row">
            <Form.Item name="ticket" label="工单编号" rules={[{ required: true, whitespace: true, message: "请填写工单编号" }]}>
              <Input autoComplete="off" />
            </Form.Item>
            <Form.Item name="appeal" label="第几位诉求人" initialValue={1}>
              <InputNumber min={1} precision={0} />
            </Form.Item>
          </div>
        )}
        <Form.Item name="note" label="理由（永久保留，不要写个人信息）" rules={[{ required: true, whitespace: true, message: "请写明理由" }]}>
          <Input.TextArea rows={2} maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}

function outcome({ agreed, answered_by_name, answered_at }: AskedErasure): string {
  if (agreed === undefined || agreed === null || !answered_at) return "等待另一人批准";
  return `${answered_by_name}${agreed ? "已批准" : "不同意"}，${fullDateTime(answered_at)}`;
}

function wanted({ appeal, tickets }: AskedErasure): string {
  return appeal ? `删除 ${tickets[0]} 第${appeal}位诉求人的资料` : `销毁${tickets.length}件工单的内容`;
}

function Asked({ asked }: { asked: AskedErasure }) {
  const [deciding, setDeciding] = useState(false);
  return (
    <li>
      <p className="access-head">
        <strong>{wanted(asked)}</strong>
        <span>{asked.by_name}提出</span>
        <time className="muted" dateTime={asked.at}>
          {fullDateTime(asked.at)}
        </time>
      </p>
      <p className="plain-text">{asked.reason}</p>
      <p className="erasure-outcome">
        <span className="muted">{outcome(asked)}</span>
        {asked.may_decide && (
          <Button size="small" onClick={() => setDeciding(true)}>
            答复
          </Button>
        )}
      </p>
      {deciding && <Decide asked={asked} close={() => setDeciding(false)} />}
    </li>
  );
}

function Decide({ asked, close }: { asked: AskedErasure; close: () => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [decision, setDecision] = useState<Decision>({ agreed: true, code: "", note: "" });
  const deciding = useMutation({
    mutationFn: () =>
      unwrap(api.POST("/api/v1/privacy/erasures/{id}/decision", { params: { path: { id: asked.id } }, body: decision })),
    onSuccess: ({ erased }) => {
      void client.invalidateQueries({ queryKey: erasuresQuery.queryKey });
      message.success(decision.agreed ? `已销毁${erased}件` : "已答复不同意");
      close();
    },
  });
  const text = decision.agreed ? decision.code : decision.note;
  return (
    <Modal
      open
      title="答复销毁申请"
      okText={decision.agreed ? "批准并销毁" : "不同意"}
      okButtonProps={{ danger: decision.agreed, disabled: !text?.trim() }}
      cancelText="取消"
      confirmLoading={deciding.isPending}
      onOk={() => deciding.mutate()}
      onCancel={close}
    >
      <p>
        {asked.by_name}提出{wanted(asked)}：{asked.reason}
      </p>
      {!asked.appeal && <Numbers numbers={asked.tickets} />}
      <Segmented
        value={decision.agreed ? "agreed" : "refused"}
        onChange={(value) => setDecision({ ...decision, agreed: value === "agreed" })}
        options={[
          { value: "agreed", label: "批准" },
          { value: "refused", label: "不同意" },
        ]}
      />
      {deciding.error && <Alert type="error" showIcon title={problemOf(deciding.error).message} />}
      <div className="purpose">
        {decision.agreed ? (
          <label>
            验证器上的6位验证码（销毁后不能恢复）
            <Input
              inputMode="numeric"
              autoComplete="one-time-code"
              value={decision.code}
              onChange={({ target }) => setDecision({ ...decision, code: target.value })}
            />
          </label>
        ) : (
          <label>
            理由
            <Input.TextArea
              rows={2}
              maxLength={200}
              value={decision.note}
              onChange={({ target }) => setDecision({ ...decision, note: target.value })}
            />
          </label>
        )}
      </div>
    </Modal>
  );
}
