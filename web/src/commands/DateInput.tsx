import { DatePicker } from "antd";
import dayjs from "dayjs";

type Props = { id?: string; value?: string; onChange?: (value: string | undefined) => void };

/** A day, as `2026-10-31`. */
export function DateInput({ id, value, onChange }: Props) {
  return (
    <DatePicker
      id={id}
      value={value ? dayjs(value) : null}
      onChange={(day) => onChange?.(day?.format("YYYY-MM-DD") ?? undefined)}
      placeholder="选择日期"
    />
  );
}
