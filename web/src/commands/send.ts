import { api } from "../api/client";
import { unwrap } from "../api/problem";
import type { NewAppeal, TicketView } from "../api/types";
import { type CommandName, type Values, body, command } from "./spec";

/** A further appeal on a ticket. Who the appellant is never enters the journal, so this has a door of its own, open at every version. */
export function attach(number: string, values: Values, key: string): Promise<TicketView> {
  const appeal = { appellant: {}, ...body(values) } as NewAppeal;
  const params = { path: { number }, header: { "Idempotency-Key": key } };
  return unwrap(api.POST("/api/v1/tickets/{number}/appeals", { params, body: appeal }));
}

type Sending = { name: CommandName; values: Values; number: string; version: number; key: string };

/** One command to the server, on the version that the clerk looked at. */
export function send({ name, values, number, version, key }: Sending): Promise<TicketView> {
  if (name === "attach-appeal") return attach(number, values, key);
  const params = { path: { number }, header: { "If-Match": `"${version}"`, "Idempotency-Key": key } };
  return unwrap(api.POST("/api/v1/tickets/{number}/commands", { params, body: command(name, values) }));
}
