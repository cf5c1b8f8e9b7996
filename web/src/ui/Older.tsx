import { Button } from "antd";

type Props = { cursor: string | undefined; next: string | null | undefined; to: (cursor: string | undefined) => void };

/** Paging through what is told newest first; nothing where all of it is on one page. */
export function Older({ cursor, next, to }: Props) {
  if (!cursor && !next) return null;
  return (
    <nav className="pager" aria-label="翻页">
      <Button disabled={!cursor} onClick={() => to(undefined)}>
        最新的
      </Button>
      <Button disabled={!next} onClick={() => to(next ?? undefined)}>
        更早的
      </Button>
    </nav>
  );
}
