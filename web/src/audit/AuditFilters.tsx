import { useNavigate } from "@tanstack/react-router";
import { Button, Input, Select } from "antd";
import { paths } from "../paths";
import type { AuditSearch } from "./search";

/** What narrows the journal. It stands in the address, so that a look can be kept and sent on. */
export function AuditFilters({ search, kinds }: { search: AuditSearch; kinds: { code: string; name: string }[] }) {
  const navigate = useNavigate();
  const set = (change: AuditSearch) => void navigate({ to: paths.audit, search: { ...search, ...change, cursor: undefined } });
  const text = (name: "who" | "subject", label: string, hint: string) => (
    <label>
      {label}
      <Input
        key={search[name]}
        defaultValue={search[name]}
        placeholder={hint}
        allowClear
        onPressEnter={(event) => set({ [name]: event.currentTarget.value.trim() || undefined })}
        onBlur={(event) => {
          const value = event.currentTarget.value.trim() || undefined;
          if (value !== search[name]) set({ [name]: value });
        }}
        onClear={() => set({ [name]: undefined })}
      />
    </label>
  );
  const day = (name: "from" | "to", label: string) => (
    <label>
      {label}
      <Input type="date" value={search[name] ?? ""} onChange={(event) => set({ [name]: event.target.value || undefined })} />
    </label>
  );
  return (
    <form className="audit-filters" aria-label="筛选" onSubmit={(event) => event.preventDefault()}>
      {day("from", "从")}
      {day("to", "到")}
      <label>
        事项
        <Select
          aria-label="事项"
          value={search.kind}
          placeholder="全部"
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          options={kinds.map(({ code, name }) => ({ value: code, label: name }))}
          onChange={(kind: string | undefined) => set({ kind })}
        />
      </label>
      {text("who", "账户", "账户编号")}
      {text("subject", "对象", "工单编号、账户、接口地址")}
      <Button onClick={() => void navigate({ to: paths.audit, search: {} })}>全部清除</Button>
    </form>
  );
}
