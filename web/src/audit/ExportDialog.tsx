import { useMutation } from "@tanstack/react-query";
import { Alert, App, Input, Modal } from "antd";
import { useState } from "react";
import { problemOf } from "../api/problem";
import { exportAudit, queryClient } from "../api/queries";
import type { AuditFilters } from "../api/types";

/** Asks why, and saves what the filter finds as a table. The export stands in the journal itself. */
export function ExportDialog({ filter, close }: { filter: AuditFilters; close: () => void }) {
  const { message } = App.useApp();
  const [reason, setReason] = useState("");
  const exporting = useMutation({
    mutationFn: () => exportAudit(filter, reason.trim()),
    onSuccess: (table) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(table);
      link.download = "审计日志.csv";
      link.click();
      URL.revokeObjectURL(link.href);
      message.success("已导出，请妥善保管");
      // The export is an entry itself.
      void queryClient.invalidateQueries({ queryKey: ["audit"] });
      close();
    },
  });
  return (
    <Modal
      open
      title="导出审计日志"
      okText="导出"
      cancelText="取消"
      okButtonProps={{ loading: exporting.isPending, disabled: reason.trim().length < 2 }}
      onOk={() => exporting.mutate()}
      onCancel={close}
    >
      <p>按现在的筛选条件导出为表格，最多5万条。导出会记入审计日志。</p>
      {exporting.error && <Alert type="error" showIcon title={problemOf(exporting.error).message} />}
      <label>
        理由（必填）
        <Input.TextArea rows={3} maxLength={500} value={reason} autoFocus onChange={(event) => setReason(event.target.value)} />
      </label>
    </Modal>
  );
}
