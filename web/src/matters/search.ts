/** What the address of the hot issues says. */
export type HotSearch = { days?: string; county?: string; street?: string };

export function readHotSearch(search: Record<string, unknown>): HotSearch {
  const text = (key: string) => (typeof search[key] === "string" && search[key] !== "" ? { [key]: search[key] } : {});
  return { ...text("days"), ...text("county"), ...text("street") };
}

/** The span in days; what is none is the server's to choose. */
export function spanOf({ days }: HotSearch): number | undefined {
  return days && /^\d+$/.test(days) ? Number(days) : undefined;
}
