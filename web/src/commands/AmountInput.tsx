import { InputNumber, Select, Space } from "antd";
import { MEASURES, measured, options } from "../words";

type Props = { id?: string; value?: string; onChange?: (value: string | undefined) => void };

/** A limit as the rulebooks write it, "5 working days"; the empty number leaves it open. */
export function AmountInput({ id, value, onChange }: Props) {
  const { number, measure } = measured(value);
  const change = (n: string | undefined, unit: string) => onChange?.(n ? `${n} ${unit}` : undefined);
  return (
    <Space.Compact>
      <InputNumber
        id={id}
        min={1}
        precision={0}
        value={number ? Number(number) : null}
        onChange={(n) => change(n?.toString(), measure)}
      />
      <Select
        aria-label="单位"
        style={{ width: 110 }}
        value={measure}
        onChange={(unit) => change(number, unit)}
        options={options(MEASURES)}
      />
    </Space.Compact>
  );
}
