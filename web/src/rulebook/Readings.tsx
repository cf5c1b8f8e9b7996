import type { Reading } from "../api/types";
import "./rulebook.css";

/** What the rulebook assumes where the text is silent. Ours until the centre has confirmed them. */
export function Readings({ readings }: { readings: Reading[] }) {
  return (
    <ul className="readings">
      {readings.map(({ id, question, answer, like, default: ours }) => (
        <li key={id}>
          <p className="reading-question">
            {question}
            {ours && <span className="mark provisional">系统默认，热线中心可改</span>}
          </p>
          <p>{answer}</p>
          {like && <p className="muted">参照：{like}</p>}
        </li>
      ))}
    </ul>
  );
}
