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
import type { ComponentType, ReactElement } from "react";
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

interface Place {
  /** An address without a parameter. */
  to: Exclude<(typeof paths)[keyof typeof paths], `${string}$${string}`>;
  name: string;
  icon: ComponentType<{ "aria-hidden": true }>;
  /** Rights of which one opens it; absent: whoever signed in. */
  rights?: string[];
  /** What lies below it counts as it. */
  whole?: true;
}

/** Where people may go, the daily work first. */
const PLACES: Place[] = [
  { to: paths.newTicket, name: "登记", icon: PhoneOutlined, rights: ["register"] },
  { to: paths.knowledge, name: "知识库", icon: ReadOutlined, rights: ["search-knowledge"], whole: true },
  { to: paths.hot, name: "热点问题", icon: FireOutlined, rights: ["view-hot-issues"], whole: true },
  { to: paths.outbox, name: "短信记录", icon: MessageOutlined, rights: ["view-outbox"] },
  { to: paths.duty, name: "值班", icon: ScheduleOutlined, rights: ["view-duty"] },
  { to: paths.centres, name: "各级热线", icon: ClusterOutlined, rights: ["view-below"] },
  { to: paths.organisation, name: "组织机构", icon: ApartmentOutlined, rights: ["view-organisation"] },
  { to: paths.accounts, name: "账户与岗位", icon: TeamOutlined, rights: ["view-organisation"] },
  { to: paths.audit, name: "审计日志", icon: SafetyOutlined, rights: ["read-audit"] },
  { to: paths.accesses, name: "信息查阅", icon: EyeOutlined, rights: ["review-access"] },
  { to: paths.exports, name: "导出清单", icon: ExportOutlined, rights: ["view-exports"] },
  { to: paths.erasures, name: "到期销毁", icon: DeleteOutlined, rights: ["propose-erasure", "approve-erasure"] },
  { to: paths.proposals, name: "登记提示", icon: BulbOutlined, rights: ["view-proposals"] },
  { to: paths.hints, name: "答复提示", icon: BulbOutlined, rights: ["view-proposals"] },
  { to: paths.logIns, name: "登录管理", icon: LockOutlined, rights: ["secure-log-in"] },
  { to: paths.policy, name: "登录规则", icon: SafetyOutlined, rights: ["secure-log-in"] },
  { to: paths.keys, name: "接口密钥", icon: KeyOutlined, rights: ["manage-keys"] },
  { to: paths.rulebook, name: "办法与理解", icon: BookOutlined },
];
const TICKETS: Place = { to: paths.tickets, name: "工单", icon: UnorderedListOutlined };

function placesOf(me: Me): ReactElement[] {
  const open = PLACES.filter(({ rights }) => !rights || rights.some((right) => me.rights.includes(right)));
  return (seesTickets(me) ? [TICKETS, ...open] : open).map(({ to, name, icon: Icon, whole }) => (
    <Link key={to} to={to} search={{}} activeOptions={{ exact: !whole, includeSearch: false }}>
      <Icon aria-hidden />
      {name}
    </Link>
  ));
}

function Navigation() {
  const all = placesOf(useMe());
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
