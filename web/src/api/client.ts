import createClient from "openapi-fetch";
import type { paths } from "./schema";

export const api = createClient<paths>({ baseUrl: "" });

let touched = Date.now();
for (const event of ["pointerdown", "keydown", "wheel"]) {
  window.addEventListener(event, () => (touched = Date.now()), { capture: true, passive: true });
}

// Pages ask for news by themselves: that must not keep the session of somebody who has left alive.
api.use({
  onRequest: ({ request }) => request.headers.set("x-jiesu-idle", String(Math.floor((Date.now() - touched) / 1000))),
});

/**
 * A fresh idempotency key. Not `crypto.randomUUID`: that exists on https only, and a hotline's intranet is often plain http.
 */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
