import assert from "node:assert/strict";
import { test } from "node:test";
import { centre, gone, seen } from "./centre.mjs";

test("who called before is found while the number is typed, and joins the ticket there is", async (t) => {
  const { person, api } = await centre(t);
  const page = await person("seat");
  await page.goto("/console/tickets/new");
  await page.getByLabel("诉求人电话").fill("139-7031-0010");
  const history = page.getByRole("region", { name: "来电历史" });
  await seen(history.getByRole("link", { name: "工地夜间施工，多次反映仍未停止" }));
  await page.getByLabel("诉求内容").fill("昨夜十一点半又在打桩。");
  await history.getByRole("button", { name: "并入此单" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "并入", exact: true }).click();
  await seen(page.getByText("已并入 SR-20260923-000001-9"));
  assert.equal(await page.getByLabel("诉求内容").inputValue(), "", "ready for the next call");

  const ticket = await (await api("seat")).get("/tickets/SR-20260923-000001-9");
  assert.equal(ticket.appeals.length, 2);
  assert.equal(ticket.appeals[1].note, "昨夜十一点半又在打桩。");
});

test("what is missing or wrong is said beside its field, and nothing is saved", async (t) => {
  const { person, api } = await centre(t);
  const before = (await (await api("seat")).get("/tickets/counts")).total;
  const page = await person("seat");
  await page.goto("/console/tickets/new");
  await page.getByLabel("诉求人电话").fill("abc");
  await page.getByRole("button", { name: "保存，登记下一件" }).click();
  for (const words of ["请选择诉求类别", "请填写标题", "请填写诉求内容", "电话只能由数字组成"]) {
    await seen(page.getByText(words, { exact: false }));
  }
  assert.equal((await (await api("seat")).get("/tickets/counts")).total, before);

  // Leaving with something typed asks first.
  await page.getByRole("link", { name: "办法与理解" }).click();
  await seen(page.getByRole("dialog").getByText("登记还没有保存，要离开吗？"));
  await page.getByRole("button", { name: "接着填" }).click();
  await gone(page.getByRole("dialog"));
  assert.equal(await page.getByLabel("诉求人电话").inputValue(), "abc");
});

test("what was sent to appellants is on record, numbers masked and query codes hidden", async (t) => {
  const { person, api } = await centre(t);
  const ticket = { kind: "help", title: "短信记录用例", content: "请求帮助。", channel: "phone", appellant: { phone: "13900008888" } };
  const { number, query_code: code } = await (await api("seat")).post("/tickets", ticket, { "Idempotency-Key": "outbox-test-1" });
  const page = await person("centre-manager");
  await page.goto("/console/outbox");
  const message = page.getByRole("listitem").filter({ hasText: number });
  await seen(message.getByText("139****8888"));
  const text = await message.first().innerText();
  assert.ok(!text.includes(code) && !text.includes("13900008888"));
});
