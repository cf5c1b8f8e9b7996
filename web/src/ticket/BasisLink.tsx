import { useQuery } from "@tanstack/react-query";
import { Drawer } from "antd";
import { useState } from "react";
import { rulebookQuery } from "../api/queries";
import type { Basis } from "../api/types";
import { Readings } from "../rulebook/Readings";

/** Why something is so: article, rulebook, and what we assumed where the text is silent. */
function Why({ basis }: { basis: Basis }) {
  const { data: rulebook } = useQuery(rulebookQuery);
  const ids = basis.readings ?? [];
  const readings = rulebook?.assume.filter(({ id }) => ids.includes(id)) ?? [];
  return (
    <div className="clock-why">
      <dl className="pairs">
        <dt>依据</dt>
        <dd>{basis.article || "条文未作规定，按下列理解"}</dd>
        <dt>办法</dt>
        <dd>
          {rulebook?.id === basis.rulebook ? rulebook.name : basis.rulebook} 第{basis.version}版
        </dd>
        {basis.law && (
          <>
            <dt>其他法律</dt>
            <dd>{basis.law}</dd>
          </>
        )}
        {basis.catalogue && (
          <>
            <dt>目录</dt>
            <dd>{basis.catalogue}</dd>
          </>
        )}
      </dl>
      {readings.length > 0 && (
        <section>
          <h3>所依据的理解</h3>
          <Readings readings={readings} />
        </section>
      )}
    </div>
  );
}

/** The article behind an entry; a click shows the whole ground, as with the clocks. */
export function BasisLink({ basis, of }: { basis: Basis; of: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="link-button basis" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {basis.article || "依据"}
      </button>
      <Drawer open={open} onClose={() => setOpen(false)} size={560} title={`${of} · 依据`} destroyOnHidden>
        <Why basis={basis} />
      </Drawer>
    </>
  );
}
