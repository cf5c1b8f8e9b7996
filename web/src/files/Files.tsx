import { DownloadOutlined, UploadOutlined } from "@ant-design/icons";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Progress, Select } from "antd";
import { useRef, useState } from "react";
import { problemOf } from "../api/problem";
import { ticketQuery } from "../api/queries";
import type { FilePurpose, FileRules, FileView, TicketView } from "../api/types";
import { dateTime } from "../time";
import { type Progress as Going, upload } from "./upload";
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

const STEPS: Record<Going["step"], string> = {
  sending: "正在上传",
  waiting: "连接中断，正在重试",
  checking: "正在检查文件",
};

type Sent = { name: string; going?: Going };
type Failure = { name: string; why: string };

function AddFile({ number, rules }: { number: string; rules: FileRules }) {
  const cache = useQueryClient();
  const chooser = useRef<HTMLInputElement>(null);
  const [purpose, setPurpose] = useState<FilePurpose>(rules.purposes[0]!.purpose);
  const [sent, setSent] = useState<Sent>();
  const [failures, setFailures] = useState<Failure[]>([]);
  const [stop, setStop] = useState<AbortController>();

  async function send(file: File, signal: AbortSignal) {
    const { name } = file;
    setSent({ name });
    try {
      signal.throwIfAborted();
      const told = (going: Going) => setSent({ name, going });
      const ticket = await upload({ number, purpose, file, told, signal });
      cache.setQueryData(ticketQuery(number).queryKey, ticket);
    } catch (error) {
      const why = signal.aborted ? "已取消" : problemOf(error).message;
      setFailures((before) => [...before, { name, why }]);
    }
  }

  async function sendAll(files: File[]) {
    const stopping = new AbortController();
    setStop(stopping);
    setFailures([]);
    for (const file of files) await send(file, stopping.signal);
    setSent(undefined);
    setStop(undefined);
  }

  return (
    <div className="add-file">
      <label>
        用途{" "}
        <Select
          value={purpose}
          onChange={setPurpose}
          disabled={!!stop}
          aria-label="附件用途"
          options={rules.purposes.map((p) => ({ value: p.purpose, label: p.name }))}
        />
      </label>
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        accept={rules.accept}
        aria-label="选择附件"
        onChange={({ target }) => {
          const files = Array.from(target.files ?? []);
          target.value = "";
          void sendAll(files);
        }}
      />
      <Button icon={<UploadOutlined aria-hidden />} disabled={!!stop} onClick={() => chooser.current?.click()}>
        上传附件
      </Button>
      {stop && <Button onClick={() => stop.abort()}>取消上传</Button>}
      {sent?.going && (
        <div role="status">
          <span>
            {sent.name}：{STEPS[sent.going.step]}
          </span>
          <Progress percent={Math.round(sent.going.share * 100)} size="small" aria-label="上传进度" />
        </div>
      )}
      {failures.map(({ name, why }, i) => (
        <p key={i} role="alert" className="file-failed">
          “{name}”没有附上：{why}
        </p>
      ))}
      <p className="muted">{rules.words}。中断后再选同一个文件，会从断开处继续。</p>
    </div>
  );
}
