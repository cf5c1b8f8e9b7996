import assert from "node:assert/strict";
import { test } from "node:test";
import { centre, gone, openTicket, seen } from "./centre.mjs";

const titles = (page) => page.locator("a.ticket-title").allInnerTexts();

test("a list keeps its filters in the address, over a reload and back again", async (t) => {
  const { person } = await centre(t);
  const page = await person("dispatcher");
  await page.goto("/console/tickets");
  await seen(page.getByRole("link", { name: "村道坍塌出行困难" }));

  await page.getByRole("navigation", { name: "按状态查看" }).getByRole("link", { name: "已登记" }).click();
  await gone(page.getByRole("link", { name: "村道坍塌出行困难" }));
  await page.keyboard.press("/");
  await page.keyboard.type("烧烤店 噪声");
  await page.keyboard.press("Enter");
  await gone(page.getByRole("link", { name: "小区门口路灯连续一周不亮" }));
  assert.deepEqual(await titles(page), ["楼下烧烤店凌晨仍在营业，噪声扰民"]);

  const { searchParams } = new URL(page.url());
  assert.equal(searchParams.get("state"), "registered");
  assert.equal(searchParams.get("q"), "烧烤店 噪声");
  await page.reload();
  await seen(page.getByRole("link", { name: "楼下烧烤店凌晨仍在营业，噪声扰民" }));
  assert.equal(await page.getByLabel("搜索工单").inputValue(), "烧烤店 噪声");
  assert.deepEqual(await titles(page), ["楼下烧烤店凌晨仍在营业，噪声扰民"]);

  // Into the ticket and back: the list is where it was.
  await page.getByRole("link", { name: "楼下烧烤店凌晨仍在营业，噪声扰民" }).click();
  await seen(page.getByRole("region", { name: "操作" }));
  await page.goBack();
  await seen(page.getByRole("link", { name: "楼下烧烤店凌晨仍在营业，噪声扰民" }));

  await page.getByLabel("搜索工单").fill("没有这样的词");
  await page.keyboard.press("Enter");
  await seen(page.getByText("没有符合条件的工单"));
  await page.getByRole("button", { name: "清除全部条件" }).click();
  await seen(page.getByRole("link", { name: "村道坍塌出行困难" }));
});

test("most urgent first, and page by page", async (t) => {
  const { person, api } = await centre(t);
  const seat = await api("seat");
  const made = 40;
  for (let n = 1; n <= made; n += 1) {
    const ticket = { kind: "consultation", title: `翻页用例${n}`, content: "咨询办事时间。", channel: "web", follow_up_by: "web" };
    await seat.post("/tickets", ticket, { "Idempotency-Key": `paging-${String(n).padStart(3, "0")}` });
  }

  const page = await person("dispatcher");
  await page.goto("/console/tickets");
  await seen(page.getByText("第 1 页"));
  const first = await titles(page);
  assert.equal(first.length, 50);
  const answer = await (await api("dispatcher")).get("/tickets?limit=50");
  assert.deepEqual(first, answer.items.map(({ title }) => title), "as the server orders them");
  const dues = answer.items.map(({ due }) => due?.at ?? "9999");
  assert.deepEqual(dues, [...dues].sort((a, b) => new Date(a) - new Date(b)), "the first to fall due is first");
  assert.equal(answer.items[0].due.tone, "late");

  await page.getByRole("button", { name: "下一页" }).click();
  await seen(page.getByText("第 2 页"));
  await page.waitForFunction((title) => document.querySelector("a.ticket-title")?.textContent !== title, first[0]);
  const second = await titles(page);
  assert.ok(second.length > 0 && second.every((title) => !first.includes(title)), "no ticket twice");
  const { total } = await (await api("dispatcher")).get("/tickets/counts");
  assert.equal(first.length + second.length, total);

  await page.getByRole("button", { name: "上一页" }).click();
  await seen(page.getByRole("link", { name: first[0], exact: true }));
});

test("on a telephone nothing is wider than the screen", async (t) => {
  const { fresh, api } = await centre(t);
  const page = await fresh("dispatcher", { viewport: { width: 390, height: 844 } });
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  await page.goto("/console/tickets");
  await seen(page.getByRole("link", { name: "村道坍塌出行困难" }));
  assert.ok(await fits(), "the list");
  const [{ number }] = await (await api("dispatcher")).find("楼上漏水");
  await openTicket(page, number);
  assert.ok(await fits(), "the ticket");
  await page.goto("/console/tickets/new");
  await seen(page.getByLabel("诉求人电话"));
  assert.ok(await fits(), "the form");
});

test("what is looked for is marked, and units are found by their initials", async (t) => {
  const { person } = await centre(t);
  const page = await person("dispatcher");
  await page.goto("/console/tickets");
  await page.getByLabel("搜索工单").fill("路燈");
  await page.keyboard.press("Enter");
  const row = page.getByRole("row", { name: "小区门口路灯连续一周不亮" });
  await seen(row.locator("a mark", { hasText: "路灯" }));
  await page.getByText("标题有的在前").click();
  await page.waitForURL(/sort=best/);
  await seen(row);

  // Letters are words; whose initials they are is told beside.
  await page.getByLabel("搜索工单").fill("csglj");
  await page.keyboard.press("Enter");
  await seen(page.getByText("没有符合条件的工单"));
  await page.getByRole("button", { name: /主办单位 城市管理局/ }).click();
  await page.waitForURL(/lead=chengguan/);
  assert.equal(await page.getByLabel("搜索工单").inputValue(), "");

  await page.getByRole("combobox", { name: "主办单位" }).fill("gaj");
  await seen(page.getByTitle("公安局", { exact: true }));
  await gone(page.getByTitle("教育局", { exact: true }));
});
