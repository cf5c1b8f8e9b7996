import { AutoComplete, Checkbox, Form, Input, InputNumber, Radio, Select } from "antd";
import type { Unit } from "../api/types";
import { AmountInput } from "./AmountInput";
import { DateInput } from "./DateInput";
import { LinesInput } from "./LinesInput";
import { UnitSelect } from "./UnitSelect";
import { type Choice, type Field, path } from "./spec";
import { TextArea } from "../ui/TextArea";

const MOST_RADIOS = 8;

type ChoiceProps = {
  label: string;
  options: Choice[];
  many?: boolean;
  clear?: boolean;
  id?: string;
  value?: unknown;
  onChange?: (value: unknown) => void;
};

function ChoiceInput({ label, options, many, clear, ...control }: ChoiceProps) {
  const change = control.onChange;
  // A chosen radio cannot be taken back.
  if (many || clear || options.length > MOST_RADIOS) {
    return (
      <Select
        {...control}
        mode={many ? "multiple" : undefined}
        options={options}
        onChange={(value: unknown) => change?.(value)}
        allowClear={clear}
        showSearch={{ optionFilterProp: "label" }}
        placeholder={many ? "可以选多个" : "请选择"}
        notFoundContent="没有可选的"
      />
    );
  }
  const explained = options.some(({ hint }) => hint);
  return (
    <Radio.Group
      {...control}
      aria-label={label}
      onChange={(event) => change?.(event.target.value)}
      className={explained ? "choices explained" : "choices"}
    >
      {options.map(({ value, label, hint }) => (
        <Radio key={String(value)} value={value}>
          {label}
          {hint && <span className="choice-hint">{hint}</span>}
        </Radio>
      ))}
    </Radio.Group>
  );
}

function control(field: Field, units: Unit[], first: boolean) {
  switch (field.type) {
    case "text":
      return <Input placeholder={field.placeholder} autoFocus={first} />;
    case "area":
      return (
        <TextArea rows={field.rows ?? 3} placeholder={field.placeholder} autoFocus={first} />
      );
    case "number":
      return <InputNumber min={1} precision={0} suffix={field.unit} style={{ width: 160 }} autoFocus={first} />;
    case "date":
      return <DateInput />;
    case "lines":
      return <LinesInput placeholder={field.placeholder ?? "每行一项"} autoFocus={first} />;
    case "choice":
      return <ChoiceInput label={field.label} options={field.options} many={field.many} clear={field.clear} />;
    case "unit":
      return <UnitSelect units={units} only={field.only} />;
    case "units":
      return <UnitSelect units={units} only={field.only} many />;
    case "suggest":
      return (
        <AutoComplete
          options={field.options.map((value) => ({ value }))}
          showSearch={{ filterOption: (text, option) => !!option?.value.includes(text.trim()) }}
        />
      );
    case "amount":
      return <AmountInput />;
    case "check":
      return <Checkbox>{field.label}</Checkbox>;
  }
}

const PICKED = new Set<Field["type"]>(["choice", "unit", "units", "date"]);

function rules(field: Field) {
  const message = `请${PICKED.has(field.type) ? "选择" : "填写"}${field.label}`;
  if (!field.required) return [];
  if (field.type === "units" || field.type === "lines" || (field.type === "choice" && field.many)) {
    return [{ required: true, type: "array" as const, message }];
  }
  const blank = field.type === "text" || field.type === "area" ? [{ whitespace: true, message }] : [];
  return [{ required: true, message }, ...blank];
}

export function FieldInput({ field, units, first }: { field: Field; units: Unit[]; first: boolean }) {
  const check = field.type === "check";
  return (
    <Form.Item
      name={path(field.name)}
      label={check ? undefined : field.label}
      valuePropName={check ? "checked" : "value"}
      extra={field.help}
      className={field.half ? "half" : undefined}
      rules={rules(field)}
    >
      {control(field, units, first)}
    </Form.Item>
  );
}
