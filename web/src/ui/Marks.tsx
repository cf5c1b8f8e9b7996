import { EyeInvisibleOutlined, FieldTimeOutlined, ThunderboltFilled, WarningFilled } from "@ant-design/icons";
import type { TicketLine } from "../api/types";

/** What makes a ticket special, in a sign and a word. Late is said once: by the next duty, if that is what is late. */
export function Marks({ ticket }: { ticket: TicketLine }) {
  return (
    <span className="marks">
      {ticket.urgent && (
        <span className="mark urgent">
          <ThunderboltFilled aria-hidden />
          紧急
        </span>
      )}
      {ticket.overdue && ticket.due?.tone !== "late" && (
        <span className="mark overdue">
          <WarningFilled aria-hidden />
          超期
        </span>
      )}
      {ticket.supervised && <span className="mark supervised">督办</span>}
      {ticket.confidential && (
        <span className="mark confidential">
          <EyeInvisibleOutlined aria-hidden />
          保密
        </span>
      )}
      {ticket.provisional && (
        <span className="mark provisional" title="到期日跨入放假通知尚未公布的年份，通知公布后重新计算">
          <FieldTimeOutlined aria-hidden />
          暂定
        </span>
      )}
    </span>
  );
}
