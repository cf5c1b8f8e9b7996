import { Input } from "antd";
import { useState } from "react";
import type { CatalogueEntry } from "../api/types";
import { useUnitName } from "../units";
import { KINDS, amountWords } from "../words";
import { Heads } from "../ui/Heads";

type Place = CatalogueEntry["by_place"][number];

/** Who handles it in a place; the place's own office is 当地, so that places with the same rule stand together. */
function there({ place, place_name, lead_name, office, assists }: Place, unitName: (id: string) => string): string {
  const own = (name: string) => (name === place_name ? "当地" : name);
  const helpers = assists.map((unit) => (unit === place ? "当地" : own(unitName(unit))));
  return [lead_name && `${own(lead_name)}承办`, office, helpers.length > 0 && `${helpers.join("、")}协办`].filter(Boolean).join("，");
}

/** Where other units handle a matter. */
function ByPlace({ places }: { places: Place[] }) {
  const unitName = useUnitName();
  const same = new Map<string, string[]>();
  for (const place of places) {
    const how = there(place, unitName);
    same.set(how, [...(same.get(how) ?? []), place.place_name]);
  }
  return Array.from(same, ([how, names]) => (
    <p key={how} className="muted">
      {names.join("、")}：{how}
    </p>
  ));
}

function Limits({ entry: { limit, assist_limit } }: { entry: CatalogueEntry }) {
  return (
    <>
      {limit && amountWords(limit)}
      {assist_limit && <p className="muted">协办 {amountWords(assist_limit)}</p>}
    </>
  );
}

function Row({ entry }: { entry: CatalogueEntry }) {
  const unitName = useUnitName();
  const { id, matter, kind, lead_name, office, assists, by_place, law, note, not_to_towns, emergency } = entry;
  return (
    <tr>
      <td className="number" data-label="编号">
        {id}
      </td>
      <td data-label="事项">
        <span>
          {matter}
          {kind && <span className="muted catalogue-kind">（{KINDS[kind]}）</span>} {emergency && <span className="mark urgent">紧急</span>}
        </span>
      </td>
      <td data-label="主办单位">
        {lead_name}
        {office && <p className="muted">{office}</p>}
        <ByPlace places={by_place} />
      </td>
      <td data-label="协办单位">{assists.map(unitName).join("、")}</td>
      <td data-label="时限">
        <Limits entry={entry} />
      </td>
      <td className="muted" data-label="依据和说明">
        {[law, note, not_to_towns && "属部门职责，不派镇街"].filter(Boolean).join("；")}
      </td>
    </tr>
  );
}

/** The dispatch catalogue in force: which matter goes to which unit. */
export function Catalogue({ entries }: { entries: CatalogueEntry[] }) {
  const unitName = useUnitName();
  const [text, setText] = useState("");
  const found = (entry: CatalogueEntry) =>
    [entry.id, entry.matter, entry.lead_name, ...entry.assists.map(unitName)].join(" ").includes(text.trim());
  const shown = entries.filter(found);
  const [{ version, in_force } = {}] = entries;
  return (
    <section className="card">
      <h2 className="catalogue-head">
        派单目录
        <span className="muted">
          第{version}版，{in_force} 起施行，{entries.length}项
        </span>
        <Input
          className="end catalogue-search"
          size="small"
          allowClear
          aria-label="在派单目录中查找"
          placeholder="编号、事项或单位"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </h2>
      <table className="catalogue">
        <Heads names={["编号", "事项", "主办单位", "协办单位", "时限", "依据和说明"]} />
        <tbody>
          {shown.map((entry) => (
            <Row key={entry.id} entry={entry} />
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p className="muted card-body">没有含“{text}”的事项，换几个字试试。</p>}
    </section>
  );
}
