export type Piece = { text: string; is: "same" | "gone" | "new" };

/** Sentences and lines, each with its end. */
function pieces(text: string): string[] {
  return text.match(/[^。；！？\n]+[。；！？]?\n?|\n/g) ?? [];
}

/** What became of a text, sentence by sentence: the longest common run is kept, the rest is gone or new. */
export function compare(before: string, after: string): Piece[] {
  const [a, b] = [pieces(before), pieces(after)];
  const longest = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  const at = (i: number, j: number) => longest[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i]![j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const out: Piece[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      out.push({ text: a[i]!, is: "same" });
      [i, j] = [i + 1, j + 1];
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      out.push({ text: a[i++]!, is: "gone" });
    } else {
      out.push({ text: b[j++]!, is: "new" });
    }
  }
  return out;
}
