import {
  ApartmentOutlined,
  BookOutlined,
  BulbOutlined,
  ClusterOutlined,
  DeleteOutlined,
  DownOutlined,
  ExportOutlined,
  EyeOutlined,
  FireOutlined,
  KeyOutlined,
  LockOutlined,
  MessageOutlined,
  PhoneOutlined,
  ReadOutlined,
  SafetyOutlined,
  ScheduleOutlined,
  TeamOutlined,
  UnorderedListOutlined,
} from "@ant-design/icons";
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { App, Dropdown } from "antd";
import type { ReactElement } from "react";
import { problemOf } from "../api/problem";
import type { Me } from "../api/types";
import { PresenceBox } from "../duty/PresenceBox";
import { paths } from "../paths";
import { Relogin } from "../session/Relogin";
import { useLive } from "../session/live";
import { logOut, seesTickets, useMe } from "../session/session";
import { ClockBox } from "./ClockBox";
import "./shell.css";

/** So many stand in the bar where there are more; the rest is behind “更多”. */
const IN_BAR = 6;

/** Where this person may go, the daily work first. */
function places(me: Me): ReactElement[] {
  const { rights } = me;
  const exact = { exact: true, includeSearch: false };
  const held = (...any: string[]) => any.some((right) => rights.includes(right));
  const all = [
    seesTickets(me) && (
      <Link key="tickets" to={paths.tickets} search={{}} activeOptions={exact}>
        <UnorderedListOutlined aria-hidden />
        工单
      </Link>
    ),
    held("register") && (
      <Link key="newTicket" to={paths.newTicket} activeOptions={exact}>
        <PhoneOutlined aria-hidden />
        登记
      </Link>
    ),
    held("search-knowledge") && (
      <Link key="knowledge" to={paths.knowledge} search={{}} activeOptions={{ exact: false, includeSearch: false }}>
        <ReadOutlined aria-hidden />
        知识库
      </Link>
    ),
    held("view-hot-issues") && (
      <Link key="hot" to={paths.hot} search={{}} activeOptions={{ exact: false, includeSearch: false }}>
        <FireOutlined aria-hidden />
        热点问题
      </Link>
    ),
    held("view-outbox") && (
      <Link key="outbox" to={paths.outbox} activeOptions={exact}>
        <MessageOutlined aria-hidden />
        短信记录
      </Link>
    ),
    held("view-duty") && (
      <Link key="duty" to={paths.duty} search={{}} activeOptions={exact}>
        <ScheduleOutlined aria-hidden />
        值班
      </Link>
    ),
    held("view-below") && (
      <Link key="centres" to={paths.centres} activeOptions={exact}>
        <ClusterOutlined aria-hidden />
        各级热线
      </Link>
    ),
    held("view-organisation") && (
      <Link key="organisation" to={paths.organisation} activeOptions={exact}>
        <ApartmentOutlined aria-hidden />
        组织机构
      </Link>
    ),
    held("view-organisation") && (
      <Link key="accounts" to={paths.accounts} activeOptions={exact}>
        <TeamOutlined aria-hidden />
        账户与岗位
      </Link>
    ),
    held("read-audit") && (
      <Link key="audit" to={paths.audit} search={{}} activeOptions={exact}>
        <SafetyOutlined aria-hidden />
        审计日志
      </Link>
    ),
    held("review-access") && (
      <Link key="accesses" to={paths.accesses} search={{}} activeOptions={exact}>
        <EyeOutlined aria-hidden />
        信息查阅
      </Link>
    ),
    held("view-exports") && (
      <Link key="exports" to={paths.exports} search={{}} activeOptions={exact}>
        <ExportOutlined aria-hidden />
        导出清单
      </Link>
    ),
    held("propose-erasure", "approve-erasure") && (
      <Link key="erasures" to={paths.erasures} activeOptions={exact}>
        <DeleteOutlined aria-hidden />
        到期销毁
      </Link>
    ),
    held("view-proposals") && (
      <Link key="proposals" to={paths.proposals} activeOptions={exact}>
        <BulbOutlined aria-hidden />
        登记提示
      </Link>
    ),
    held("view-proposals") && (
      <Link key="hints" to={paths.hints} activeOptions={exact}>
        <BulbOutlined aria-hidden />
        答复提示
      </Link>
    ),
    held("secure-log-in") && (
      <Link key="logIns" to={paths.logIns} activeOptions={exact}>
        <LockOutlined aria-hidden />
        登录管理
      </Link>
    ),
    held("secure-log-in") && (
      <Link key="policy" to={paths.policy} activeOptions={exact}>
        <SafetyOutlined aria-hidden />
        登录规则
      </Link>
    ),
    held("manage-keys") && (
      <Link key="keys" to={paths.keys} activeOptions={exact}>
        <KeyOutlined aria-hidden />
        接口密钥
      </Link>
    ),
    <Link key="rulebook" to={paths.rulebook} activeOptions={exact}>
      <BookOutlined aria-hidden />
      办法与理解
    </Link>,
  ];
  return all.filter((place) => place !== false);
}

function Navigation() {
  const all = places(useMe());
  // One that would stand behind “更多” alone stands in its place.
  const bar = all.length > IN_BAR + 1 ? all.slice(0, IN_BAR) : all;
  const rest = all.slice(bar.length);
  return (
    <nav className="shell-nav" aria-label="主菜单">
      {bar}
      {rest.length > 0 && (
        <Dropdown
          trigger={["click"]}
          rootClassName="shell-more"
          menu={{ items: rest.map((place) => ({ key: place.key ?? "", label: place })) }}
        >
          <button type="button" className="shell-nav-more">
            更多
            <DownOutlined aria-hidden />
          </button>
        </Dropdown>
      )}
    </nav>
  );
}

function UserMenu() {
  const me = useMe();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const leave = async () => {
    try {
      if (!(await logOut())) await navigate({ to: paths.login });
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
