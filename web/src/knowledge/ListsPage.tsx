import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { knowledgeChoicesQuery, knowledgeListQuery, unitsQuery } from "../api/queries";
import type { KnowledgeLine } from "../api/types";
import { paths } from "../paths";
import { useMe } from "../session/session";
import { dateTime, dueDateTime } from "../time";
import { Heads } from "../ui/Heads";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { unitOption, unitSearch } from "../units";
import { AskDialog } from "./AskDialog";
import { LISTS, listFilters } from "./search";
import { Tabs } from "./Tabs";
import "./knowledge.css";

function Row({ line }: { line: KnowledgeLine }) {
  return (
    <tr>
      <td data-label="条目">
        <span>
          <Link to={paths.entry} params={{ entry: line.entry }}>
            {line.title}
          </Link>
          <span className="muted number"> {line.entry}</span>
        </span>
      </td>
      <td data-label="栏目">{line.section_name}</td>
      <td data-label="责任单位">{line.unit_name}</td>
      <td data-label="状态">
        {line.state_name}
        {line.review && line.state !== "review" && <span className="mark plain">新版待审核</span>}
        {line.reported && <span className="mark urgent">有人报错</span>}
        {line.wrong && <span className="mark overdue">有误待改</span>}
      </td>
      <td data-label="时限">
        {line.due && (
          <span className={line.late ? "late" : undefined}>
            {line.due_name} {dueDateTime(line.due)}
            {line.late && "（已超期）"}
          </span>
        )}
      </td>
      <td data-label="最近确认">{line.renewed_at && dateTime(line.renewed_at)}</td>
    </tr>
  );
}

const EMPTY: Record<string, string> = {
  owed: "没有单位欠答复、欠录入。",
  review: "没有等待审核的内容。",
  stale: "各条目都在期限内更新或确认过。",
  unused: "已发布满三十天的条目都有人用过。",
};

/** Entries by what has to be done with them. */
export function ListsPage() {
  useTitle("知识清单");
  const search = useSearch({ from: "/shell/knowledge/lists" });
  const navigate = useNavigate();
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const list = search.list ?? "owed";
  const { data, error, refetch } = useQuery(knowledgeListQuery(listFilters(search)));
  const { data: units } = useQuery(unitsQuery);
  const { data: choices } = useQuery(knowledgeChoicesQuery);
  const to = (change: Partial<typeof search>) =>
    void navigate({ to: paths.knowledgeLists, search: { ...search, cursor: undefined, ...change } });
  return (
    <section className="knowledge card" aria-label="知识清单">
      <h2>知识库</h2>
      <Tabs />
      <div className="knowledge-tools">
        <Select
          className="knowledge-list"
          aria-label="清单"
          value={list}
          options={LISTS.map(([value, label]) => ({ value, label }))}
          onChange={(value) => to({ list: value })}
        />
        {!me.unit && (
          <Select
            allowClear
            className="knowledge-unit"
            aria-label="责任单位"
            placeholder="全部单位"
            value={search.unit}
            showSearch={unitSearch}
            options={[
              { value: "centre", label: "热线中心", kind: "热线中心", initials: [] },
              ...(units ?? []).filter(({ kind, active }) => active && kind !== "centre").map(unitOption),
            ]}
            onChange={(unit: string | undefined) => to({ unit })}
          />
        )}
        <Input.Search
          key={search.q ?? ""}
          allowClear
          className="knowledge-find"
          aria-label="在清单中查找"
          placeholder="标题、内容、报错中的任何字词"
          maxLength={100}
          defaultValue={search.q}
          onSearch={(q) => to({ q: q.trim() || undefined })}
        />
        {data && <span className="muted">共 {data.total} 条</span>}
        {list === "stale" && choices?.stale_after && <span className="muted">超过{choices.stale_after}没有更新或确认</span>}
        {me.rights.includes("ask-knowledge") && (
          <Button className="end" onClick={() => setAsking(true)}>
            我要提问
          </Button>
        )}
      </div>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what="清单" />
      ) : data.items.length === 0 ? (
        <Nothing title="没有这样的条目">{search.q ? "这个清单中没有同时含有这些字词的条目；换个词，或清空查找。" : (EMPTY[list] ?? "换一个清单或单位看看。")}</Nothing>
      ) : (
        <table className="knowledge-table">
          <Heads names={["条目", "栏目", "责任单位", "状态", "时限", "最近确认"]} />
          <tbody>
            {data.items.map((line) => (
              <Row key={line.entry} line={line} />
            ))}
          </tbody>
        </table>
      )}
      {data && (search.cursor || data.next) && (
        <nav className="pager" aria-label="翻页">
          <Button disabled={!search.cursor} onClick={() => to({})}>
            回到开头
          </Button>
          <Button disabled={!data.next} onClick={() => to({ cursor: data.next ?? undefined })}>
            下一页
          </Button>
        </nav>
      )}
      {asking && <AskDialog close={() => setAsking(false)} />}
    </section>
  );
}
