import { Select } from "antd";
import type { Unit } from "../api/types";

type Props = {
  id?: string;
  units: Unit[];
  many?: boolean;
  value?: string | string[];
  onChange?: (value: string | string[] | undefined) => void;
};

/** Units by any part of their name, or by their kind; those no longer active cannot be chosen. */
export function UnitSelect({ units, many, ...control }: Props) {
  return (
    <Select
      {...control}
      mode={many ? "multiple" : undefined}
      allowClear
      placeholder={many ? "可以选多个" : "输入名称中的任何几个字"}
      showSearch={{
        filterOption: (text, option) => `${option?.label} ${option?.kind}`.includes(text.trim()),
      }}
      notFoundContent="没有这个名称的单位，换几个字试试"
      options={units
        .filter(({ active }) => active)
        .map(({ id, name, kind_name }) => ({ value: id, label: name, kind: kind_name }))}
      optionRender={({ data }) => (
        <span className="unit-option">
          {data.label}
          <span className="muted">{data.kind}</span>
        </span>
      )}
    />
  );
}
