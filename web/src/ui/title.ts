import { useEffect } from "react";

const CONSOLE = "接诉 · 12345热线工作台";

/** What the browser's tab says: clerks keep several tickets open beside each other. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} · 接诉` : CONSOLE;
    return () => {
      document.title = CONSOLE;
    };
  }, [title]);
}
