import { CheckCircleFilled } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Typography } from "antd";
import { paths } from "../paths";
import type { Receipt } from "./RegisterPage";

/** What was just saved, with the query code to read out: the server shows it this once. */
export function Receipts({ receipts }: { receipts: Receipt[] }) {
  const [last, ...earlier] = receipts;
  if (!last) return null;
  return (
    <section className="card receipts" aria-label="刚才登记的" aria-live="polite">
      <div className="card-body">
        <p className="receipt-done">
          <CheckCircleFilled aria-hidden /> 已登记
        </p>
        <p>
          <Link to={paths.ticket} params={{ number: last.number }} className="number">
            {last.number}
          </Link>
        </p>
        <p className="receipt-code">
          查询码 <Typography.Text copyable>{last.query_code}</Typography.Text>
        </p>
        <p className="muted">请把编号和查询码告诉诉求人，查询码只显示这一次。</p>
        {earlier.length > 0 && (
          <ul className="receipts-earlier">
            {earlier.map(({ number, title, query_code }) => (
              <li key={number}>
                <Link to={paths.ticket} params={{ number }}>
                  {title}
                </Link>
                <span className="muted">{query_code}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
