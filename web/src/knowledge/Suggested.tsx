import { useQuery } from "@tanstack/react-query";
import { Button, Form, type FormInstance } from "antd";
import { useState } from "react";
import { entryQuery, knowledgeSearchQuery } from "../api/queries";
import type { KnowledgeHit } from "../api/types";
import type { RegisterValues } from "../register/Fields";
import { useSettled } from "../ui/settled";
import { useCopy } from "./copy";
import { Warnings } from "./Hits";
import { Said } from "./Said";
import "./knowledge.css";

const SHOWN = 3;
const LEAST = 2;

function Whole({ hit }: { hit: KnowledgeHit }) {
  const { data } = useQuery(entryQuery(hit.entry));
  const copy = useCopy();
  if (!data?.current) return <p className="hit-text">{hit.beginning}</p>;
  const { content } = data.current;
  return (
    <>
      <Said content={content} entry={data} />
      <Button size="small" onClick={() => void copy(hit.entry, content.text)}>
        复制答案
      </Button>
    </>
  );
}

/** While a seat types, the entries that answer it: the first three. */
export function Suggested({ form }: { form: FormInstance<RegisterValues> }) {
  const title = Form.useWatch("title", form) ?? "";
  const content = Form.useWatch("content", form) ?? "";
  const words = useSettled(`${title} ${content}`.trim());
  const [opened, setOpened] = useState<string>();
  const { data } = useQuery({ ...knowledgeSearchQuery(words, undefined, SHOWN), enabled: words.length >= LEAST });
  const hits = words.length >= LEAST ? data : undefined;
  return (
    <section className="card" aria-label="知识库中相近的">
      <h2>知识库</h2>
      {hits && hits.length > 0 ? (
        <ol className="hits" aria-live="polite">
          {hits.map((hit) => (
            <li key={hit.entry}>
              <p className="hit-head">
                <button
                  type="button"
                  className="link-button"
                  aria-expanded={opened === hit.entry}
                  onClick={() => setOpened(opened === hit.entry ? undefined : hit.entry)}
                >
                  {hit.title}
                </button>
                <Warnings hit={hit} />
              </p>
              {opened === hit.entry ? <Whole hit={hit} /> : <p className="hit-text">{hit.beginning}</p>}
              <p className="muted">
                {hit.unit_name} · <span className="number">{hit.entry}</span>
              </p>
            </li>
          ))}
        </ol>
      ) : (
        <p className="muted card-body" aria-live="polite">
          {hits ? "知识库中没有相近的内容。" : "填写标题和内容时，这里显示能当场答复的知识。"}
        </p>
      )}
    </section>
  );
}
