import assert from "node:assert/strict";
import { test } from "node:test";
import { centre, seen } from "./centre.mjs";

test("what others do appears by itself", async (t) => {
  const { person, api } = await centre(t);
  const desk = await person("dispatcher");
  const unit = await person("chengguan");
  await desk.goto("/console/tickets");
  await unit.goto("/console/tickets");
  await seen(desk.locator("a.ticket-title").first());
  await seen(unit.locator("a.ticket-title").first());

  const ticket = { kind: "help", title: "实时更新用例：井盖松动", content: "人行道井盖松动。", channel: "phone", follow_up_by: "phone" };
  const { number } = await (await api("seat")).post("/tickets", { ...ticket, appellant: { phone: "13900000000" } });
  await seen(desk.getByRole("link", { name: ticket.title }));
  assert.equal(await unit.getByRole("link", { name: ticket.title }).count(), 0);

  // The open ticket follows, and the unit's list too.
  await desk.goto(`/console/tickets/${number}`);
  await seen(desk.getByText("待派单").or(desk.getByText("已登记")).first());
  await (await api("dispatcher")).post(`/tickets/${number}/commands`, { do: "dispatch", lead: "chengguan", note: "按职责派发" });
  await seen(unit.getByRole("link", { name: ticket.title }));
  await seen(desk.getByText("已派单待签收").first());
});
