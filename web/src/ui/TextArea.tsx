import { Input } from "antd";
import type { ComponentProps } from "react";
import "./ui.css";

type Props = Omit<ComponentProps<typeof Input.TextArea>, "autoSize" | "rows"> & { rows: number };

/**
 * A text field of at least so many lines that grows with its text, by the style sheet alone: antd's own way writes a style into the page,
 * which its policy forbids. A browser that does not know it scrolls instead.
 */
export function TextArea({ rows, className, ...more }: Props) {
  return (
    <Input.TextArea
      {...more}
      rows={rows}
      className={className ? `${className} grows` : "grows"}
      style={{ minHeight: `calc(${rows}lh + 10px)` }}
    />
  );
}
