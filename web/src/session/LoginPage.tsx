import { useNavigate, useSearch } from "@tanstack/react-router";
import { PORTAL, paths } from "../paths";
import { LoginForm } from "./LoginForm";
import "./login.css";

/** Only an address of our own; anything else could lead a clerk who just logged in to a stranger's page. */
function ours(back: string | undefined): string {
  return back && /^\/(?![/\\])/.test(back) ? back : paths.home;
}

export function LoginPage() {
  const { back } = useSearch({ from: "/login" });
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
        <LoginForm done={() => void navigate({ to: ours(back), replace: true })} />
        <p className="muted login-foot">
          提交诉求或查询进度，请到 <a href={PORTAL}>市民页面</a>，不需要账号。
        </p>
      </section>
    </main>
  );
}
