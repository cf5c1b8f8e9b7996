import { ExclamationCircleOutlined, InboxOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Button, Skeleton } from "antd";
import type { ReactNode } from "react";
import { problemOf } from "../api/problem";
import { paths } from "../paths";
import "./ui.css";

/** Nothing here: says why, and what to do. */
export function Nothing({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="notice">
      <InboxOutlined className="icon" aria-hidden />
      <strong>{title}</strong>
      {children && <p>{children}</p>}
    </div>
  );
}

/** Could not load: says why in the server's words, and offers another try, or the way back where trying again cannot help. */
export function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const problem = problemOf(error);
  return (
    <div className="notice failed" role="alert">
      <ExclamationCircleOutlined className="icon" aria-hidden />
      <strong>{problem.title}</strong>
      <p>{problem.message}</p>
      {problem.status === 403 || problem.status === 404 ? <Link to={paths.home}>回到首页</Link> : <Button onClick={retry}>重试</Button>}
    </div>
  );
}

export function Loading({ what, rows = 6 }: { what: string; rows?: number }) {
  return (
    <div className="card-body" role="status" aria-label={`正在载入${what}`}>
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}
