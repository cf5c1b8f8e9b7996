import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Button } from "antd";
import { oidcQuery } from "../api/queries";
import { PORTAL, paths } from "../paths";
import { LoginForm } from "./LoginForm";
import "./login.css";

/** Only an address of our own; anything else could lead a clerk who just logged in to a stranger's page. */
function ours(back: string | undefined): string {
  return back && /^\/(?![/\\])/.test(back) ? back : paths.home;
}

/** Where the browser leaves for the identity service: no page of the console. */
const IDENTITY = "/api/v1/oidc/start";

/** What the way to the identity service and back may end with. */
const FAILED: Record<string, string> = {
  away: "统一身份认证暂时用不了，请稍后再试，或用账号和密码登录",
  again: "统一身份认证没有完成，请重新登录",
  "not-linked": "您在统一身份认证中的用户没有关联本系统的账户，请联系安全管理员",
  "no-second-factor": "您的角色须用双因素登录，请联系安全管理员设置密码后用账号登录",
};

export function LoginPage() {
  const { back, stage, failed } = useSearch({ from: "/login" });
  const { data: services } = useQuery(oidcQuery);
  const navigate = useNavigate();
  return (
    <main className="login">
      <section className="login-side" aria-hidden>
        <p className="login-mark">接诉</p>
        <p className="login-line">
          接得住，派得准，
          <br />
          按期办，有回音。
        </p>
      </section>
      <section className="login-form">
        <h1>12345热线工作台</h1>
        <p className="muted">热线中心和承办单位工作人员登录</p>
        {failed && <Alert type="error" showIcon title={FAILED[failed] ?? FAILED.again} />}
        <LoginForm begun={stage} done={() => void navigate({ to: ours(back), replace: true })} />
        {services?.name && !stage && (
          <Button className="login-identity" size="large" block href={IDENTITY}>
            {services.name}登录
          </Button>
        )}
        <p className="muted login-foot">
          提交诉求或查询进度，请到 <a href={PORTAL}>市民页面</a>，不需要账号。
        </p>
      </section>
    </main>
  );
}
