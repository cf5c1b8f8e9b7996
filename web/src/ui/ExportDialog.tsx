import { useMutation } from "@tanstack/react-query";
import { Alert, App, Modal } from "antd";
import { type ReactNode, useState } from "react";
import { problemOf } from "../api/problem";
import type { ExportPurpose } from "../api/types";
import { save } from "../save";
import { EXPORT_PURPOSES } from "../words";
import { Purpose, type Stated } from "./Purpose";

type Props = {
  title: string;
  /** What goes out, in a sentence. */
  what: string;
  /** How the file is called, before its number. */
  name: string;
  take: (stated: Stated<ExportPurpose>) => Promise<{ file: Blob; id: string }>;
  close: () => void;
  /** What else is chosen. */
  children?: ReactNode;
};

/** Asks for what something is taken out, takes it out, and says under which number it stands. */
export function ExportDialog({ title, what, name, take, close, children }: Props) {
  const { message } = App.useApp();
  const [stated, setStated] = useState<Stated<ExportPurpose>>({ purpose: "assessment", note: "" });
  const exporting = useMutation({
    mutationFn: () => take(stated),
    onSuccess: ({ file, id }) => {
      save(file, `${name}-${id}.xlsx`);
      message.success(`已导出，编号 ${id}，请妥善保管`);
      close();
    },
  });
  return (
    <Modal open title={title} okText="导出" cancelText="取消" confirmLoading={exporting.isPending} onOk={() => exporting.mutate()} onCancel={close}>
      <p className="muted">{what}，每页印有您的姓名、时间和编号；每次导出都会记录在案。</p>
      {exporting.error && <Alert type="error" showIcon title={problemOf(exporting.error).message} />}
      <Purpose names={EXPORT_PURPOSES} value={stated} change={setStated} label="理由（必填）" />
      {children}
    </Modal>
  );
}
