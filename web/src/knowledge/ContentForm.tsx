import { MinusCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Form, Input, Select } from "antd";
import { knowledgeChoicesQuery } from "../api/queries";
import type { EntryFile, KnowledgeContent, ServiceGuide } from "../api/types";
import { TextArea } from "../ui/TextArea";
import { ChosenFiles } from "./EntryFiles";

export type ContentValues = Omit<KnowledgeContent, "policy" | "files"> & { files?: EntryFile[]; public_on?: string; official?: boolean; script?: boolean; secrecy_checked?: boolean };

export const GUIDE: [keyof ServiceGuide & string, string, boolean][] = [
  ["process", "办事流程", true],
  ["materials", "申报材料", true],
  ["conditions", "审批条件", false],
  ["law", "法律依据", false],
  ["fee", "收费说明", false],
  ["fee_basis", "收费依据", false],
  ["office", "办理单位", false],
  ["place", "办理地点", true],
  ["hours", "受理时间", true],
  ["phone", "联系电话", true],
];

/** What the form says, as the server takes it. */
export function contentOf(values: ContentValues): KnowledgeContent {
  const { section, title, text, guide, sources, files, words, open, effective_on, expires_on, public_on, official } = values;
  return {
    section,
    title,
    text,
    open: !!open,
    sources: sources?.filter(({ name }) => name?.trim()) ?? [],
    // The server knows the rest of each by its key.
    files: files?.map(({ file }) => ({ file })) ?? [],
    words: words ?? [],
    ...(section === "guide" && { guide }),
    ...(effective_on && { effective_on }),
    ...(expires_on && { expires_on }),
    ...(public_on && { policy: { public_on, official: !!official } }),
  };
}

/** A version as the form shows it; `known` tells of each of its files. */
export function valuesOf({ policy, files, ...content }: KnowledgeContent, known: EntryFile[]): ContentValues {
  const chosen = (files ?? []).map(({ file }) => known.find((one) => one.file === file)).filter((file) => file !== undefined);
  return { ...content, files: chosen, ...(policy && { public_on: policy.public_on, official: policy.official }) };
}

const DAY = { type: "date" } as const;

function Sources() {
  return (
    <Form.List name="sources">
      {(fields, { add, remove }) => (
        <div className="sources">
          {fields.map(({ key, name }) => (
            <div key={key} className="row">
              <Form.Item name={[name, "name"]} className="grow">
                <Input placeholder="文件名称和文号" aria-label="依据文件名称" />
              </Form.Item>
              <Form.Item name={[name, "address"]} className="grow">
                <Input placeholder="网址（可不填）" aria-label="依据文件网址" />
              </Form.Item>
              <Button type="text" icon={<MinusCircleOutlined />} aria-label="删去这份文件" onClick={() => remove(name)} />
            </div>
          ))}
          <Button size="small" icon={<PlusOutlined />} onClick={() => add({ name: "", address: "" })}>
            添加依据文件
          </Button>
        </div>
      )}
    </Form.List>
  );
}

/** Everything an entry says. What is in form and what is not says the server, at the field. */
export function ContentFields({ fresh, busy }: { fresh: boolean; busy: (busy: boolean) => void }) {
  const { data: choices } = useQuery(knowledgeChoicesQuery);
  const section = Form.useWatch<string | undefined>("section");
  const publicOn = Form.useWatch<string | undefined>("public_on");
  const daily = section === "daily";
  return (
    <>
      <Form.Item name="section" label="栏目" rules={[{ required: true, message: "请选择栏目" }]}>
        <Select options={choices?.sections.map(({ code, name }) => ({ value: code, label: name }))} />
      </Form.Item>
      <Form.Item name="title" label={daily ? "问题" : "标题"} rules={[{ required: true, whitespace: true, message: "请填写" }]}>
        <Input maxLength={100} placeholder={daily ? "群众会怎样问，以“？”结尾" : undefined} />
      </Form.Item>
      <Form.Item name="text" label={daily ? "答案" : "内容"} rules={[{ required: true, whitespace: true, message: "请填写" }]}>
        <TextArea rows={5} maxLength={20000} />
      </Form.Item>
      {section === "guide" &&
        GUIDE.map(([name, label, required]) => (
          <Form.Item key={name} name={["guide", name]} label={label} rules={required ? [{ required, whitespace: true, message: `请填写${label}` }] : []}>
            <TextArea rows={1} maxLength={2000} />
          </Form.Item>
        ))}
      <Form.Item name="words" label="其他说法" extra="群众会用的别的词，查找时同样算数；输入后按回车">
        <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={["，", ",", "、"]} />
      </Form.Item>
      <Form.Item label="依据文件">
        <Sources />
      </Form.Item>
      <Form.Item name="files" label="附件" extra="申请表、流程图等，随这一版一起审核、发布">
        <ChosenFiles busy={busy} />
      </Form.Item>
      <div className="content-row">
        <Form.Item name="effective_on" label="生效日期">
          <Input {...DAY} />
        </Form.Item>
        <Form.Item name="expires_on" label="失效日期" extra="长期有效的留空">
          <Input {...DAY} />
        </Form.Item>
        <Form.Item name="public_on" label="新政策公布日期" extra="新政策在公布前报送；公布之日再上传正式文件">
          <Input {...DAY} />
        </Form.Item>
      </div>
      {publicOn && (
        <Form.Item name="official" valuePropName="checked">
          <Checkbox>这是正式公布的文件</Checkbox>
        </Form.Item>
      )}
      {section !== "hotline" && (
        <Form.Item name="open" valuePropName="checked">
          <Checkbox>群众可以在门户上自己查看</Checkbox>
        </Form.Item>
      )}
      {fresh && (
        <Form.Item name="script" valuePropName="checked" extra="报送后话务员立即可用，随后审核；审核前不对公众显示">
          <Checkbox>突发事件应答口径</Checkbox>
        </Form.Item>
      )}
      <Form.Item name="secrecy_checked" valuePropName="checked">
        <Checkbox>本单位已作保密审查，内容和附件不涉密</Checkbox>
      </Form.Item>
    </>
  );
}
