import { Button, Select } from "antd";
import type { CatalogueEntry, TicketView } from "../api/types";

/** How many pairs of neighbouring characters of `matter` occur in `text`: enough to bring the likely entries to the top. */
function likeness(matter: string, text: string): number {
  let hits = 0;
  for (let i = 0; i + 1 < matter.length; i += 1) if (text.includes(matter.slice(i, i + 2))) hits += 1;
  return hits / Math.max(1, matter.length - 1);
}

const SHOWN = 4;

type Props = { ticket: TicketView; catalogue: CatalogueEntry[]; take: (entry: CatalogueEntry) => void };

/** The dispatch catalogue: entries that look like this ticket as buttons, all of them to search in. */
export function Suggestions({ ticket, catalogue, take }: Props) {
  const text = [ticket.title, ticket.category, ticket.content].filter(Boolean).join(" ");
  const likely = catalogue
    .map((entry) => ({ entry, score: likeness(entry.matter, text) + (entry.kind === ticket.kind ? 0.05 : 0) }))
    .filter(({ score }) => score >= 0.2)
    .sort((a, b) => b.score - a.score)
    .slice(0, SHOWN);
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
