import { BulbOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { hintsQuery } from "../api/queries";
import type { HintView } from "../api/types";
import { useSettled } from "../ui/settled";
import "./hints.css";

/** Fewer characters are no reply yet. */
const LEAST = 8;
const PAUSE_MS = 600;

/** The sentence in the midst of what is around it, so that it is found in the text. */
function Sentence({ text, hint: { from, until } }: { text: string; hint: HintView }) {
  // The server counts characters, not the halves of which the browser makes some.
  const characters = Array.from(text);
  const around = 12;
  const before = characters.slice(Math.max(0, from - around), from).join("");
  const behind = characters.slice(until, until + around).join("");
  return (
    <q className="plain-text">
      {from > around && "…"}
      {before}
      <mark>{characters.slice(from, until).join("")}</mark>
      {behind}
      {until + around < characters.length && "…"}
    </q>
  );
}

/** What to look at in a reply, beside it: whoever writes or audits decides. */
export function Hints({ number, text }: { number: string; text: string }) {
  const settled = useSettled(text.trim(), PAUSE_MS);
  const { data } = useQuery({ ...hintsQuery(number, settled), enabled: settled.length >= LEAST });
  const hints = settled.length >= LEAST ? (data ?? []) : [];
  return (
    <section className="hints" aria-label="答复提示" aria-live="polite">
      {hints.length > 0 && (
        <>
          <p className="hints-head">
            <BulbOutlined aria-hidden /> 请看一看这几处<span className="muted">（由系统提示，仅供参考，不影响提交）</span>
          </p>
          <ul>
            {hints.map((hint) => (
              <li key={`${hint.about} ${hint.from}`}>
                <strong>{hint.name}</strong>
                <Sentence text={settled} hint={hint} />
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
