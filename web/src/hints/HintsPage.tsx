import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Switch } from "antd";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { hintKindsQuery } from "../api/queries";
import type { HintKind } from "../api/types";
import { useRight } from "../session/session";
import { Heads } from "../ui/Heads";
import { Failed, Loading } from "../ui/Notice";
import { useTitle } from "../ui/title";
import "../organisation/organisation.css";
import "./hints.css";

const HEADS = ["提示", "人工核对", "带着提示发出", "改写后消失", "发出后撤回重写", "启用"];

function Kind({ kind, mayManage }: { kind: HintKind; mayManage: boolean }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const switching = useMutation({
    mutationFn: (on: boolean) => unwrap(api.PUT("/api/v1/hints", { body: { about: kind.about, on } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["hints"] }),
    onError: (error) => message.error(problemOf(error).message),
  });
  return (
    <tr>
      <td data-label="提示">{kind.name}</td>
      <td data-label="人工核对">
        {kind.read}条中{kind.right}条正确
      </td>
      <td data-label="带着提示发出">{kind.stood}</td>
      <td data-label="改写后消失">{kind.rewritten}</td>
      <td data-label="发出后撤回重写">{kind.reopened}</td>
      <td data-label="启用" className="hint-switch">
        <Switch
          aria-label={`启用“${kind.name}”`}
          checked={kind.on}
          disabled={!mayManage}
          loading={switching.isPending}
          checkedChildren="启用"
          unCheckedChildren="停用"
          onChange={(on) => switching.mutate(on)}
        />
      </td>
    </tr>
  );
}

/** The hints on replies: how often each kind was right when it was made, and what became of it here in the last 90 days. */
export function HintsPage() {
  useTitle("答复提示");
  const mayManage = useRight("manage-proposals");
  const { data, error, refetch } = useQuery(hintKindsQuery);
  return (
    <section className="organisation card" aria-label="答复提示">
      <h2>
        答复提示<span className="end muted">近90天，按答复计</span>
      </h2>
      <p className="muted card-body">
        承办人起草、分管领导审定答复时，系统提示值得再看一眼的句子，不影响提交。“人工核对”是上线前在真实答复上逐条核对的结果；停用后不再提示，也不再计数。
      </p>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what="答复提示" rows={4} />
      ) : (
        <table className="organised">
          <Heads names={HEADS} />
          <tbody>
            {data.map((kind) => (
              <Kind key={kind.about} kind={kind} mayManage={mayManage} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
