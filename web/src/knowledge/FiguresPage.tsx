import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert, Button, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { entryQuery, knowledgeFiguresQuery, knowledgeSampleQuery, knowledgeSamplesQuery, queryClient } from "../api/queries";
import type { KnowledgeFigures, Share } from "../api/types";
import { paths } from "../paths";
import { fullDateTime } from "../time";
import { Heads } from "../ui/Heads";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { Tabs } from "./Tabs";
import type { ListName } from "./search";
import "./knowledge.css";

/** A rate with its base beside it; without a base there is none. */
function Rated({ share: { part, base, percent } }: { share: Share }) {
  return (
    <>
      <strong>{percent == null ? "—" : `${percent}%`}</strong>
      <span className="muted">
        {" "}
        {part}/{base}
      </span>
    </>
  );
}

function Sums({ figures }: { figures: KnowledgeFigures }) {
  return (
    <dl className="figures">
      <div>
        <dt>即时答复率</dt>
        <dd>
          <Rated share={figures.at_once} />
        </dd>
        <dd className="muted">当场答复 / 登记</dd>
      </div>
      <div>
        <dt>知识准确率</dt>
        <dd>
          <Rated share={figures.accuracy} />
        </dd>
        <dd className="muted">正确 / 已核对{figures.unmarked > 0 && `；另有${figures.unmarked}条抽出未核对`}</dd>
      </div>
      <div>
        <dt>使用</dt>
        <dd>
          <strong>{figures.answered}</strong> 次用于即时答复
        </dd>
        <dd className="muted">
          引用 {figures.cited} 次，打开 {figures.opened} 次
        </dd>
      </div>
    </dl>
  );
}

function Units({ figures }: { figures: KnowledgeFigures }) {
  const cell = (unit: string, list: ListName, n: number) =>
    n > 0 ? (
      <Link to={paths.knowledgeLists} search={{ list, unit }}>
        {n}
      </Link>
    ) : (
      <span className="muted">0</span>
    );
  return (
    <table className="knowledge-table">
      <Heads names={["责任单位", "已发布", "长期未更新", "从未用过", "待审核", "待办", "已超期", "有误待改", "线索", "准确率"]} />
      <tbody>
        {figures.units.map((unit) => (
          <tr key={unit.unit}>
            <td data-label="责任单位">{unit.unit_name}</td>
            <td data-label="已发布">{cell(unit.unit, "all", unit.published)}</td>
            <td data-label="长期未更新">{cell(unit.unit, "stale", unit.stale)}</td>
            <td data-label="从未用过">{cell(unit.unit, "unused", unit.unused)}</td>
            <td data-label="待审核">{cell(unit.unit, "review", unit.review)}</td>
            <td data-label="待办">{cell(unit.unit, "owed", unit.owed)}</td>
            <td data-label="已超期">{cell(unit.unit, "late", unit.late)}</td>
            <td data-label="有误待改">{cell(unit.unit, "wrong", unit.wrong)}</td>
            <td data-label="线索">{unit.found}</td>
            <td data-label="准确率">
              <Rated share={unit.accuracy} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Draw({ drawn }: { drawn: (sample: number) => void }) {
  const draw = useMutation({
    mutationFn: (body: { word: string; size: number }) => unwrap(api.POST("/api/v1/knowledge/samples", { body })),
    onSuccess: ({ sample }) => {
      void queryClient.invalidateQueries({ queryKey: ["knowledge"] });
      drawn(sample.sample);
    },
  });
  return (
    <Form layout="inline" className="card-body draw" initialValues={{ size: 20 }} onFinish={(values) => draw.mutate(values)}>
      <Form.Item name="word" label="期次" rules={[{ required: true, whitespace: true, message: "请写明期次" }]}>
        <Input placeholder="2026年5月" maxLength={40} />
      </Form.Item>
      <Form.Item name="size" label="条数">
        <InputNumber min={1} max={500} />
      </Form.Item>
      <Button htmlType="submit" loading={draw.isPending}>
        抽取
      </Button>
      {draw.error && <Alert type="error" showIcon title={problemOf(draw.error).message} />}
    </Form>
  );
}

function Mark({ sample, entry }: { sample: number; entry: string }) {
  const [wrong, setWrong] = useState(false);
  const [note, setNote] = useState("");
  const mark = useMutation({
    mutationFn: (right: boolean) =>
      unwrap(
        api.POST("/api/v1/knowledge/{entry}/commands", {
          params: { path: { entry } },
          body: { command: { do: "check", sample, right, note } },
        }),
      ),
    onSuccess: (after) => {
      if (after) queryClient.setQueryData(entryQuery(entry).queryKey, after);
      void queryClient.invalidateQueries({ queryKey: ["knowledge"] });
    },
  });
  return (
    <span className="knowledge-acts">
      {wrong ? (
        <>
          <Input size="small" className="wrong-note" aria-label="哪里有误" placeholder="哪里有误" value={note} onChange={(event) => setNote(event.target.value)} />
          <Button size="small" danger loading={mark.isPending} onClick={() => mark.mutate(false)}>
            有误
          </Button>
          <Button size="small" onClick={() => setWrong(false)}>
            取消
          </Button>
        </>
      ) : (
        <>
          <Button size="small" loading={mark.isPending} onClick={() => mark.mutate(true)}>
            正确
          </Button>
          <Button size="small" onClick={() => setWrong(true)}>
            有误
          </Button>
        </>
      )}
      {mark.error && <span className="late">{problemOf(mark.error).message}</span>}
    </span>
  );
}

function Sample({ sample }: { sample: number }) {
  const { data, error, refetch } = useQuery(knowledgeSampleQuery(sample));
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!data) return <Loading what="抽查" rows={3} />;
  return (
    <ol className="card-body entry-records">
      {data.entries.map(({ entry, title, unit_name, right, by }) => (
        <li key={entry} className="sampled">
          <span>
            <Link to={paths.entry} params={{ entry }}>
              {title}
            </Link>
            <span className="muted"> {unit_name}</span>
          </span>
          {right == null ? <Mark sample={sample} entry={entry} /> : <span className={right ? "mark plain" : "mark overdue"}>{right ? "正确" : "有误"} · {by}</span>}
        </li>
      ))}
    </ol>
  );
}

function Samples() {
  const { data, error, refetch } = useQuery(knowledgeSamplesQuery);
  const [chosen, setChosen] = useState<number>();
  const shown = chosen ?? data?.[0]?.sample;
  return (
    <>
      <h3 className="knowledge-note">抽查</h3>
      <Draw drawn={setChosen} />
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what="抽查" rows={3} />
      ) : data.length === 0 ? (
        <Nothing title="还没有抽查过">写明期次，抽取一批已发布的条目，逐条核对是否正确。</Nothing>
      ) : (
        <>
          <p className="card-body samples">
            {data.map((sample) => (
              <Button key={sample.sample} size="small" type={sample.sample === shown ? "primary" : "default"} onClick={() => setChosen(sample.sample)}>
                {sample.word}：{sample.drawn}条，已核对{sample.accuracy.base}
              </Button>
            ))}
          </p>
          {data
            .filter(({ sample }) => sample === shown)
            .map(({ sample, by, at, entries }) => (
              <p key={sample} className="muted knowledge-note">
                {by} {fullDateTime(at)} 从{entries}条已发布的条目中抽取；同一期次、同一批条目再抽，结果相同
              </p>
            ))}
          {shown && <Sample sample={shown} />}
        </>
      )}
    </>
  );
}

/** How much of the knowledge base is right, kept up and used. */
export function FiguresPage() {
  useTitle("知识准确率与更新");
  const [days, setDays] = useState<{ from?: string; to?: string }>({});
  const { data, error, refetch } = useQuery(knowledgeFiguresQuery(days));
  const day = (key: "from" | "to", label: string) => (
    <Input
      type="date"
      className="figures-day"
      aria-label={label}
      value={days[key] ?? data?.[key] ?? ""}
      onChange={({ target }) => setDays({ ...days, [key]: target.value || undefined })}
    />
  );
  return (
    <section className="knowledge card" aria-label="知识准确率与更新">
      <h2>知识库</h2>
      <Tabs />
      <div className="knowledge-tools">
        {day("from", "开始日期")} 至 {day("to", "结束日期")}
      </div>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what="统计" />
      ) : (
        <>
          <Sums figures={data} />
          {data.units.length > 0 ? <Units figures={data} /> : <Nothing title="知识库还是空的">各单位报送并审核发布后，这里显示各单位的情况。</Nothing>}
          <Samples />
        </>
      )}
    </section>
  );
}
