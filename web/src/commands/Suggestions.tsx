import { Button, Select } from "antd";
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

/** The dispatch catalogue: entries that look like this ticket as buttons, all of them to search in. */
export function Suggestions({ ticket, catalogue, take }: Props) {
  const scored = catalogue
    .map((entry) => ({ entry, score: likeness(entry.matter, ticket) + (entry.kind === ticket.kind ? 0.05 : 0) }))
    .sort((a, b) => b.score - a.score);
  // What is far behind the best is noise.
  const least = Math.max(0.3, 0.6 * (scored[0]?.score ?? 0));
  const likely = scored.filter(({ score }) => score >= least).slice(0, SHOWN);
  return (
    <div className="suggestions">
      <span className="muted">派单目录</span>
      {likely.map(({ entry }) => (
        <Button key={`${entry.matter} ${entry.kind ?? ""}`} size="small" onClick={() => take(entry)} title={entry.law ?? undefined}>
          {entry.matter} → {entry.lead_name}
        </Button>
      ))}
      <Select
        size="small"
        className="suggestions-all"
        aria-label="在派单目录中查找"
        placeholder="查找事项"
        showSearch={{ optionFilterProp: "label" }}
        value={null}
        options={catalogue.map((entry, value) => ({ value, label: `${entry.matter} → ${entry.lead_name}` }))}
        onChange={(index: number | null) => {
          const entry = index === null ? undefined : catalogue[index];
          if (entry) take(entry);
        }}
        popupMatchSelectWidth={360}
      />
    </div>
  );
}
