import { Input, Radio } from "antd";
import { options } from "../words";

export type Stated<P extends string> = { purpose: P; note: string };

type Props<P extends string> = {
  names: Record<P, string>;
  value: Stated<P>;
  change: (value: Stated<P>) => void;
  /** What stands over the text. */
  label: string;
};

/** A purpose from a short list, and beside it what somebody wants to add. Whether that is needed the server says. */
export function Purpose<P extends string>({ names, value, change, label }: Props<P>) {
  return (
    <div className="purpose">
      <Radio.Group
        aria-label="目的"
        optionType="button"
        options={options(names)}
        value={value.purpose}
        onChange={({ target }) => change({ ...value, purpose: target.value as P })}
      />
      <label>
        {label}
        <Input.TextArea
          rows={2}
          maxLength={200}
          value={value.note}
          onChange={({ target }) => change({ ...value, note: target.value })}
        />
      </label>
    </div>
  );
}
