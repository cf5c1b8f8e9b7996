import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Input } from "antd";
import { useState } from "react";
import { accountsQuery } from "../api/queries";
import type { Account, Accounts } from "../api/types";
import { dateTime } from "../time";
import { Heads } from "../ui/Heads";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { AccountForm, NewAccountForm } from "./AccountForm";
import { EndPostForm, GivePostForm } from "./PostForms";
import "./organisation.css";

type Doing = { what: "new" } | { what: "change" | "give" | "end"; account: Account };

function postWords({ post }: Account): string {
  return post ? [post.unit_name, post.role_name, post.seat_name].filter(Boolean).join(" · ") : "";
}

function Row({ account, accounts, act }: { account: Account; accounts: Accounts; act: (doing: Doing) => void }) {
  const { name, login, active, post, may_grant } = account;
  const acts = accounts.may_manage || accounts.may_grant;
  return (
    <tr data-shut={!active}>
      <td data-label="姓名">
        {name} {!active && <span className="muted">（停用）</span>}
      </td>
      <td data-label="登录名">{login}</td>
      <td data-label="岗位">{post ? postWords(account) : <span className="muted">没有岗位，不能办理任何事项</span>}</td>
      <td data-label="任职起">{post?.from && dateTime(post.from)}</td>
      {acts && (
        <td>
          <span className="organised-acts">
            {accounts.may_manage && (
              <Button size="small" aria-label={`修改${name}`} onClick={() => act({ what: "change", account })}>
                修改
              </Button>
            )}
            {may_grant && !post && active && (
              <Button size="small" type="primary" aria-label={`授予${name}岗位`} onClick={() => act({ what: "give", account })}>
                授予岗位
              </Button>
            )}
            {may_grant && post && (
              <Button size="small" danger aria-label={`收回${name}的岗位`} onClick={() => act({ what: "end", account })}>
                收回岗位
              </Button>
            )}
          </span>
        </td>
      )}
    </tr>
  );
}

function List({ accounts }: { accounts: Accounts }) {
  const [text, setText] = useState("");
  const [only, setOnly] = useState(false);
  const [doing, act] = useState<Doing>();
  const wanted = (account: Account) =>
    [account.name, account.login, postWords(account)].join(" ").includes(text.trim()) && (!only || !account.post);
  const shown = accounts.accounts.filter(wanted);
  const close = () => act(undefined);
  return (
    <>
      <div className="organised-tools">
        <Input
          allowClear
          className="organised-search"
          aria-label="查找账户"
          placeholder="姓名、登录名、单位或岗位"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Checkbox checked={only} onChange={(event) => setOnly(event.target.checked)}>
          只看没有岗位的
        </Checkbox>
        {accounts.may_manage && (
          <Button type="primary" className="end" onClick={() => act({ what: "new" })}>
            新建账户
          </Button>
        )}
      </div>
      <table className="organised">
        <Heads names={["姓名", "登录名", "岗位", "任职起", (accounts.may_manage || accounts.may_grant) && "操作"]} />
        <tbody>
          {shown.map((account) => (
            <Row key={account.account} account={account} accounts={accounts} act={act} />
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <Nothing title="没有这样的账户">换几个字试试。</Nothing>}
      {doing?.what === "new" && <NewAccountForm close={close} />}
      {doing?.what === "change" && <AccountForm account={doing.account} close={close} />}
      {doing?.what === "give" && <GivePostForm accounts={accounts} account={doing.account} close={close} />}
      {doing?.what === "end" && <EndPostForm accounts={accounts} account={doing.account} close={close} />}
    </>
  );
}

/** Everybody who can log in and the post each holds. */
export function AccountsPage() {
  useTitle("账户与岗位");
  const { data, error, refetch } = useQuery(accountsQuery);
  return (
    <section className="organisation card" aria-label="账户与岗位">
      <h2>账户与岗位</h2>
      {error ? <Failed error={error} retry={() => void refetch()} /> : !data ? <Loading what="账户" /> : <List accounts={data} />}
    </section>
  );
}
