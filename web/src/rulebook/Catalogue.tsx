import { Input } from "antd";
import { useState } from "react";
import type { CatalogueEntry } from "../api/types";
import { useUnitName } from "../units";
import { KINDS, amountWords } from "../words";

/** The dispatch catalogue: which matter goes to which unit. */
export function Catalogue({ entries }: { entries: CatalogueEntry[] }) {
  const unitName = useUnitName();
  const [text, setText] = useState("");
  const shown = entries.filter(({ matter, lead_name }) => `${matter} ${lead_name}`.includes(text.trim()));
  return (
    <section className="card">
      <h2>
        派单目录（{entries.length}项）
        <Input
          className="end catalogue-search"
          size="small"
          allowClear
          aria-label="在派单目录中查找"
          placeholder="事项或单位"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </h2>
      <table className="catalogue">
        <thead>
          <tr>
            <th scope="col">事项</th>
            <th scope="col">主办单位</th>
            <th scope="col">协办单位</th>
            <th scope="col">特别时限</th>
            <th scope="col">依据和说明</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ matter, kind, lead_name, assists, limit, law, note }) => (
            <tr key={`${matter} ${kind ?? ""}`}>
              <td>
                {matter}
                {kind && <span className="muted">（{KINDS[kind]}）</span>}
              </td>
              <td>{lead_name}</td>
              <td>{assists.map(unitName).join("、")}</td>
              <td>{limit && amountWords(limit)}</td>
              <td className="muted">{[law, note].filter(Boolean).join("；")}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p className="muted card-body">没有含“{text}”的事项，换几个字试试。</p>}
    </section>
  );
}
