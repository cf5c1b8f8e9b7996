import { useQuery } from "@tanstack/react-query";
import { Button, Checkbox, Input } from "antd";
import { useState } from "react";
import { organisationQuery } from "../api/queries";
import type { Organisation, OrganisedUnit } from "../api/types";
import { Heads } from "../ui/Heads";
import { Failed, Loading, Nothing } from "../ui/Notice";
import { useTitle } from "../ui/title";
import { UnitForm } from "./UnitForm";
import "./organisation.css";

type Placed = { unit: OrganisedUnit; depth: number };

/** Each unit below its superior, as deep as it stands. One whose superior is not there stands at the top. */
function tree(units: OrganisedUnit[]): Placed[] {
  const known = new Set(units.map(({ id }) => id));
  const below = new Map<string | undefined, OrganisedUnit[]>();
  for (const unit of units) {
    const above = unit.parent && known.has(unit.parent) ? unit.parent : undefined;
    below.set(above, [...(below.get(above) ?? []), unit]);
  }
  const placed: Placed[] = [];
  const place = (above: string | undefined, depth: number) => {
    for (const unit of below.get(above) ?? []) {
      placed.push({ unit, depth });
      place(unit.id, depth + 1);
    }
  };
  place(undefined, 0);
  return placed;
}

const names = (people: { name: string }[]) => people.map(({ name }) => name).join("、");

function Row({ placed: { unit, depth }, edit }: { placed: Placed; edit?: () => void }) {
  return (
    <tr data-shut={!unit.active}>
      <td data-label="单位">
        <span style={{ paddingInlineStart: depth * 20 }}>
          {unit.name} {!unit.active && <span className="muted">（停用）</span>}
        </span>
      </td>
      <td data-label="类别">{unit.kind_name}</td>
      <td data-label="分管领导">{names(unit.leaders)}</td>
      <td data-label="责任科室">{unit.office}</td>
      <td data-label="承办人员">{names(unit.handlers)}</td>
      <td data-label="信息员">{unit.clerk?.name}</td>
      <td data-label="还缺">
        {unit.missing_names.length > 0 && (
          <span className="organised-acts">
            {unit.missing_names.map((name) => (
              <span key={name} className="mark overdue">
                {name}
              </span>
            ))}
          </span>
        )}
      </td>
      {edit && (
        <td>
          <span className="organised-acts">
            <Button size="small" aria-label={`修改${unit.name}`} onClick={edit}>
              修改
            </Button>
          </span>
        </td>
      )}
    </tr>
  );
}

function Units({ organisation }: { organisation: Organisation }) {
  const { units, lacking, may_manage } = organisation;
  const [text, setText] = useState("");
  const [only, setOnly] = useState(false);
  const [editing, setEditing] = useState<OrganisedUnit | "new">();
  const wanted = ({ unit }: Placed) =>
    [unit.id, unit.name, unit.office, names(unit.leaders), names(unit.handlers)].join(" ").includes(text.trim()) &&
    (!only || unit.missing.length > 0);
  const shown = tree(units).filter(wanted);
  return (
    <>
      <div className="organised-tools">
        <Input
          allowClear
          className="organised-search"
          aria-label="查找单位"
          placeholder="单位、科室或姓名"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Checkbox checked={only} onChange={(event) => setOnly(event.target.checked)}>
          只看缺员的（{lacking}个）
        </Checkbox>
        {may_manage && (
          <Button type="primary" className="end" onClick={() => setEditing("new")}>
            登记单位
          </Button>
        )}
      </div>
      <table className="organised">
        <Heads names={["单位", "类别", "分管领导", "责任科室", "承办人员", "信息员", "还缺", may_manage && "操作"]} />
        <tbody>
          {shown.map((placed) => (
            <Row key={placed.unit.id} placed={placed} edit={may_manage ? () => setEditing(placed.unit) : undefined} />
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <Nothing title="没有这样的单位">{only ? "各单位人员都已配齐，或换个条件查找。" : "换几个字试试。"}</Nothing>}
      {editing && <UnitForm organisation={organisation} unit={editing === "new" ? undefined : editing} close={() => setEditing(undefined)} />}
    </>
  );
}

/** Units as a tree, whom each has named for the hotline, and who is missing. */
export function UnitsPage() {
  useTitle("组织机构");
  const { data, error, refetch } = useQuery(organisationQuery);
  return (
    <section className="organisation card" aria-label="组织机构">
      <h2>组织机构</h2>
      {error ? <Failed error={error} retry={() => void refetch()} /> : !data ? <Loading what="组织机构" /> : <Units organisation={data} />}
    </section>
  );
}
