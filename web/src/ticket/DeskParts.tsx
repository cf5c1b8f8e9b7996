import { Link } from "@tanstack/react-router";
import type { TicketView } from "../api/types";
import { paths } from "../paths";
import { dateTime } from "../time";
import { useUnitName } from "../units";
import { HELP } from "../words";
import { BasisLink } from "./BasisLink";
import { Part } from "./Part";

/** Where it went instead of to a unit, and who was asked who should handle it. */
function Routing({ ticket: { desk, transfer, joined, withdrawn, unsettled } }: { ticket: TicketView }) {
  const unitName = useUnitName();
  const to = (lead: string, assists: string[]) =>
    `主办 ${unitName(lead)}${assists.length > 0 ? `，协办 ${assists.map(unitName).join("、")}` : ""}`;
  const { consultation, named, opinion } = desk ?? {};
  return (
    <>
      {consultation && (
        <Part title="会商" said={consultation.question}>
          {consultation.level} <span className="mark provisional">待定论</span>
        </Part>
      )}
      {named && (
        <Part title="会商确定" said={named.opinion}>
          {to(named.lead, named.assists)} <BasisLink basis={named.basis} of="会商确定" />
        </Part>
      )}
      {opinion && (
        <Part title="拟办意见" said={opinion.approved ? `${opinion.text}\n审定：${opinion.approved}` : opinion.text}>
          {to(opinion.lead, opinion.assists)}{" "}
          <span className={opinion.approved ? "mark confirmed" : "mark provisional"}>{opinion.approved ? "已审定" : "待审定"}</span>
        </Part>
      )}
      {transfer && (
        <Part title="外转" said={transfer.result && `对方办理结果：${transfer.result}`}>
          {transfer.to} {!transfer.result && <span className="mark provisional">等待对方</span>}
        </Part>
      )}
      {joined && (
        <Part title="并入">
          <Link to={paths.ticket} params={{ number: joined }} className="number">
            {joined}
          </Link>
        </Part>
      )}
      {withdrawn && <Part title="撤回" said={withdrawn} />}
      {unsettled && <Part title="归档前">{unsettled}</Part>}
    </>
  );
}

/** What the centre did with it itself, before or instead of a unit. */
export function DeskParts({ ticket }: { ticket: TicketView }) {
  const { referral, refused, answered, history, handovers, returned_by, now } = ticket;
  const unitName = useUnitName();
  const when = (at: string) => <span className="muted">{dateTime(at, now)}</span>;
  return (
    <>
      {referral && <Part title="请示" said={referral.question} />}
      {refused && (
        <Part title="不予受理" said={refused.explanation}>
          {HELP[refused.help.by]} {refused.help.to}
        </Part>
      )}
      {answered && (
        <Part title="即时答复" said={answered.answer}>
          {answered.by_opinion_of && `按 ${answered.by_opinion_of} 的定案意见`}
        </Part>
      )}
      {handovers.map(({ to, at, note }) => (
        <Part key={at} title="电话转办" said={note}>
          {to} {when(at)}
        </Part>
      ))}
      <Routing ticket={ticket} />
      {returned_by.map(({ unit, at, reason, redirect }) => (
        <Part key={`${unit}${at}`} title="曾退单" said={redirect ? `${reason}\n改派意见：${redirect}` : reason}>
          {unitName(unit)} {when(at)}
        </Part>
      ))}
      {history && (
        <Part title="历史办理" said={history.reply}>
          {history.unit} {history.replied_at && when(history.replied_at)}
        </Part>
      )}
    </>
  );
}

/** Whether there is anything for `DeskParts` to say. */
export function hasDeskParts(ticket: TicketView): boolean {
  const { referral, refused, answered, history, handovers, returned_by, desk, transfer, joined, withdrawn, unsettled } = ticket;
  const waits = desk?.consultation ?? desk?.named ?? desk?.opinion;
  return !!(referral ?? refused ?? answered ?? history ?? handovers[0] ?? returned_by[0] ?? waits ?? transfer ?? joined ?? withdrawn ?? unsettled);
}
