import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Button } from "antd";
import { entryQuery } from "../api/queries";
import type { Entry } from "../api/types";
import { paths, ticketHref } from "../paths";
import { Clocks } from "../ticket/Clocks";
import { dateTime, fullDateTime } from "../time";
import { Failed, Loading } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { EntryActions } from "./EntryActions";
import { Said } from "./Said";
import { Tabs } from "./Tabs";
import { useCopy } from "./copy";
import { Compared, Versions } from "./Versions";
import "./knowledge.css";

function Head({ entry }: { entry: Entry }) {
  const copy = useCopy();
  const { current, uses } = entry;
  const future = current?.content.policy && !current.content.policy.official;
  return (
    <section className="card" aria-label="知识条目">
      <h2>
        {entry.title}
        <span className="end">
          {current && entry.live && (
            <Button size="small" onClick={() => void copy(entry.entry, current.content.text)}>
              复制答案
            </Button>
          )}
        </span>
      </h2>
      <div className="card-body">
        <p className="entry-facts">
          <span className="state">{entry.state_name}</span>
          {entry.wrong && <span className="mark overdue">有误，正在修正</span>}
          {current?.script && <span className="mark urgent">应答口径，尚未审核</span>}
          {future && <span className="mark provisional">公布前报送，{current.content.policy?.public_on} 前不得对外答复</span>}
          <span className="muted">
            {entry.section_name} · {entry.unit_name}负责 · <span className="number">{entry.entry}</span>
            {current && ` · 第${current.version}版`}
            {entry.renewed_at && ` · ${dateTime(entry.renewed_at)} 确认`}
            {` · 即时答复用 ${uses.answered} 次，引用 ${uses.cited} 次，打开 ${uses.opened} 次`}
          </span>
        </p>
        {current ? <Said content={current.content} entry={entry} /> : <p className="muted">还没有发布的内容。</p>}
      </div>
    </section>
  );
}

function Asked({ entry }: { entry: Entry }) {
  const { question } = entry;
  if (!question) return null;
  return (
    <section className="card" aria-label="提问">
      <h2>{question.ticket ? "派单要求录入" : "提问"}</h2>
      <div className="card-body">
        <p className="plain-text">{question.text}</p>
        <p className="muted">
          {question.by} · {fullDateTime(question.at)}
          {question.urgent && " · 紧急"}
          {question.ticket && (
            <>
              {" · "}
              <a href={ticketHref(question.ticket)}>{question.ticket}</a>
            </>
          )}
        </p>
        {question.answer && (
          <p className="plain-text quoted">
            {question.answer}
            {question.answered_at && <span className="muted"> {fullDateTime(question.answered_at)} 答复</span>}
          </p>
        )}
      </div>
    </section>
  );
}

function Waiting({ entry }: { entry: Entry }) {
  const { pending, current, notice } = entry;
  if (!pending) return null;
  return (
    <section className="card" aria-label="待审核的内容">
      <h2>{pending.returned ? "退回修改的内容" : "待审核的内容"}</h2>
      <div className="card-body">
        <p className="muted">
          {pending.by} · {fullDateTime(pending.at)} 报送
          {notice && ` · 公布前${notice.days}个工作日报送，${notice.in_time ? "按期" : "不按期"}（${notice.basis.article}）`}
        </p>
        {pending.returned && <p className="late">退回理由：{pending.returned}</p>}
        {entry.hints.map((hint) => (
          <p key={hint} className="late">
            {hint}
          </p>
        ))}
        <h3>{pending.content.title}</h3>
        <Said content={pending.content} entry={entry} />
        {current && !current.script && (
          <>
            <h3>与现行第{current.version}版比较</h3>
            <Compared before={current.content} after={pending.content} />
          </>
        )}
      </div>
    </section>
  );
}

function Records({ entry }: { entry: Entry }) {
  return (
    <>
      {entry.errors.length > 0 && (
        <section className="card" aria-label="报错">
          <h2>报错</h2>
          <ul className="card-body entry-records">
            {entry.errors.map((error) => (
              <li key={error.no}>
                {error.what} <span className={error.state === "confirmed" ? "mark overdue" : "mark plain"}>{error.state_name}</span>
                <p className="muted">
                  {error.by} · {fullDateTime(error.at)}
                  {error.note && ` · ${error.note}`}
                </p>
              </li>
            ))}
          </ul>
        </section>
      )}
      {entry.found.length > 0 && (
        <section className="card" aria-label="须核实的线索">
          <h2>须核实的线索</h2>
          <ul className="card-body entry-records">
            {entry.found.map(({ name, basis }, n) => (
              <li key={n}>
                {name}
                <span className="muted">（{basis.article}）</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {entry.history.length > 0 && (
        <section className="card" aria-label="经过">
          <h2>经过</h2>
          <ol className="card-body entry-records">
            {entry.history.map((line, n) => (
              <li key={n}>
                <strong>{line.what}</strong> {line.note}
                <p className="muted">
                  {line.by} · {fullDateTime(line.at)}
                </p>
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  );
}

/** An entry: what is said, what comes next, what can be done, and how it came about. */
export function EntryPage() {
  const { entry: number } = useParams({ from: "/shell/knowledge/entries/$entry" });
  const { data: entry, error, refetch } = useQuery(entryQuery(number));
  useTitle(entry?.title ?? number);
  return (
    <div className="entry">
      <div className="entry-top card">
        <Tabs />
        <Link to={paths.knowledge} search={{}} className="entry-back">
          回到查找
        </Link>
      </div>
      {error ? (
        <section className="card">
          <Failed error={error} retry={() => void refetch()} />
        </section>
      ) : !entry ? (
        <section className="card">
          <Loading what="知识条目" />
        </section>
      ) : (
        <div className="entry-columns">
          <div>
            <Head entry={entry} />
            <Asked entry={entry} />
            <Waiting entry={entry} />
            <Versions key={entry.version} entry={entry} />
          </div>
          <div>
            <EntryActions entry={entry} />
            {entry.clocks.length > 0 && <Clocks ticket={entry} />}
            <Records entry={entry} />
          </div>
        </div>
      )}
    </div>
  );
}
