import { Button, Checkbox } from "antd";
import { useState } from "react";
import { exportTickets } from "../api/queries";
import { useRight } from "../session/session";
import { ExportDialog } from "../ui/ExportDialog";
import { type ListSearch, countFilters } from "./search";

function Dialog({ search, close }: { search: ListSearch; close: () => void }) {
  const withPersonal = useRight("export-personal");
  const [personal, setPersonal] = useState(false);
  return (
    <ExportDialog
      title="导出工单列表"
      what="按现在的筛选条件导出为表格"
      name="工单"
      take={(stated) => exportTickets({ filter: { ...countFilters(search), state: search.state }, personal, ...stated })}
      close={close}
    >
      {withPersonal && (
        <Checkbox className="export-personal" checked={personal} onChange={({ target }) => setPersonal(target.checked)}>
          带诉求人姓名、电话、地址（保密工单的不带）
        </Checkbox>
      )}
    </ExportDialog>
  );
}

/** What the list shows, as a workbook; for those who may. */
export function ExportTickets({ search }: { search: ListSearch }) {
  const [open, setOpen] = useState(false);
  if (!useRight("export")) return null;
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        导出
      </Button>
      {open && <Dialog search={search} close={() => setOpen(false)} />}
    </>
  );
}
