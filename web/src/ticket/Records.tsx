import type { ReactNode } from "react";
import type { Basis, TicketView, Told } from "../api/types";
import { dateTime } from "../time";
import { useUnitName } from "../units";
import { CONDUCT_STATE, EXCLUSION_STATE } from "../words";
import { BasisLink } from "./BasisLink";

type Props = { ticket: TicketView };

type RecordProps = {
  title: ReactNode;
  state?: string;
  open?: boolean;
  /** The server's own sentence: whom, for what, how it stands, on what ground. */
  why?: string;
  basis?: Basis;
  of: string;
  when?: string;
  said?: string;
};

/** One entry of a list that is kept on a ticket, with its ground. */
export function Entry({ title, state, open, why, basis, of, when, said }: RecordProps) {
  return (
    <li>
      <strong>{title}</strong>
      {state && <span className={open ? "mark supervised" : "mark plain"}>{state}</span>}
      {why && <p className="entry-why">{why}</p>}
      <span className="muted ledger-when">
        {when} {basis && <BasisLink basis={basis} of={of} />}
      </span>
      {said && <p className="plain-text quoted">{said}</p>}
    </li>
  );
}

function List({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="card">
      <h2>{title}</h2>
      <ul className="appeals">{children}</ul>
    </section>
  );
}

function told(what: string, all: Told[], now: string) {
  return all.map(({ who, text, at }) => (
    <Entry key={`${what} ${at} ${who}`} title={`${what} · ${who}`} of={what} when={dateTime(at, now)} said={text} />
  ));
}

/** What presses: urgings with their answers, leaders' instructions, the media, risks reported upward. */
export function Pressing({ ticket: { urgings, instructions, media, risks, now } }: Props) {
  const unitName = useUnitName();
  if (urgings.length + instructions.length + media.length + risks.length === 0) return null;
  return (
    <List title="催办与批示">
      {urgings.map(({ no, unit, note, at, answer, missed }) => (
        <Entry
          key={no}
          title={`催办 · ${unitName(unit)}`}
          state={answer ? "已答复" : missed ? "逾期未答复" : "待答复"}
          open={!answer}
          of="催办"
          when={dateTime(at, now)}
          said={answer ? `${note}\n答复：${answer}` : note}
        />
      ))}
      {told("批示", instructions, now)}
      {told("媒体曝光", media, now)}
      {told("风险报告", risks, now)}
    </List>
  );
}

/** Conduct for which somebody may be held to account. Whether anybody is, others decide. */
export function Conducts({ ticket: { conducts, now } }: Props) {
  const unitName = useUnitName();
  if (conducts.length === 0) return null;
  return (
    <List title="问责情形">
      {conducts.map(({ no, name, unit, why, basis, at, state }) => (
        <Entry
          key={no}
          title={`第${no}项 ${unit ? unitName(unit) : name}`}
          state={CONDUCT_STATE[state]}
          open={state === "found"}
          why={why}
          basis={basis}
          of="问责情形"
          when={dateTime(at, now)}
        />
      ))}
    </List>
  );
}

/** Applications to leave the ticket out of an assessment. */
export function Exclusions({ ticket: { exclusions } }: Props) {
  const unitName = useUnitName();
  if (exclusions.length === 0) return null;
  return (
    <List title="不纳入考核申请">
      {exclusions.map(({ no, unit, why, reason, evidence, basis, state }) => (
        <Entry
          key={no}
          title={`第${no}项 ${unitName(unit)}`}
          state={EXCLUSION_STATE[state]}
          open={state === "asked" || state === "appealed"}
          why={why}
          basis={basis}
          of="不纳入考核"
          said={[`理由：${reason}`, `证据：${evidence}`].join("\n")}
        />
      ))}
    </List>
  );
}

/** Conduct of callers, with what shows it. */
export function MaliciousRecords({ ticket: { malicious } }: Props) {
  if (malicious.length === 0) return null;
  return (
    <List title="恶意来电记录">
      {malicious.map(({ no, name, note, evidence, basis, referred }) => (
        <Entry
          key={no}
          title={name}
          state={referred ? `已移交${referred}` : undefined}
          basis={basis}
          of="恶意来电"
          said={[note, `证据：${evidence.join("、")}`].join("\n")}
        />
      ))}
    </List>
  );
}
