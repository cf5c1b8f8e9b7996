import assert from "node:assert/strict";
import { test } from "node:test";
import { centre, handle, openTicket, seen } from "./centre.mjs";

test("a citizen submits, reads true progress and rates; the console shows all of it", async (t) => {
  const { fresh, person, api } = await centre(t);
  const citizen = await fresh(undefined, { viewport: { width: 390, height: 844 } });
  await citizen.goto("/submit");
  await citizen.getByLabel("求助").check();
  await citizen.getByLabel("标题").fill("公交站牌被树遮挡");
  await citizen.getByLabel("诉求内容").fill("中山路公交站牌被树枝遮住，看不清线路。");
  await citizen.getByLabel("电话", { exact: false }).and(citizen.locator("input[type=tel]")).fill("13900007777");
  await citizen.getByLabel("电话：打电话了解情况、回访结果").check();
  await citizen.getByRole("button", { name: "提交" }).click();
  await seen(citizen.getByRole("heading", { name: "已登记，请记下编号和查询码" }));
  const [number, code] = await citizen.locator("dd").allInnerTexts();
  assert.match(number, /^SR-20260929-\d{6}-\d$/);

  // A reload sends the same form again: the same number and code, one ticket.
  await citizen.reload();
  assert.deepEqual((await citizen.locator("dd").allInnerTexts()).slice(0, 2), [number, code]);
  assert.equal((await (await api("dispatcher")).find("公交站牌被树遮挡")).length, 1);

  const staff = await person("dispatcher");
  await openTicket(staff, number);
  await seen(staff.getByText("求助 · 网站"));

  await handle(api, number, { unit: "chengguan" });
  await citizen.goto("/progress");
  await citizen.getByLabel("编号").fill(number);
  await citizen.getByLabel("查询码").fill(code);
  await citizen.getByRole("button", { name: /查/ }).click();
  await seen(citizen.getByText("您好！已办理完毕。"));
  await citizen.getByLabel("满意", { exact: true }).check();
  await citizen.getByRole("button", { name: "提交评价" }).click();
  await seen(citizen.getByRole("status"));
  assert.equal(await citizen.getByRole("button", { name: "提交评价" }).count(), 0, "once only");

  await openTicket(staff, number);
  await seen(staff.getByText("待归档"));
  const { ratings } = await (await api("dispatcher")).get(`/tickets/${number}`);
  assert.deepEqual(ratings.map(({ result }) => result), ["satisfied"]);
});
