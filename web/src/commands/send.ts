import { api } from "../api/client";
import { unwrap } from "../api/problem";
import type { NewAppeal, TicketView } from "../api/types";
import { type CommandName, type Values, body, command } from "./spec";

type Sending = { name: CommandName; values: Values; ticket: TicketView; version: number; key: string };

/** One command to the server, on the version that the clerk looked at. */
export function send({ name, values, ticket, version, key }: Sending): Promise<TicketView> {
  const header = { "If-Match": `"${version}"`, "Idempotency-Key": key };
  const { number } = ticket;
  // Who the appellant is never enters the journal, so this one has a door of its own.
  if (name === "attach-appeal") {
    const appeal = { appellant: {}, ...body(values) } as NewAppeal;
    return unwrap(api.POST("/api/v1/tickets/{number}/appeals", { params: { path: { number }, header }, body: appeal }));
  }
  return unwrap(
    api.POST("/api/v1/tickets/{number}/commands", { params: { path: { number }, header }, body: command(name, values) }),
  );
}
