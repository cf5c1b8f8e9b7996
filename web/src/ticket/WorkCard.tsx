import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { catalogueQuery, rulebookQuery } from "../api/queries";
import type { TicketView } from "../api/types";
import { dateTime } from "../time";
import { useUnitName } from "../units";
import { CONTACTS, FINDINGS, SATISFACTION } from "../words";
import { BasisLink } from "./BasisLink";
import { DeskParts, hasDeskParts } from "./DeskParts";
import { Part } from "./Part";

type Work = NonNullable<TicketView["work"]>;
type Props = { ticket: TicketView };
type WorkProps = { ticket: TicketView; work: Work };

function returning({ reason, basis, redirect, leader_sheet }: NonNullable<Work["returning"]>): string {
  return [reason, basis && `依据：${basis}`, redirect && `改派意见：${redirect}`, leader_sheet && `领导签署：${leader_sheet}`]
    .filter(Boolean)
    .join("\n");
}

function extension({ reason, basis, told }: NonNullable<Work["extension"]>): string {
  return [reason, basis && `依据：${basis}`, told && `与诉求人沟通：${told}`].filter(Boolean).join("\n");
}

function inside(inside: Work["lead"]["inside"]): string {
  return inside ? `内部交办 ${[inside.office, inside.handler].filter(Boolean).join(" · ")}` : "";
}

type Assist = Work["assists"][number];

/** How an assisting unit was called, what it reported on the way and what it delivered. */
function assisted({ whistle, progress, result }: Assist, now: string): string {
  const judged = whistle?.judged;
  const said = [
    whistle && `应请：${whistle.matter}`,
    judged && `评议：${judged.answered ? "响应有效" : "响应无效"}。${judged.note}`,
    ...(progress ?? []).map(({ at, text, reason }) => `${dateTime(at, now)} 进展：${text}（${reason}）`),
    result?.text,
    result?.explanation && `逾期的理由：${result.explanation}`,
  ];
  return said.filter(Boolean).join("\n");
}

/** The version of the catalogue and the entry that it was dispatched by. */
function ByCatalogue({ ticket: { catalogue_version, catalogue_entry } }: Props) {
  const { data: catalogue } = useQuery({ ...catalogueQuery, enabled: !!catalogue_entry });
  if (!catalogue_version) return null;
  const entry = catalogue?.find(({ id, version }) => id === catalogue_entry && version === catalogue_version);
  return (
    <Part title="派单依据">
      {catalogue_entry ? `${catalogue_entry} ${entry?.matter ?? ""} ` : "法定职责 "}
      <span className="muted">派单目录第{catalogue_version}版</span>
    </Part>
  );
}

function Units({ ticket, work }: WorkProps) {
  const unitName = useUnitName();
  const { now, copies } = ticket;
  const signed = (at: string | null | undefined, word = "签收") => (
    <span className="muted">{at ? `${dateTime(at, now)} ${word}` : `尚未${word}`}</span>
  );
  return (
    <>
      <Part title="主办" said={inside(work.lead.inside)}>
        {work.lead_name} {signed(work.lead.signed_at)}
        {work.office && <span className="muted"> · 建议由{work.office}承办</span>}
        {work.bound && " "}
        {work.bound && <span className="mark provisional">会商确定，不得退单</span>}
      </Part>
      {work.assists.map((assist) => (
        <Part
          key={assist.unit}
          title={assist.whistle ? "应哨" : "协办"}
          said={[inside(assist.inside), assisted(assist, now)].filter(Boolean).join("\n")}
        >
          {assist.name} {signed(assist.signed_at, assist.whistle ? "报到" : "签收")}
        </Part>
      ))}
      {copies.map(({ unit, name, to, basis }) => (
        <Part key={`${unit} ${name}`} title="抄送">
          {unitName(unit)}
          {to === "discipline" && "纪检监察机构"} <span className="muted">{name}</span> <BasisLink basis={basis} of="抄送" />
        </Part>
      ))}
      {work.note && <Part title="派单说明" said={work.note} />}
      <ByCatalogue ticket={ticket} />
    </>
  );
}

/** What is asked for while it is in hand, and what was decided on the way. */
function Requests({ work, ticket: { now } }: WorkProps) {
  const when = (at: string) => <span className="muted">{dateTime(at, now)}</span>;
  return (
    <>
      {work.return_opened && <Part title="开放退单" said={work.return_opened} />}
      {work.returning && <Part title="申请退单" said={returning(work.returning)} />}
      {work.consultation && (
        <Part title="退单会商" said={work.consultation.question}>
          {work.consultation.level}
        </Part>
      )}
      {work.extension && (
        <Part title="申请延期" said={extension(work.extension)}>
          {work.extension.days}天{work.extension.force_majeure && "，因不可抗力"}
        </Part>
      )}
      {work.longer && <Part title="办理期限">已声明延长</Part>}
      {work.supplement && <Part title="要求补充" said={work.supplement} />}
      {work.reported_up && (
        <Part title="报请协调" said={work.reported_up.text}>
          {work.reported_up.who} {when(work.reported_up.at)}
        </Part>
      )}
    </>
  );
}

function Handling({ ticket, work }: WorkProps) {
  const unitName = useUnitName();
  const when = (at: string) => dateTime(at, ticket.now);
  return (
    <>
      {work.contacts.map(({ by, reached, explained, note, at, unit }) => (
        <Part key={at} title="联系" said={note}>
          {CONTACTS[by]} {reached ? "联系上" : "没有联系上"}
          {explained && "，已作政策解释"}{" "}
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
      {work.long_term && (
        <Part title="工作措施" said={work.long_term.measures}>
          预计{work.long_term.expected}完成
        </Part>
      )}
      {work.relayed.map(({ by, reached, note, at }) => (
        <Part key={at} title="代为答复" said={note}>
          {CONTACTS[by]} {reached ? "联系上" : "没有联系上"} <span className="muted">{when(at)}</span>
        </Part>
      ))}
      {work.closing && (
        <Part title="申请办结" said={work.closing.statement}>
          {work.closing.name}
        </Part>
      )}
    </>
  );
}

type Rating = TicketView["ratings"][number];

function Rated({ rating, several, now }: { rating: Rating; several: boolean; now: string }) {
  const { result, attitude, solved, comment, at, appeal, verdict } = rating;
  const { data: rulebook } = useQuery(rulebookQuery);
  const exempt = rulebook?.exempt_grounds.find(({ code }) => code === verdict?.exempt)?.name;
  const asked = [attitude && `对办理态度${SATISFACTION[attitude]}`, solved != null && (solved ? "问题已解决" : "问题没有解决")];
  return (
    <>
      <Part title="评价" said={[asked.filter(Boolean).join("，"), comment].filter(Boolean).join("\n")}>
        <strong>{SATISFACTION[result]}</strong>{" "}
        <span className="muted">
          {several && `第${appeal}次诉求 · `}
          {dateTime(at, now)}
        </span>
      </Part>
      {verdict && (
        <Part title="核实" said={verdict.reason}>
          {FINDINGS[verdict.finding]}
          {exempt && <span className="muted">（{exempt}）</span>}
        </Part>
      )}
    </>
  );
}

function Afterwards({ ticket: { closed, ratings, settled, appeals, now } }: Props) {
  const when = (at: string) => <span className="muted">{dateTime(at, now)}</span>;
  const several = appeals.length > 1;
  return (
    <>
      {closed && (
        <Part title="办结" said={closed.statement}>
          {closed.ground} {when(closed.at)} {closed.tracking && <span className="mark provisional">跟踪督办中</span>}
        </Part>
      )}
      {closed?.attempts.map(({ by, reached, note, at, appeal }) => (
        <Part key={at} title="回访" said={note}>
          {several && `第${appeal}次诉求 `}
          {CONTACTS[by]} {reached ? "联系上" : "没有联系上"} {when(at)}
        </Part>
      ))}
      {ratings.map((rating) => (
        <Fragment key={`${rating.at} ${rating.appeal}`}>
          <Rated rating={rating} several={several} now={now} />
        </Fragment>
      ))}
      {closed?.settlement && !settled && (
        <Part title="申请定案" said={`${closed.settlement.opinion}\n证明材料：${closed.settlement.proof}`}>
          <span className="mark provisional">待审核</span>
        </Part>
      )}
      {settled && (
        <Part title="定案" said={`重复诉求按此答复：${settled.opinion}`}>
          {when(settled.at)} <BasisLink basis={settled.basis} of="定案" />
        </Part>
      )}
    </>
  );
}

/** Who handles it, what they did and how far they are. */
export function WorkCard({ ticket }: Props) {
  const { work } = ticket;
  if (!work && !hasDeskParts(ticket)) return null;
  return (
    <section className="card">
      <h2>
        办理情况
        {work && work.round > 1 && <span className="mark supervised">第{work.round - 1}次重办</span>}
      </h2>
      <dl className="pairs card-body">
        <DeskParts ticket={ticket} />
        {work && <Units ticket={ticket} work={work} />}
        {work && <Requests ticket={ticket} work={work} />}
        {work && <Handling ticket={ticket} work={work} />}
        <Afterwards ticket={ticket} />
      </dl>
    </section>
  );
}
