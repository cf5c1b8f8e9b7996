import {
  ApartmentOutlined,
  BookOutlined,
  DownOutlined,
  KeyOutlined,
  LockOutlined,
  MessageOutlined,
  PhoneOutlined,
  SafetyOutlined,
  ScheduleOutlined,
  TeamOutlined,
  UnorderedListOutlined,
} from "@ant-design/icons";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { App, Dropdown } from "antd";
import { problemOf } from "../api/problem";
import { PresenceBox } from "../duty/PresenceBox";
import { paths } from "../paths";
import { Relogin } from "../session/Relogin";
import { useLive } from "../session/live";
import { logOut, seesTickets, useMe } from "../session/session";
import { ClockBox } from "./ClockBox";
import "./shell.css";

function Navigation() {
  const me = useMe();
  const { rights } = me;
  const exact = { exact: true, includeSearch: false };
  return (
    <nav className="shell-nav" aria-label="主菜单">
      {seesTickets(me) && (
        <Link to={paths.tickets} search={{}} activeOptions={exact}>
          <UnorderedListOutlined aria-hidden />
          工单
        </Link>
      )}
      {rights.includes("register") && (
        <Link to={paths.newTicket} activeOptions={exact}>
          <PhoneOutlined aria-hidden />
          登记
        </Link>
      )}
      {rights.includes("view-outbox") && (
        <Link to={paths.outbox} activeOptions={exact}>
          <MessageOutlined aria-hidden />
          短信记录
        </Link>
      )}
      {rights.includes("view-duty") && (
        <Link to={paths.duty} search={{}} activeOptions={exact}>
          <ScheduleOutlined aria-hidden />
          值班
        </Link>
      )}
      {rights.includes("view-organisation") && (
        <>
          <Link to={paths.organisation} activeOptions={exact}>
            <ApartmentOutlined aria-hidden />
            组织机构
          </Link>
          <Link to={paths.accounts} activeOptions={exact}>
            <TeamOutlined aria-hidden />
            账户与岗位
          </Link>
        </>
      )}
      {rights.includes("read-audit") && (
        <Link to={paths.audit} search={{}} activeOptions={exact}>
          <SafetyOutlined aria-hidden />
          审计日志
        </Link>
      )}
      {rights.includes("secure-log-in") && (
        <>
          <Link to={paths.logIns} activeOptions={exact}>
            <LockOutlined aria-hidden />
            登录管理
          </Link>
          <Link to={paths.policy} activeOptions={exact}>
            <SafetyOutlined aria-hidden />
            登录规则
          </Link>
        </>
      )}
      {rights.includes("manage-keys") && (
        <Link to={paths.keys} activeOptions={exact}>
          <KeyOutlined aria-hidden />
          接口密钥
        </Link>
      )}
      <Link to={paths.rulebook} activeOptions={exact}>
        <BookOutlined aria-hidden />
        办法与理解
      </Link>
    </nav>
  );
}

function UserMenu() {
  const me = useMe();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const leave = async () => {
    try {
      await logOut();
      await navigate({ to: paths.login });
    } catch (error) {
      message.error(problemOf(error).message);
    }
  };
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "account", label: "我的账户" },
          { key: "out", label: "退出登录" },
        ],
        onClick: ({ key }) => void (key === "out" ? leave() : navigate({ to: paths.account })),
      }}
    >
      <button type="button" className="shell-user" aria-label={`${me.name}，${me.role_name}，账号菜单`}>
        <span className="shell-who">
          <strong>{me.name}</strong>
          <span>{[me.unit_name, me.role_name].filter(Boolean).join(" · ")}</span>
        </span>
        <DownOutlined aria-hidden />
      </button>
    </Dropdown>
  );
}

export function Shell() {
  useLive();
  const me = useMe();
  return (
    <div className="shell">
      <a className="skip" href="#main">
        跳到内容
      </a>
      <header className="shell-head">
        <Link to={paths.home} className="shell-brand">
          接诉
          <span>{me.place}12345</span>
        </Link>
        <Navigation />
        <div className="shell-end">
          {me.rights.includes("take-duty") && <PresenceBox />}
          <ClockBox />
          <UserMenu />
        </div>
      </header>
      <main id="main" className="shell-main" tabIndex={-1}>
        <Outlet />
      </main>
      <Relogin />
    </div>
  );
}
