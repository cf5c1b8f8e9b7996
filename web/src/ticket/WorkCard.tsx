import { Fragment, type ReactNode } from "react";
import type { TicketView } from "../api/types";
import { dateTime } from "../time";
import { useUnitName } from "../units";
import { CONTACTS, FINDINGS, HELP, SATISFACTION } from "../words";

/** One line of the card; `said` is what somebody wrote, on lines of its own. */
function Part({ title, children, said }: { title: string; children?: ReactNode; said?: string | null }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>
        {children}
        {said && <p className="plain-text quoted">{said}</p>}
      </dd>
    </>
  );
}

type Props = { ticket: TicketView };

/** What the centre did with it itself, before or instead of a unit. */
function ByCentre({ ticket: { referral, refused, answered, history, handovers, returned_by, now } }: Props) {
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
      {answered && <Part title="即时答复" said={answered.answer} />}
      {handovers.map(({ to, at, note }) => (
        <Part key={at} title="电话转办" said={note}>
          {to} {when(at)}
        </Part>
      ))}
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

function returning({ reason, basis, redirect }: NonNullable<NonNullable<TicketView["work"]>["returning"]>): string {
  return [reason, basis && `依据：${basis}`, redirect && `改派意见：${redirect}`].filter(Boolean).join("\n");
}

function ByUnits({ ticket: { work, now } }: Props) {
  const unitName = useUnitName();
  if (!work) return null;
  const when = (at: string) => dateTime(at, now);
  const signed = (at: string | null | undefined) => <span className="muted">{at ? `${when(at)} 签收` : "尚未签收"}</span>;
  return (
    <>
      <Part title="主办">
        {work.lead_name} {signed(work.lead.signed_at)}
      </Part>
      {work.assists.map(({ unit, name, signed_at, result }) => (
        <Part key={unit} title="协办" said={result?.text}>
          {name} {signed(signed_at)}
        </Part>
      ))}
      {work.note && <Part title="派单说明" said={work.note} />}
      {work.returning && (
        <Part title="申请退单" said={returning(work.returning)} />
      )}
      {work.extension && (
        <Part title="申请延期" said={work.extension.reason}>
          {work.extension.days}个工作日
        </Part>
      )}
      {work.contacts.map(({ by, reached, note, at, unit }) => (
        <Part key={at} title="联系" said={note}>
          {CONTACTS[by]} {reached ? "联系上" : "没有联系上"}{" "}
          <span className="muted">
            {unitName(unit)} · {when(at)}
          </span>
        </Part>
      ))}
      {work.reply.is !== "none" && (
        <Part title="答复" said={work.reply.text}>
          <span className="muted">{work.reply.is === "audited" ? `${when(work.reply.at)} 审定发出` : "草稿，待审定"}</span>
        </Part>
      )}
      {work.closing && <Part title="申请办结" said={work.closing.statement} />}
    </>
  );
}

function Afterwards({ ticket: { closed, ratings, now } }: Props) {
  const when = (at: string) => <span className="muted">{dateTime(at, now)}</span>;
  return (
    <>
      {closed && (
        <Part title="办结" said={closed.statement}>
          {closed.ground} {when(closed.at)}
        </Part>
      )}
      {closed?.attempts.map(({ by, reached, note, at }) => (
        <Part key={at} title="回访" said={note}>
          {CONTACTS[by]} {reached ? "联系上" : "没有联系上"} {when(at)}
        </Part>
      ))}
      {ratings.map(({ result, comment, at, verdict }) => (
        <Fragment key={at}>
          <Part title="评价" said={comment}>
            <strong>{SATISFACTION[result]}</strong> {when(at)}
          </Part>
          {verdict && (
            <Part title="核实" said={verdict.reason}>
              {FINDINGS[verdict.finding]}
            </Part>
          )}
        </Fragment>
      ))}
    </>
  );
}

/** Who handles it, what they did and how far they are. */
export function WorkCard({ ticket }: Props) {
  const { work, handovers, returned_by, referral, refused, answered, history } = ticket;
  const something = work ?? referral ?? refused ?? answered ?? history ?? handovers[0] ?? returned_by[0];
  if (!something) return null;
  return (
    <section className="card">
      <h2>
        办理情况
        {work && work.round > 1 && <span className="mark supervised">第{work.round - 1}次重办</span>}
      </h2>
      <dl className="pairs card-body">
        <ByCentre ticket={ticket} />
        <ByUnits ticket={ticket} />
        <Afterwards ticket={ticket} />
      </dl>
    </section>
  );
}
