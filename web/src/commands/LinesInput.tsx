import { useState } from "react";
import { TextArea } from "../ui/TextArea";

type Props = { id?: string; placeholder?: string; autoFocus?: boolean; value?: string[]; onChange?: (value: string[] | undefined) => void };

/** Texts, one a line; lines left empty are none. */
export function LinesInput({ value, onChange, ...control }: Props) {
  const [text, setText] = useState(value?.join("\n") ?? "");
  const change = (typed: string) => {
    setText(typed);
    const lines = typed.split("\n").map((line) => line.trim()).filter(Boolean);
    onChange?.(lines.length > 0 ? lines : undefined);
  };
  return (
    <TextArea
      {...control}
      rows={2}
      value={text}
      onChange={(event) => change(event.target.value)}
    />
  );
}
