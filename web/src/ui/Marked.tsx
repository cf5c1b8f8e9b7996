import type { Span } from "../api/types";

/** A text with what was looked for marked in it. Positions are the server's: Unicode characters, not UTF-16 units. */
export function Marked({ text, marks }: { text: string; marks: Span[] }) {
  if (marks.length === 0) return text;
  const chars = [...text];
  const piece = (from: number, to?: number) => chars.slice(from, to).join("");
  return (
    <>
      {marks.map(({ from, to }, i) => (
        <span key={from}>
          {piece(marks[i - 1]?.to ?? 0, from)}
          <mark>{piece(from, to)}</mark>
        </span>
      ))}
      {piece(marks.at(-1)?.to ?? 0)}
    </>
  );
}
