import { SearchOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, DatePicker, Input, type InputRef, Select } from "antd";
import dayjs from "dayjs";
import { useEffect, useRef, useState } from "react";
import { rulebookQuery, unitsQuery } from "../api/queries";
import { useMe } from "../session/session";
import { unitOption, unitSearch } from "../units";
import { CHANNELS, options } from "../words";
import type { Narrow } from "./WorkList";
import { type ListSearch, narrowed } from "./search";

/** `/` puts the cursor into the search box, unless somebody is typing somewhere. */
function useSlash(focus: () => void) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest("input, textarea, [role=dialog]");
      if (event.key !== "/" || typing) return;
      event.preventDefault();
      focus();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  });
}

function SearchBox({ value, search }: { value: string; search: (text: string) => void }) {
  const [text, setText] = useState(value);
  const box = useRef<InputRef>(null);
  useSlash(() => box.current?.focus({ cursor: "all" }));
  // The address may change from outside: back button, cleared filters.
  useEffect(() => setText(value), [value]);
  return (
    <Input
      ref={box}
      className="filter-search"
      aria-label="搜索工单"
      placeholder="编号，或标题、内容、答复中的任何字词"
      prefix={<SearchOutlined aria-hidden />}
      allowClear
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        if (event.target.value === "") search("");
      }}
      onPressEnter={() => search(text.trim())}
    />
  );
}

export function Filters({ search, narrow }: { search: ListSearch; narrow: Narrow }) {
  const seesAll = useMe().sees === "all";
  const { data: rulebook } = useQuery(rulebookQuery);
  const { data: units } = useQuery({ ...unitsQuery, enabled: seesAll });
  const day = (text: string | undefined) => (text ? dayjs(text) : null);
  return (
    <search className="filters">
      <SearchBox value={search.q ?? ""} search={(q) => narrow({ q: q || undefined })} />
      <Select
        aria-label="诉求类别"
        placeholder="类别"
        allowClear
        className="filter-short"
        value={search.kind}
        onChange={(kind) => narrow({ kind })}
        options={rulebook?.kinds.map(({ code, name }) => ({ value: code, label: name }))}
        popupMatchSelectWidth={false}
      />
      <Select
        aria-label="渠道"
        placeholder="渠道"
        allowClear
        className="filter-short"
        value={search.channel}
        onChange={(channel) => narrow({ channel })}
        options={options(CHANNELS)}
        popupMatchSelectWidth={false}
      />
      {seesAll && (
        <Select
          aria-label="主办单位"
          placeholder="主办单位"
          allowClear
          showSearch={unitSearch}
          className="filter-unit"
          value={search.lead}
          onChange={(lead: string | undefined) => narrow({ lead })}
          options={units?.map(unitOption)}
        />
      )}
      <DatePicker.RangePicker
        className="filter-dates"
        allowEmpty
        placeholder={["登记自", "登记至"]}
        value={[day(search.from), day(search.to)]}
        onChange={(range) =>
          narrow({ from: range?.[0]?.format("YYYY-MM-DD"), to: range?.[1]?.format("YYYY-MM-DD") })
        }
      />
      {narrowed(search) && (
        <Button
          type="text"
          onClick={() =>
            narrow({
              state: undefined, kind: undefined, lead: undefined, channel: undefined, q: undefined, from: undefined, to: undefined,
              urgent: undefined, overdue: undefined, supervised: undefined, confidential: undefined,
            })
          }
        >
          清除条件
        </Button>
      )}
    </search>
  );
}
