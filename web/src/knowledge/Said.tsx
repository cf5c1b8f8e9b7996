import type { Entry, KnowledgeContent } from "../api/types";
import { EntryFiles } from "./EntryFiles";
import { GUIDE } from "./ContentForm";

/** What a version says, line by line. */
export function Said({ content, entry }: { content: KnowledgeContent; entry: Entry }) {
  return (
    <div className="said">
      <p className="plain-text">{content.text}</p>
      {content.guide && (
        <dl className="pairs">
          {GUIDE.filter(([name]) => content.guide?.[name]).map(([name, label]) => (
            <div key={name} className="pair">
              <dt>{label}</dt>
              <dd className="plain-text">{content.guide?.[name]}</dd>
            </div>
          ))}
        </dl>
      )}
      <EntryFiles entry={entry.entry} content={content} known={entry.files} />
      <Foot content={content} />
    </div>
  );
}

function Foot({ content }: { content: KnowledgeContent }) {
  const { sources, words, effective_on, expires_on, policy, open } = content;
  const days = [
    effective_on && `${effective_on} 起生效`,
    expires_on && `有效至 ${expires_on}`,
    policy && `${policy.public_on} 公布${policy.official ? "（正式文件）" : "（公布前报送）"}`,
    open ? "群众可以查看" : "不对公众显示",
  ].filter(Boolean);
  return (
    <>
      {sources && sources.length > 0 && (
        <ul className="muted said-sources">
          {sources.map(({ name, address }) => (
            <li key={name}>
              {address ? (
                <a href={address} target="_blank" rel="noreferrer">
                  {name}
                </a>
              ) : (
                name
              )}
            </li>
          ))}
        </ul>
      )}
      <p className="muted">
        {days.join(" · ")}
        {words && words.length > 0 && ` · 其他说法：${words.join("、")}`}
      </p>
    </>
  );
}
