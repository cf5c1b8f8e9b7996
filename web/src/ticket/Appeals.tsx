import { EyeOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert, Button, Input, Modal } from "antd";
import { useState } from "react";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import type { AppealView, Person, TicketView } from "../api/types";
import { paths } from "../paths";
import { useRight } from "../session/session";
import { dateTime } from "../time";
import { CONTACTS, SATISFACTION, STATES } from "../words";

type Opening = { number: string; no: number; shown: (person: Person) => void; close: () => void };

/** Opening somebody's name and number needs a reason; both are recorded. */
function AskReason({ number, no, shown, close }: Opening) {
  const [reason, setReason] = useState("");
  const revealing = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/tickets/{number}/appeals/{no}/reveal", { params: { path: { number, no } }, body: { reason: reason.trim() } }),
      ),
    onSuccess: shown,
  });
  return (
    <Modal
      open
      title="查看诉求人信息"
      okText="查看"
      cancelText="取消"
      width={440}
      onCancel={close}
      onOk={() => revealing.mutate()}
      okButtonProps={{ disabled: !reason.trim() }}
      confirmLoading={revealing.isPending}
    >
      <p className="muted">谁在何时以什么理由查看，都会记录在案。</p>
      {revealing.error && <Alert type="error" showIcon title={problemOf(revealing.error).message} />}
      <label className="reveal-reason">
        查看理由
        <Input
          autoFocus
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          onPressEnter={() => reason.trim() && revealing.mutate()}
          placeholder="例如：回电核实地点"
        />
      </label>
    </Modal>
  );
}

function Who({ person }: { person: Person }) {
  const parts = [person.name, person.phone, person.email, person.address].filter(Boolean);
  return <span className="appeal-who">{parts.length > 0 ? parts.join("　") : "未留姓名和电话"}</span>;
}

function AppealRow({ ticket, appeal }: { ticket: TicketView; appeal: AppealView }) {
  const mayReveal = useRight("reveal");
  const [asking, setAsking] = useState(false);
  const [person, setPerson] = useState<Person>();
  return (
    <li>
      {appeal.appellant ? (
        <Who person={person ?? appeal.appellant} />
      ) : (
        <span className="muted">{ticket.confidential ? "诉求人要求保密，信息不显示" : "您的岗位不显示诉求人信息"}</span>
      )}
      {appeal.appellant && mayReveal && !person && (
        <Button size="small" icon={<EyeOutlined aria-hidden />} onClick={() => setAsking(true)}>
          查看
        </Button>
      )}
      <span className="muted appeal-when">
        第{appeal.no}次{appeal.same_as && `（与第${appeal.same_as}次同一人）`} · {dateTime(appeal.received_at, ticket.now)} · {appeal.channel_name} · {CONTACTS[appeal.follow_up_by]}回访
      </span>
      {appeal.withdrawn && <span className="mark plain">已撤回</span>}
      {appeal.from && <span className="muted">由 {appeal.from} 并入</span>}
      {appeal.first_rating && <FirstAndFinal appeal={appeal} />}
      {appeal.note && <p className="plain-text appeal-note">{appeal.note}</p>}
      {asking && (
        <AskReason
          number={ticket.number}
          no={appeal.no}
          close={() => setAsking(false)}
          shown={(found) => {
            setPerson(found);
            setAsking(false);
          }}
        />
      )}
    </li>
  );
}

/** What the appellant said first and what they say now, over all handlings. */
function FirstAndFinal({ appeal: { first_rating: first, final_rating: last } }: { appeal: AppealView }) {
  if (!first || !last) return null;
  const changed = first.at !== last.at;
  return (
    <span className="appeal-rated">
      {changed ? `首次评价${SATISFACTION[first.result]}，最终${SATISFACTION[last.result]}` : `评价${SATISFACTION[last.result]}`}
    </span>
  );
}

/** Tickets on the same matter, and how they stood when that was confirmed. */
function Earlier({ ticket: { earlier, standing } }: { ticket: TicketView }) {
  if (earlier.length === 0) return null;
  return (
    <ul className="earlier" aria-label="此前的工单">
      {earlier.map((number) => {
        const stood = standing[number];
        return (
          <li key={number}>
            此前{" "}
            <Link to={paths.ticket} params={{ number }} className="number">
              {number}
            </Link>
            {stood && <span className="muted">{[STATES[stood.state], stood.replied && "已答复"].filter(Boolean).join("，")}</span>}
            {stood?.settled && <p className="plain-text quoted">已定案：{stood.settled}</p>}
          </li>
        );
      })}
    </ul>
  );
}

export function Appeals({ ticket }: { ticket: TicketView }) {
  return (
    <section className="card">
      <h2>
        诉求人
        <span className="end muted">
          {ticket.contacts > 1 && `共${ticket.contacts}次诉求`}
          {ticket.persons > 1 && ` · ${ticket.persons}人`}
        </span>
      </h2>
      <ul className="appeals">
        {ticket.appeals.map((appeal) => (
          <AppealRow key={appeal.no} ticket={ticket} appeal={appeal} />
        ))}
      </ul>
      <Earlier ticket={ticket} />
    </section>
  );
}
