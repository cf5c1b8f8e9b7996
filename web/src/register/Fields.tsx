import { AutoComplete, Checkbox, Collapse, Form, Input, Radio, Select } from "antd";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { catalogueQuery } from "../api/queries";
import type { NewTicket, Proposal, RulebookView } from "../api/types";
import { Chip } from "../proposals/Chip";
import { MarkedArea, MarkedInput } from "../proposals/marks";
import { FIELDS, type Proposable, type Proposals } from "../proposals/useProposals";
import { CHANNELS, CONTACTS, KINDS, options } from "../words";

export type RegisterValues = NewTicket;

const phone = { pattern: /^[\d\s+()-]{5,20}$/, message: "电话只能由数字组成，例如 13900001234 或 0793-8220000" };

function Appellant() {
  return (
    <>
      <div className="row">
        <Form.Item name={["appellant", "phone"]} label="诉求人电话" rules={[phone]} className="grow">
          <Input type="tel" inputMode="tel" autoFocus autoComplete="off" />
        </Form.Item>
        <Form.Item name={["appellant", "name"]} label="姓名" className="grow">
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="channel" label="渠道">
          <Select options={options(CHANNELS)} className="narrow" />
        </Form.Item>
        <Form.Item name="follow_up_by" label="回访方式">
          <Select options={options(CONTACTS)} className="narrow" />
        </Form.Item>
      </div>
      <Collapse
        ghost
        size="small"
        className="register-more"
        items={[
          {
            key: "more",
            label: "住址、邮箱、证件号码",
            forceRender: true,
            children: (
              <div className="row">
                <Form.Item name={["appellant", "address"]} label="住址" className="grow">
                  <Input autoComplete="off" />
                </Form.Item>
                <Form.Item name={["appellant", "email"]} label="邮箱" rules={[{ type: "email", message: "邮箱应如 name@example.com" }]} className="grow">
                  <Input autoComplete="off" />
                </Form.Item>
                <Form.Item name={["appellant", "id_number"]} label="身份证号码（办理必需时才填）" className="grow">
                  <Input autoComplete="off" maxLength={24} />
                </Form.Item>
              </div>
            ),
          },
        ]}
      />
    </>
  );
}

/** The category by the words of the dispatch catalogue, so that the dispatcher finds the entry; other words are allowed. */
function Category() {
  const { data } = useQuery(catalogueQuery);
  const matters = [...new Set(data?.map(({ matter }) => matter))];
  return (
    <Form.Item name="category" label="事项">
      <AutoComplete
        options={matters.map((value) => ({ value }))}
        showSearch={{ filterOption: (text, option) => !!option?.value.includes(text.trim()) }}
        placeholder="按派单目录填写"
      />
    </Form.Item>
  );
}

type Props = { rulebook: RulebookView | undefined; proposals: Proposals; point: (proposal: Proposal | undefined) => void };

export function Fields({ rulebook, proposals, point }: Props) {
  /** A field with its proposal at the end of the label's line: beside it and not in it, so that nothing moves. */
  const proposed = (field: Proposable, item: ReactNode) => {
    const proposal = proposals.of(field);
    return (
      <div className="proposed grow">
        {item}
        {proposal && <Chip proposal={proposal} digit={FIELDS.indexOf(field) + 1} take={() => proposals.take(field)} point={point} />}
      </div>
    );
  };
  // The kinds as this place's rulebook has them; before it is there, all of them.
  const kinds = rulebook?.kinds.map(({ code, name }) => ({ value: code, label: name })) ?? options(KINDS);
  return (
    <>
      <Appellant />
      {proposed(
        "kind",
        <Form.Item name="kind" label="诉求类别" rules={[{ required: true, message: "请选择诉求类别" }]}>
          <Radio.Group options={kinds} optionType="button" buttonStyle="solid" className="kinds" aria-label="诉求类别" />
        </Form.Item>,
      )}
      <Form.Item name="title" label="标题" rules={[{ required: true, whitespace: true, message: "请填写标题" }]}>
        <MarkedInput maxLength={200} placeholder="地点 + 什么事，例如：信州区万寿街夜间流动摊贩占道" />
      </Form.Item>
      <Form.Item name="content" label="诉求内容" rules={[{ required: true, whitespace: true, message: "请填写诉求内容" }]}>
        <MarkedArea rows={4} maxLength={20000} />
      </Form.Item>
      <div className="row">
        {proposed(
          "place",
          <Form.Item name="place" label="事发地点">
            <Input placeholder="区县、乡镇街道、路名门牌" />
          </Form.Item>,
        )}
        {proposed("category", <Category />)}
      </div>
      <div className="row">
        {proposed(
          "urgent",
          <Form.Item
            name="urgent"
            valuePropName="checked"
            extra={rulebook && `涉及${rulebook.emergency_matters.join("、")}等突发事件的，立即转办`}
          >
            <Checkbox>紧急（突发事件）</Checkbox>
          </Form.Item>,
        )}
        {proposed(
          "confidential",
          <Form.Item name="confidential" valuePropName="checked" extra="承办单位看不到诉求人是谁，也不直接联系">
            <Checkbox>诉求人要求保密</Checkbox>
          </Form.Item>,
        )}
      </div>
      <Form.Item name="earlier" hidden>
        <Select mode="multiple" />
      </Form.Item>
    </>
  );
}
