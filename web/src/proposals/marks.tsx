import { Input } from "antd";
import { type ComponentProps, type ReactNode, createContext, useContext } from "react";
import type { Proposal } from "../api/types";
import { TextArea } from "../ui/TextArea";
import "./proposals.css";

type Words = Proposal["words"];

/** The words that the proposal under the pointer rests on. */
export const Marks = createContext<Words>([]);

/** The text in pieces, those that are marked in `<mark>`. Places are counted in characters, not in UTF-16. */
function pieces(text: string, words: Words): ReactNode[] {
  const characters = Array.from(text);
  const marked = new Set(words.flatMap(({ start, length }) => Array.from({ length }, (_, i) => start + i)));
  const found: ReactNode[] = [];
  for (let at = 0; at < characters.length; ) {
    const is = marked.has(at);
    let end = at;
    while (end < characters.length && marked.has(end) === is) end += 1;
    const piece = characters.slice(at, end).join("");
    found.push(is ? <mark key={at}>{piece}</mark> : piece);
    at = end;
  }
  return found;
}

/** Lies over a field without being in its way, so that nothing moves while words are marked. */
function Over({ of, text, line }: { of: "title" | "content"; text: unknown; line?: boolean }) {
  const words = useContext(Marks).filter(({ text }) => text === of);
  if (words.length === 0 || typeof text !== "string") return null;
  return (
    <div className={line ? "word-marks line" : "word-marks"} aria-hidden data-marks={of}>
      {pieces(text, words)}
    </div>
  );
}

/** One line whose words can be marked. */
export function MarkedInput(props: ComponentProps<typeof Input>) {
  return (
    <div className="marked">
      <Input {...props} />
      <Over of="title" text={props.value} line />
    </div>
  );
}

/** A text whose words can be marked. */
export function MarkedArea(props: ComponentProps<typeof TextArea>) {
  return (
    <div className="marked">
      <TextArea {...props} />
      <Over of="content" text={props.value} />
    </div>
  );
}
