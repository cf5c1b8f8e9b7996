import { EyeOutlined } from "@ant-design/icons";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert, Button, Modal } from "antd";
import { useState } from "react";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import type { AppealView, Masked, OpenPurpose, PersonField, TicketView } from "../api/types";
import { paths } from "../paths";
import { useRight } from "../session/session";
import { dateTime } from "../time";
import { Purpose, type Stated } from "../ui/Purpose";
import { CONTACTS, OPEN_PURPOSES, PERSON_FIELDS, SATISFACTION, STATES } from "../words";

type Opening = { number: string; no: number; field: PersonField; shown: (value: string) => void; close: () => void };

/** Opening one field of who somebody is needs a purpose; both are recorded. */
function Ask({ number, no, field, shown, close }: Opening) {
  const [stated, setStated] = useState<Stated<OpenPurpose>>({ purpose: "follow-up", note: "" });
  const revealing = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/tickets/{number}/appeals/{no}/reveal", { params: { path: { number, no } }, body: { field, ...stated } }),
      ),
    onSuccess: ({ value }) => shown(value),
  });
  return (
    <Modal
      open
      title={`查看诉求人${PERSON_FIELDS[field]}`}
      okText="查看"
      cancelText="取消"
      width={440}
      onCancel={close}
      onOk={() => revealing.mutate()}
      confirmLoading={revealing.isPending}
    >
      <p className="muted">谁在何时为何查看了哪一项，都会记录在案。</p>
      {revealing.error && <Alert type="error" showIcon title={problemOf(revealing.error).message} />}
      <Purpose names={OPEN_PURPOSES} value={stated} change={setStated} label="说明（选“其他”时必填）" />
    </Modal>
  );
}

/** What stands where in the masked view of somebody. */
const MASKED: [PersonField, keyof Masked][] = [
  ["name", "name"],
  ["phone", "phone"],
  ["email", "email"],
  ["address", "address"],
  ["id-number", "id_number"],
];

function Who({ number, no, masked }: { number: string; no: number; masked: Masked }) {
  const mayReveal = useRight("reveal");
  const [asking, setAsking] = useState<PersonField>();
  const [open, setOpen] = useState<Partial<Record<PersonField, string>>>({});
  const there = MASKED.filter(([, key]) => masked[key]);
  if (there.length === 0) return <span className="appeal-who">未留姓名和电话</span>;
  return (
    <>
      {there.map(([field, key]) => (
        <span key={field} className="appeal-who">
          {open[field] ?? masked[key]}
          {mayReveal && open[field] === undefined && (
            <Button
              type="text"
              size="small"
              title={`查看${PERSON_FIELDS[field]}`}
              aria-label={`查看${PERSON_FIELDS[field]}`}
              icon={<EyeOutlined aria-hidden />}
              onClick={() => setAsking(field)}
            />
          )}
        </span>
      ))}
      {asking && (
        <Ask
          number={number}
          no={no}
          field={asking}
          close={() => setAsking(undefined)}
          shown={(value) => {
            setOpen({ ...open, [asking]: value });
            setAsking(undefined);
          }}
        />
      )}
    </>
  );
}

function AppealRow({ ticket, appeal }: { ticket: TicketView; appeal: AppealView }) {
  return (
    <li>
      {appeal.appellant ? (
        <Who number={ticket.number} no={appeal.no} masked={appeal.appellant} />
      ) : (
        <span className="muted">{ticket.confidential ? "诉求人要求保密，信息不显示" : "您的岗位不显示诉求人信息"}</span>
      )}
      <span className="muted appeal-when">
        第{appeal.no}次{appeal.same_as && `（与第${appeal.same_as}次同一人）`} · {dateTime(appeal.received_at, ticket.now)} · {appeal.channel_name} · {CONTACTS[appeal.follow_up_by]}回访
      </span>
      {appeal.withdrawn && <span className="mark plain">已撤回</span>}
      {appeal.from && <span className="muted">由 {appeal.from} 并入</span>}
      {appeal.first_rating && <FirstAndFinal appeal={appeal} />}
      {appeal.note && <p className="plain-text appeal-note">{appeal.note}</p>}
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
