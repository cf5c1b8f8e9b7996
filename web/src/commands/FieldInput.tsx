import { AutoComplete, Checkbox, Form, Input, InputNumber, Radio, Select } from "antd";
import type { Unit } from "../api/types";
import { AmountInput } from "./AmountInput";
import { UnitSelect } from "./UnitSelect";
import type { Choice, Field } from "./spec";

const MOST_RADIOS = 8;

type ChoiceProps = { label: string; options: Choice[]; id?: string; value?: unknown; onChange?: (value: unknown) => void };

function ChoiceInput({ label, options, ...control }: ChoiceProps) {
  const change = control.onChange;
  if (options.length > MOST_RADIOS) {
    return <Select {...control} options={options} onChange={(value: unknown) => change?.(value)} placeholder="请选择" />;
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
        <Input.TextArea
          autoSize={{ minRows: field.rows ?? 3, maxRows: 14 }}
          placeholder={field.placeholder}
          autoFocus={first}
        />
      );
    case "number":
      return <InputNumber min={1} precision={0} suffix={field.unit} style={{ width: 160 }} autoFocus={first} />;
    case "choice":
      return <ChoiceInput label={field.label} options={field.options} />;
    case "unit":
      return <UnitSelect units={units} />;
    case "units":
      return <UnitSelect units={units} many />;
    case "unit-name":
      return (
        <AutoComplete
          options={units.map(({ name }) => ({ value: name }))}
          showSearch={{ filterOption: (text, option) => !!option?.value.includes(text.trim()) }}
        />
      );
    case "amount":
      return <AmountInput />;
    case "check":
      return <Checkbox>{field.label}</Checkbox>;
  }
}

export function FieldInput({ field, units, first }: { field: Field; units: Unit[]; first: boolean }) {
  const check = field.type === "check";
  return (
    <Form.Item
      name={field.name.split(".")}
      label={check ? undefined : field.label}
      valuePropName={check ? "checked" : "value"}
      extra={field.help}
      className={field.half ? "half" : undefined}
      rules={[
        { required: field.required, message: `请${field.type === "choice" || field.type.startsWith("unit") ? "选择" : "填写"}${field.label}` },
        ...(field.required && (field.type === "text" || field.type === "area")
          ? [{ whitespace: true, message: `请填写${field.label}` }]
          : []),
      ]}
    >
      {control(field, units, first)}
    </Form.Item>
  );
}
