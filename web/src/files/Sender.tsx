import { UploadOutlined } from "@ant-design/icons";
import { Button, Progress } from "antd";
import { type ReactNode, useRef, useState } from "react";
import { problemOf } from "../api/problem";
import type { Progress as Going } from "./upload";
import "./files.css";

const STEPS: Record<Going["step"], string> = {
  sending: "正在上传",
  waiting: "连接中断，正在重试",
  checking: "正在检查文件",
};

type Sent = { name: string; going?: Going };
type Failure = { name: string; why: string };

type Props = {
  accept: string;
  /** What may be sent in, and how much of it. */
  words: string;
  send: (sending: { file: File; told: (going: Going) => void; signal: AbortSignal }) => Promise<void>;
  /** Whether something is being sent. */
  busy?: (busy: boolean) => void;
  /** What else is chosen before a file. */
  children?: (busy: boolean) => ReactNode;
};

/** Chooses files and sends them one after the other: progress, giving up, and what was not taken with its reason. */
export function Sender({ accept, words, send, busy, children }: Props) {
  const chooser = useRef<HTMLInputElement>(null);
  const [sent, setSent] = useState<Sent>();
  const [failures, setFailures] = useState<Failure[]>([]);
  const [stop, setStop] = useState<AbortController>();

  async function sendOne(file: File, signal: AbortSignal) {
    const { name } = file;
    setSent({ name });
    try {
      signal.throwIfAborted();
      await send({ file, told: (going) => setSent({ name, going }), signal });
    } catch (error) {
      const why = signal.aborted ? "已取消" : problemOf(error).message;
      setFailures((before) => [...before, { name, why }]);
    }
  }

  async function sendAll(files: File[]) {
    const stopping = new AbortController();
    setStop(stopping);
    busy?.(true);
    setFailures([]);
    for (const file of files) await sendOne(file, stopping.signal);
    setSent(undefined);
    setStop(undefined);
    busy?.(false);
  }

  return (
    <div className="add-file">
      {children?.(!!stop)}
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        accept={accept}
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
      <p className="muted">{words}。中断后再选同一个文件，会从断开处继续。</p>
    </div>
  );
}
