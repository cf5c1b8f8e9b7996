import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Input, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { knowledgeChoicesQuery, knowledgeSearchQuery, queryClient } from "../api/queries";
import { paths } from "../paths";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useSettled } from "../ui/settled";
import { useTitle } from "../ui/title";
import { Hits } from "./Hits";
import { Tabs } from "./Tabs";
import "./knowledge.css";

/** Looks an answer up in the caller's own words. Enter opens the first one. */
export function SearchPage() {
  useTitle("知识库");
  const { q, section } = useSearch({ from: "/shell/knowledge" });
  const navigate = useNavigate();
  const [typed, setTyped] = useState(q ?? "");
  const words = useSettled(typed.trim(), 200);
  const { data: choices } = useQuery(knowledgeChoicesQuery);
  const { data, error, refetch } = useQuery(knowledgeSearchQuery(words, section));
  const leaving = useRef(false);
  // Coming back from an entry finds the search as it was.
  useEffect(() => {
    if (leaving.current) return;
    void navigate({ to: paths.knowledge, search: { ...(words && { q: words }), ...(section && { section }) }, replace: true });
  }, [words, section, navigate]);
  // Whoever types fast presses Enter before the answer is there: what was typed counts, not what is shown.
  const openFirst = async () => {
    const hits = await queryClient.fetchQuery(knowledgeSearchQuery(typed.trim(), section)).catch(() => undefined);
    const first = hits?.[0];
    if (!first) return;
    leaving.current = true;
    void navigate({ to: paths.entry, params: { entry: first.entry } });
  };
  return (
    <section className="knowledge card" aria-label="知识库">
      <h2>知识库</h2>
      <Tabs />
      <div className="knowledge-tools">
        <Input.Search
          autoFocus
          allowClear
          className="knowledge-search"
          aria-label="查知识库"
          placeholder="照群众的话输入，例如：家门口的路灯坏了找谁"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onSearch={(_, __, info) => info?.source === "input" && void openFirst()}
        />
        <Select
          allowClear
          className="knowledge-section"
          aria-label="栏目"
          placeholder="全部栏目"
          value={section}
          options={choices?.sections.map(({ code, name }) => ({ value: code, label: name }))}
          onChange={(value) => void navigate({ to: paths.knowledge, search: { ...(words && { q: words }), ...(value && { section: value }) }, replace: true })}
        />
        <span className="muted">
          <kbd>Enter</kbd> 打开第一条
        </span>
      </div>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Loading what="知识库" />
      ) : data.length === 0 ? (
        <Nothing title="知识库中没有查到">换个说法试试；确实没有的，请值班长或信息员向责任单位提问。</Nothing>
      ) : (
        <>
          {!words && <p className="muted knowledge-note">最近发布的</p>}
          <Hits hits={data} />
        </>
      )}
    </section>
  );
}
