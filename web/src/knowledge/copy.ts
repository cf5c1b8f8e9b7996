import { App } from "antd";
import { api } from "../api/client";
import { unwrap } from "../api/problem";

/** Plain http has no clipboard: there a hidden field is copied from, as browsers did before. */
async function toClipboard(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

/** Copies an answer, and counts it as cited. */
export function useCopy(): (entry: string, text: string) => Promise<void> {
  const { message } = App.useApp();
  return async (entry, text) => {
    if (!(await toClipboard(text))) {
      message.warning("浏览器不允许复制，请选中文字后按 Ctrl+C");
      return;
    }
    message.success(`已复制答案；登记时可写明知识条目 ${entry}`);
    // That it could not be counted holds nobody up.
    await unwrap(api.POST("/api/v1/knowledge/{entry}/cited", { params: { path: { entry } } })).catch(() => undefined);
  };
}
