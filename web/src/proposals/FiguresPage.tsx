import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Switch } from "antd";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { proposalFiguresQuery } from "../api/queries";
import type { ProposalField, ProposalFigures, ProposalNight } from "../api/types";
import { dateTime } from "../time";
import { Heads } from "../ui/Heads";
import { Failed, Loading } from "../ui/Notice";
import { useTitle } from "../ui/title";
import "../organisation/organisation.css";
import "./proposals.css";

type Share = { right: number; of: number };

/** A share with its base, or that there is none. */
function share({ right, of }: Share): string {
  return of === 0 ? "—" : `${((100 * right) / of).toFixed(1)}%（${right}/${of}）`;
}

const SUMS = ["same", "other", "left", "silent", "returned"] as const;

/** One field on and off; the server writes it down. */
function OnOff({ field, may }: { field: ProposalField; may: boolean }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const switching = useMutation({
    mutationFn: (on: boolean) => unwrap(api.PUT("/api/v1/proposals/switches", { body: { field: field.field, on } })),
    onSuccess: (_, on) => {
      message.success(`“${field.name}”的提示已${on ? "启用" : "停用"}`);
      void client.invalidateQueries({ queryKey: ["proposals"] });
    },
    onError: (error) => message.error(problemOf(error).message),
  });
  if (!may) return <>{field.on ? "启用" : "停用"}</>;
  return (
    <Switch
      size="small"
      checked={field.on}
      loading={switching.isPending}
      aria-label={`${field.name}的提示`}
      onChange={(on) => switching.mutate(on)}
    />
  );
}

function Fields({ figures }: { figures: ProposalFigures }) {
  return (
    <table className="organised proposal-figures">
      <Heads names={["提示项", "启用", "在用模型", "按文字、目录的正确率", "模型", "照办", "改办", "未采用", "没有提示", "被退回", "照办率"]} />
      <tbody>
        {figures.fields.flatMap((field) => {
          const none = { version: 0, same: 0, other: 0, left: 0, silent: 0, returned: 0 };
          const rows = field.counts.length > 0 ? field.counts : [none];
          return rows.map((count, index) => {
            const [same, other, left, silent, returned] = SUMS.map((sum) => count[sum]) as [number, number, number, number, number];
            return (
              <tr key={`${field.field}-${count.version}`}>
                <td data-label="提示项">{index === 0 ? field.name : ""}</td>
                <td data-label="启用">{index === 0 && <OnOff field={field} may={figures.may_switch} />}</td>
                <td data-label="在用模型">{index === 0 && (field.version ?? (field.learnt ? "还没有" : "不用模型"))}</td>
                <td data-label="按文字、目录的正确率">{index === 0 && (field.measured ? share(field.measured) : "—")}</td>
                <td data-label="模型">{count.version || "文字、目录"}</td>
                <td data-label="照办">{same}</td>
                <td data-label="改办">{other}</td>
                <td data-label="未采用">{left}</td>
                <td data-label="没有提示">{silent}</td>
                <td data-label="被退回">{field.field === "department" ? returned : "—"}</td>
                <td data-label="照办率">{share({ right: same, of: same + other + left })}</td>
              </tr>
            );
          });
        })}
      </tbody>
    </table>
  );
}

function Night({ night }: { night: ProposalNight }) {
  const fields = night.fields.length > 0 ? night.fields : [undefined];
  return fields.map((field, index) => (
    <tr key={`${night.version}-${field?.field ?? ""}`}>
      <td data-label="日期">{index === 0 && night.day}</td>
      <td data-label="学习的工单">
        {index === 0 && (night.done_at ? `${night.tickets}件，留出${night.held_out}件` : "没有完成")}
        {index === 0 && night.made_up && "（演示用的虚构诉求）"}
      </td>
      <td data-label="提示项">{field?.name}</td>
      <td data-label="新模型提出的正确率">{field?.new ? share(field.new.proposed) : "—"}</td>
      <td data-label="新模型首选正确率">{field?.new ? share(field.new.first) : "—"}</td>
      <td data-label="原模型首选正确率">{field?.before ? `${share(field.before.figures.first)} · ${field.before.version}` : "—"}</td>
      <td data-label="结果">{field?.verdict}</td>
      <td data-label="完成">{index === 0 && night.done_at && dateTime(night.done_at)}</td>
    </tr>
  ));
}

/** How good the proposals are, by what they learnt from and by what people then did. */
export function FiguresPage() {
  useTitle("登记提示的效果");
  const { data, error, refetch } = useQuery(proposalFiguresQuery);
  return (
    <section className="organisation card" aria-label="登记提示的效果">
      <h2>登记提示的效果</h2>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what="登记提示的效果" />
      ) : (
        <>
          <h3 className="proposal-head">
            {data.from} 至 {data.to}，人怎样处理提示
          </h3>
          <div className="proposal-table">
            <Fields figures={data} />
          </div>
          <p className="muted proposal-note">
            登记、派单时提示与实际填写比对计数，只计次数，不存文字。照办率的基数是提出了提示的件数。把握低于{Math.round(data.least * 100)}%的不提示；
            紧急、保密按文字提示，不设门槛。
          </p>
          <h3 className="proposal-head">每晚学习</h3>
          {data.nights.length === 0 ? (
            <p className="muted proposal-note">还没有学习过。每天凌晨两点半之后，用本中心已办结、不保密的工单学习一次。</p>
          ) : (
            <div className="proposal-table">
              <table className="organised proposal-figures">
                <Heads names={["日期", "学习的工单", "提示项", "新模型提出的正确率", "新模型首选正确率", "原模型首选正确率", "结果", "完成"]} />
                <tbody>
                  {data.nights.map((night) => (
                    <Night key={night.version} night={night} />
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </>
      )}
    </section>
  );
}
