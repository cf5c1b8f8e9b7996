import { Select } from "antd";
import { useState } from "react";
import type { Entry, KnowledgeContent } from "../api/types";
import { fullDateTime } from "../time";
import { compare } from "./diff";
import { EntryFiles } from "./EntryFiles";
import { GUIDE } from "./ContentForm";

function whole({ title, text, guide, sources, files }: KnowledgeContent): string {
  const lines = GUIDE.filter(([name]) => guide?.[name]).map(([name, label]) => `${label}：${guide?.[name]}`);
  return [title, text, ...lines, ...(sources ?? []).map(({ name }) => name), ...(files ?? []).map(({ name }) => `附件：${name}`)].join("\n");
}

/** What one text makes of another: what is gone is struck, what is new is underlined. */
export function Compared({ before, after }: { before: KnowledgeContent; after: KnowledgeContent }) {
  return (
    <p className="plain-text compared">
      {compare(whole(before), whole(after)).map(({ text, is }, n) =>
        is === "same" ? <span key={n}>{text}</span> : is === "gone" ? <del key={n}>{text}</del> : <ins key={n}>{text}</ins>,
      )}
    </p>
  );
}

/** Every version that was published, each against the one before it. */
export function Versions({ entry }: { entry: Entry }) {
  const { versions } = entry;
  const [chosen, setChosen] = useState(versions[0]?.version);
  const at = versions.findIndex(({ version }) => version === chosen);
  const [after, before] = [versions[at], versions[at + 1]];
  if (versions.length === 0 || !after) return null;
  return (
    <section className="card" aria-label="历次发布">
      <h2>
        历次发布
        <span className="end">
          <Select
            size="small"
            aria-label="版本"
            value={chosen}
            onChange={setChosen}
            options={versions.map(({ version, at: when }) => ({ value: version, label: `第${version}版 ${fullDateTime(when)}` }))}
          />
        </span>
      </h2>
      <div className="card-body">
        <p className="muted">
          {after.submitted_by} 报送，{after.by} 发布{before ? `；与第${before.version}版比较` : ""}
        </p>
        {before ? <Compared before={before.content} after={after.content} /> : <p className="plain-text">{whole(after.content)}</p>}
        <EntryFiles entry={entry.entry} content={after.content} known={entry.files} />
      </div>
    </section>
  );
}
