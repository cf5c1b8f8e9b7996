import { Button } from "antd";
import type { CatalogueEntry, TicketView } from "../api/types";

function pairs(text: string): string[] {
  const words = text.replace(/[^\p{L}\p{N}]/gu, " ");
  return Array.from({ length: Math.max(0, words.length - 1) }, (_, i) => words.slice(i, i + 2)).filter((pair) => !pair.includes(" "));
}

/** How much of a matter's name occurs in the ticket, by pairs of neighbouring characters; in its title they count double. */
function likeness(matter: string, { title, category, content }: TicketView): number {
  const wanted = pairs(matter);
  const head = `${title} ${category ?? ""}`;
  const hits = wanted.map((pair) => (head.includes(pair) ? 2 : content.includes(pair) ? 1 : 0) as number);
  return hits.reduce((sum, hit) => sum + hit, 0) / Math.max(1, wanted.length);
}

const SHOWN = 4;

type Props = { ticket: TicketView; catalogue: CatalogueEntry[]; take: (entry: CatalogueEntry) => void };

/** Entries of the dispatch catalogue that look like this ticket, as buttons. */
export function Suggestions({ ticket, catalogue, take }: Props) {
  const scored = catalogue
    .filter(({ kind }) => !kind || kind === ticket.kind)
    .map((entry) => ({ entry, score: likeness(entry.matter, ticket) + (entry.kind === ticket.kind ? 0.05 : 0) }))
    .sort((a, b) => b.score - a.score);
  // What is far behind the best is noise.
  const least = Math.max(0.3, 0.6 * (scored[0]?.score ?? 0));
  const likely = scored.filter(({ score }) => score >= least).slice(0, SHOWN);
  if (likely.length === 0) return null;
  return (
    <div className="suggestions">
      <span className="muted">派单目录中相近的</span>
      {likely.map(({ entry }) => (
        <Button key={entry.id} size="small" onClick={() => take(entry)} title={entry.law ?? undefined}>
          {entry.matter} → {entry.lead_name}
        </Button>
      ))}
    </div>
  );
}
