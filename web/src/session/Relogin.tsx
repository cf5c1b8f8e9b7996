import { useQueryClient } from "@tanstack/react-query";
import { Modal } from "antd";
import { useEffect, useState } from "react";
import { whenSessionExpires } from "../api/problem";
import { LoginForm } from "./LoginForm";
import { useMe } from "./session";

/** The session ended while somebody worked: log in on top of the page, so that what was typed is still there afterwards. */
export function Relogin() {
  const [expired, setExpired] = useState(false);
  const me = useMe();
  const client = useQueryClient();

  useEffect(() => {
    whenSessionExpires(() => setExpired(true));
    return () => whenSessionExpires(() => {});
  }, []);

  const back = () => {
    setExpired(false);
    void client.invalidateQueries();
  };
  return (
    <Modal open={expired} title="登录已失效，请重新登录" footer={null} closable={false} keyboard={false} destroyOnHidden width={400}>
      <p className="muted" style={{ marginBottom: 16 }}>
        页面上填写的内容都还在，登录后接着办。
      </p>
      <LoginForm login={me.login} done={back} />
    </Modal>
  );
}
