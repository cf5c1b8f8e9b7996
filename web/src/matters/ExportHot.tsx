import { Button } from "antd";
import { useState } from "react";
import { exportHot } from "../api/queries";
import { useRight } from "../session/session";
import { ExportDialog } from "../ui/ExportDialog";
import { type HotSearch, spanOf } from "./search";

/** The issues of the page with their tickets, as a workbook; for those who may. */
export function ExportHot({ search }: { search: HotSearch }) {
  const [open, setOpen] = useState(false);
  if (!useRight("export")) return null;
  const { county, street } = search;
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        导出
      </Button>
      {open && (
        <ExportDialog
          title="导出热点问题"
          what="导出本页的热点问题和各问题涉及的工单（编号、标题、状态、主办单位），不含诉求人信息"
          name="热点问题"
          take={(stated) => exportHot({ days: spanOf(search), county, street, ...stated })}
          close={() => setOpen(false)}
        />
      )}
    </>
  );
}
