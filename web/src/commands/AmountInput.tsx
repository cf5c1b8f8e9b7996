import { InputNumber, Select, Space } from "antd";

const MEASURES = [
  { value: "working days", label: "个工作日" },
  { value: "days", label: "日" },
  { value: "hours", label: "小时" },
  { value: "minutes", label: "分钟" },
];

/** "10个工作日", as the catalogue shows it, back into what the rulebooks write. */
export function amountOf(words: string): string | undefined {
  const [, number, measure] = /^(\d+)(.+)$/.exec(words) ?? [];
  const found = MEASURES.find(({ label }) => label === measure);
  return number && found ? `${number} ${found.value}` : undefined;
}

type Props = { id?: string; value?: string; onChange?: (value: string | undefined) => void };

/** A limit as the rulebooks write it, "5 working days"; the empty number leaves it open. */
export function AmountInput({ id, value, onChange }: Props) {
  const [, number, measure = "working days"] = /^(\d*) ?(.+)$/.exec(value ?? "") ?? [];
  const singular = (text: string) => (text.endsWith("s") ? text : `${text}s`);
  const change = (n: string | undefined, unit: string) => onChange?.(n ? `${n} ${unit}` : undefined);
  return (
    <Space.Compact>
      <InputNumber
        id={id}
        min={1}
        precision={0}
        value={number ? Number(number) : null}
        onChange={(n) => change(n?.toString(), singular(measure))}
      />
      <Select
        aria-label="单位"
        style={{ width: 110 }}
        value={singular(measure)}
        onChange={(unit) => change(number, unit)}
        options={MEASURES}
      />
    </Space.Compact>
  );
}
