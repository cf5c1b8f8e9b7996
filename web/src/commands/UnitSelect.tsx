import { Select } from "antd";
import type { KeyboardEvent } from "react";
import type { Unit } from "../api/types";
import { unitOption, unitSearch } from "../units";

type Props = {
  id?: string;
  units: Unit[];
  many?: boolean;
  /** The ids that may be chosen, where not all may. */
  only?: string[];
  value?: string | string[];
  onChange?: (value: string | string[] | undefined) => void;
};

/** Tab only leaves: the library would choose whatever unit happens to be on top of the open list. */
function leave(event: KeyboardEvent) {
  if (event.key === "Tab") event.stopPropagation();
}

/** Units by any part of their name, its initials, or by their kind. Those no longer active, and the centre itself, handle nothing. */
export function UnitSelect({ units, many, only, ...control }: Props) {
  return (
    <div onKeyDownCapture={leave}>
      <Select
        {...control}
        mode={many ? "multiple" : undefined}
        allowClear
        placeholder={many ? "可以选多个" : "输入名称中的任何几个字，或拼音首字母"}
        showSearch={unitSearch}
        notFoundContent="没有这个名称的单位，换几个字试试"
        options={units
          .filter(({ id, active, kind }) => (only ? only.includes(id) : active && kind !== "centre"))
          .map(unitOption)}
        optionRender={({ data }) => (
          <span className="unit-option">
            {data.label}
            <span className="muted">{data.kind}</span>
          </span>
        )}
      />
    </div>
  );
}
