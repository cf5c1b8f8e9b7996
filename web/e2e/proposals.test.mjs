// What is proposed while an appeal is registered and dispatched, and what the centre's leaders see of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { centre, gone, seen } from "./centre.mjs";

test("what the words say is proposed beside its field, taken by one key, and never over what the clerk wrote", async (t) => {
  const { person } = await centre(t);
  const page = await person("seat");
  await page.goto("/console/tickets/new");
  const content = page.getByLabel("诉求内容");
  await page.getByLabel("标题").fill("我要投诉工地");
  await content.fill("信州区解放路12号旁边燃气泄漏，请不要透露我的姓名");
  const urgent = page.getByRole("button", { name: /采用提示：燃气泄漏/ });
  await seen(urgent);
  // The words are marked in the text while the chip is pointed at, and nothing moves.
  const before = await content.boundingBox();
  await urgent.hover();
  await seen(page.locator("[data-marks=content] mark", { hasText: "燃气泄漏" }));
  assert.deepEqual(await content.boundingBox(), before);
  await page.keyboard.press("Alt+4");
  assert.equal(await page.getByLabel("紧急（突发事件）").isChecked(), true);
  await gone(urgent);
  await page.keyboard.press("Alt+1");
  assert.equal(await page.getByRole("radio", { name: "投诉", exact: true }).isChecked(), true);

  // What the clerk wrote stays.
  const place = page.getByLabel("事发地点");
  await seen(page.getByRole("button", { name: /采用提示：信州区/ }));
  await place.fill("万寿街");
  await gone(page.getByRole("button", { name: /采用提示：信州区/ }));
  await page.keyboard.press("Alt+3");
  assert.equal(await place.inputValue(), "万寿街");
});

test("without a network nothing is proposed and the form works", async (t) => {
  const { person } = await centre(t);
  const page = await person("seat");
  await page.goto("/console/tickets/new");
  const asked = [];
  await page.route("**/api/v1/proposals", (route) => {
    asked.push(route.request().postData());
    return route.abort();
  });
  const answered = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/api/v1/proposals"));
  await page.getByLabel("标题").fill("燃气泄漏");
  await answered;
  assert.equal(await page.getByRole("button", { name: /采用提示/ }).count(), 0);
  await page.getByText("求助", { exact: true }).click();
  await page.getByLabel("诉求内容").fill("闻到煤气味");
  await page.getByRole("button", { name: "保存，登记下一件" }).click();
  await seen(page.getByText(/已登记/).first());
});

test("a demo learns at its start; what is proposed is taken, dispatched, counted, and can be switched off", async (t) => {
  const { person, api } = await centre(t, { taught: true });
  const seat = await api("seat");
  const asked = { title: "路灯不亮", content: "门口的路灯整排不亮，晚上出行不安全" };
  // The lesson takes some seconds, beside the work.
  let learnt;
  for (let tries = 0; !learnt && tries < 240; tries += 1) {
    learnt = (await seat.post("/proposals", asked)).find(({ field }) => field === "category");
    if (!learnt) await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.equal(learnt?.value, "城市管理/路灯照明");

  const page = await person("seat");
  await page.goto("/console/tickets/new");
  await page.getByText("求助", { exact: true }).click();
  await page.getByLabel("标题").fill(asked.title);
  await page.getByLabel("诉求内容").fill(asked.content);
  await seen(page.getByRole("button", { name: /采用提示：城市管理\/路灯照明/ }));
  await page.keyboard.press("Alt+2");
  assert.equal(await page.getByLabel("事项", { exact: true }).inputValue(), "城市管理/路灯照明");
  await page.getByRole("button", { name: "保存并打开" }).click();
  await seen(page.getByText(/已登记 SR-/).first());

  const dispatcher = await person("dispatcher");
  await dispatcher.goto(new URL(page.url()).pathname);
  await dispatcher.getByRole("button", { name: "派单", exact: true }).click();
  const dialog = dispatcher.getByRole("dialog");
  const unit = dialog.getByRole("button", { name: /采用提示：城市管理局/ });
  await seen(unit);
  await unit.click();
  await gone(unit);
  await dialog.getByLabel("派单说明、职责依据").fill("按职责派发");
  await dialog.getByRole("button", { name: "派单", exact: true }).click();
  await gone(dialog);

  const leader = await person("centre-manager");
  await leader.goto("/console/proposals");
  const row = leader.getByRole("row").filter({ hasText: "承办单位" }).first();
  await seen(row);
  assert.match(await row.innerText(), /100\.0%（1\/1）/);
  await leader.getByRole("switch", { name: "事项的提示" }).click();
  await seen(leader.getByText("“事项”的提示已停用"));
  assert.equal((await seat.post("/proposals", asked)).some(({ field }) => field === "category"), false);
});
