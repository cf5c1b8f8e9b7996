import { useMutation } from "@tanstack/react-query";
import { Alert, App, Button, Checkbox, Modal } from "antd";
import { useState } from "react";
import { problemOf } from "../api/problem";
import { exportTickets } from "../api/queries";
import type { ExportPurpose } from "../api/types";
import { save } from "../save";
import { useRight } from "../session/session";
import { Purpose, type Stated } from "../ui/Purpose";
import { EXPORT_PURPOSES } from "../words";
import { type ListSearch, countFilters } from "./search";

function Dialog({ search, close }: { search: ListSearch; close: () => void }) {
  const { message } = App.useApp();
  const withPersonal = useRight("export-personal");
  const [stated, setStated] = useState<Stated<ExportPurpose>>({ purpose: "assessment", note: "" });
  const [personal, setPersonal] = useState(false);
  const exporting = useMutation({
    mutationFn: () => exportTickets({ filter: { ...countFilters(search), state: search.state }, personal, ...stated }),
    onSuccess: ({ file, id }) => {
      save(file, `工单-${id}.xlsx`);
      message.success(`已导出，编号 ${id}，请妥善保管`);
      close();
    },
  });
  return (
    <Modal
      open
      title="导出工单列表"
      okText="导出"
      cancelText="取消"
      confirmLoading={exporting.isPending}
      onOk={() => exporting.mutate()}
      onCancel={close}
    >
      <p className="muted">按现在的筛选条件导出为表格，每页印有您的姓名、时间和编号；每次导出都会记录在案。</p>
      {exporting.error && <Alert type="error" showIcon title={problemOf(exporting.error).message} />}
      <Purpose names={EXPORT_PURPOSES} value={stated} change={setStated} label="理由（必填）" />
      {withPersonal && (
        <Checkbox className="export-personal" checked={personal} onChange={({ target }) => setPersonal(target.checked)}>
          带诉求人姓名、电话、地址（保密工单的不带）
        </Checkbox>
      )}
    </Modal>
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
