import { DownloadOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { api } from "../api/client";
import { unwrap } from "../api/problem";
import { ticketQuery } from "../api/queries";
import type { FilePurpose, FileRules, FileView, TicketView } from "../api/types";
import { dateTime } from "../time";
import { Sender } from "./Sender";
import { upload } from "./upload";
import "./files.css";

type Props = { ticket: TicketView };

/** What is attached to a ticket, and the way to attach more. */
export function Files({ ticket }: Props) {
  const { number, files, file_rules: rules, now } = ticket;
  if (!files.length && !rules) return null;
  return (
    <section className="card" aria-label="附件">
      <h2>附件</h2>
      <ul className="appeals files">
        {files.map((file) => (
          <OneFile key={file.no} file={file} number={number} now={now} />
        ))}
      </ul>
      {rules && rules.purposes.length > 0 && <AddFile number={number} rules={rules} />}
    </section>
  );
}

function OneFile({ file: { no, purpose_name, known }, number, now }: { file: FileView; number: string; now: string }) {
  if (!known) {
    return (
      <li>
        <strong>
          附件{no} · {purpose_name}
        </strong>
        <span className="muted">为保护诉求人信息或不涉及您的工作，名称和内容不显示</span>
      </li>
    );
  }
  const { name, sort, size_words, by, unit_name, at, check, check_name, open } = known;
  return (
    <li>
      {open ? (
        <a href={`/api/v1/tickets/${number}/files/${no}`} download={name}>
          <DownloadOutlined aria-hidden /> {name}
        </a>
      ) : (
        <strong>{name}</strong>
      )}
      <span className={check === "infected" ? "mark overdue" : "mark plain"}>{check_name}</span>
      <span className="muted">
        {purpose_name} · {sort} · {size_words} · {unit_name ?? by} · {dateTime(at, now)}
      </span>
    </li>
  );
}

function AddFile({ number, rules }: { number: string; rules: FileRules }) {
  const cache = useQueryClient();
  const [purpose, setPurpose] = useState<FilePurpose>(rules.purposes[0]!.purpose);
  const path = { number };
  const goal = {
    key: `${number}:${purpose}`,
    begin: (file: { name: string; size: number }) =>
      unwrap(api.POST("/api/v1/tickets/{number}/files", { params: { path }, body: { ...file, purpose } })),
    finish: (id: string) => unwrap(api.POST("/api/v1/uploads/{id}/finish", { params: { path: { id } } })),
  };
  return (
    <Sender
      accept={rules.accept}
      words={rules.words}
      send={async (sending) => {
        cache.setQueryData(ticketQuery(number).queryKey, await upload({ goal, ...sending }));
      }}
    >
      {(busy) => (
        <label>
          用途{" "}
          <Select
            value={purpose}
            onChange={setPurpose}
            disabled={busy}
            aria-label="附件用途"
            options={rules.purposes.map((p) => ({ value: p.purpose, label: p.name }))}
          />
        </label>
      )}
    </Sender>
  );
}
