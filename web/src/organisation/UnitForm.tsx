import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Form, Input, Modal, Select, Switch } from "antd";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { queryClient, unitsQuery } from "../api/queries";
import type { Organisation, OrganisedUnit, UnitForm as Values } from "../api/types";
import { unitOption, unitSearch } from "../units";

type Typed = Values & { id: string };

function initial(unit: OrganisedUnit | undefined): Partial<Typed> {
  return unit ? { ...unit, clerk: unit.clerk?.account } : { active: true };
}

/** Makes a unit or changes it. What may not be is said by the server, at its field. */
export function UnitForm({ organisation, unit, close }: { organisation: Organisation; unit?: OrganisedUnit; close: () => void }) {
  const [form] = Form.useForm<Typed>();
  const save = useMutation({
    mutationFn: ({ id, name, kind, parent, active, office, clerk, duty_phone, division }: Typed) =>
      unwrap(
        api.PUT("/api/v1/organisation/units/{unit}", {
          params: { path: { unit: id.trim() } },
          body: { name, kind, parent, active, office, clerk, duty_phone, division },
        }),
      ),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["organisation"] });
      await queryClient.invalidateQueries({ queryKey: ["units"] });
      close();
    },
  });
  const people = unit ? [...unit.leaders, ...unit.handlers] : [];
  const { data: units } = useQuery(unitsQuery);
  const others = units?.filter(({ id, active }) => active && id !== unit?.id);
  return (
    <Modal
      open
      title={unit ? `修改${unit.name}` : "登记单位"}
      okText="保存"
      cancelText="取消"
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
      onCancel={close}
    >
      <Form form={form} layout="vertical" initialValues={initial(unit)} onFinish={(values) => save.mutate({ ...initial(unit), ...values, id: unit?.id ?? values.id })}>
        {save.error && <Alert type="error" showIcon title={problemOf(save.error).message} className="form-alert" />}
        {!unit && (
          <Form.Item name="id" label="单位编号" extra="小写字母、数字和“-”，登记后不能改" rules={[{ required: true, message: "请填写单位编号" }]}>
            <Input autoComplete="off" />
          </Form.Item>
        )}
        <Form.Item name="name" label="单位名称" rules={[{ required: true, message: "请填写单位名称" }]}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="kind" label="类别" rules={[{ required: true, message: "请选择类别" }]}>
          <Select options={organisation.kinds.map(({ code, name }) => ({ value: code, label: name }))} />
        </Form.Item>
        <Form.Item name="parent" label="上级单位">
          <Select allowClear showSearch={unitSearch} options={others?.map(unitOption)} />
        </Form.Item>
        <Form.Item name="office" label="责任科室">
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="clerk" label="知识库信息员" extra="从在本单位任职的人员中选择">
          <Select allowClear options={people.map(({ account, name }) => ({ value: account, label: name }))} />
        </Form.Item>
        <Form.Item name="duty_phone" label="24小时值守电话">
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="division" label="行政区划代码">
          <Input autoComplete="off" inputMode="numeric" />
        </Form.Item>
        {unit && (
          <Form.Item name="active" label="在用" valuePropName="checked" extra="停用前须先移交人员、下级单位和未归档的工单">
            <Switch />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}
