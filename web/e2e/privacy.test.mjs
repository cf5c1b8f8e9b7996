// What leaves the system, who opened what, and what it takes to erase: on the screens of those who have to do with it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { centre, seen } from "./centre.mjs";

test("a list is exported for a reason, and stands with its number on the administrators' list", async (t) => {
  const { person } = await centre(t);
  const manager = await person("centre-manager");
  await manager.goto("/console/tickets?kind=complaint");
  await manager.getByRole("button", { name: "导出" }).click();
  const dialog = manager.getByRole("dialog", { name: "导出工单列表" });
  await dialog.getByText("上级检查", { exact: true }).click();
  await dialog.getByRole("button", { name: /导\s*出/ }).click();
  await seen(dialog.getByText("请写明理由", { exact: false }));
  await dialog.getByLabel("理由（必填）").fill("季度检查");
  const [download] = await Promise.all([manager.waitForEvent("download"), dialog.getByRole("button", { name: /导\s*出/ }).click()]);
  const [, id] = /^工单-(DC\d{6})\.xlsx$/.exec(download.suggestedFilename());
  assert.equal((await readFile(await download.path())).subarray(0, 2).toString(), "PK", "a workbook");

  const security = await person("security-admin");
  await security.goto("/console/privacy/exports");
  const row = security.getByRole("row", { name: new RegExp(id) });
  await seen(row.getByText("上级检查：季度检查"));
  const seat = await person("seat");
  await seat.goto("/console/tickets");
  await seen(seat.locator("a.ticket-title").first());
  assert.equal(await seat.getByRole("button", { name: "导出" }).count(), 0);
});

test("the manager sees who opened what and narrows it to a person", async (t) => {
  const { person, api } = await centre(t);
  const [{ number }] = await (await api("follow-up-clerk")).find("来源不明的肉类");
  await (await api("follow-up-clerk")).post(`/tickets/${number}/appeals/1/reveal`, { field: "phone", purpose: "contact" });
  const manager = await person("centre-manager");
  await manager.goto("/console/privacy/accesses");
  const items = manager.getByRole("region", { name: "逐次记录" });
  await seen(items.getByText(number));
  await seen(items.getByText("联系诉求人"));
  await manager.getByRole("button", { name: "演示回访员" }).click();
  await seen(items.getByRole("button", { name: "看全部人员" }));
  assert.ok(!(await manager.locator("body").innerText()).includes("13970310011"));
});

test("one asks for an appellant's data to be erased, another one does not agree", async (t) => {
  const { person, api } = await centre(t);
  const [{ number }] = await (await api("centre-manager")).find("来源不明的肉类");
  const manager = await person("centre-manager");
  await manager.goto("/console/privacy/erasures");
  await manager.getByRole("button", { name: "删除一位诉求人" }).click();
  const asking = manager.getByRole("dialog");
  await asking.getByLabel("工单编号").fill(number);
  await asking.getByLabel("理由", { exact: false }).fill("本人书面要求");
  await asking.getByRole("button", { name: /提\s*出/ }).click();
  await seen(manager.getByText(`删除 ${number} 第1位诉求人的资料`));
  assert.equal(await manager.getByRole("button", { name: /答\s*复/ }).count(), 0, "nobody answers themselves");

  const leader = await person("leader");
  await leader.goto("/console/privacy/erasures");
  await leader.getByRole("button", { name: /答\s*复/ }).click();
  const deciding = leader.getByRole("dialog");
  await deciding.getByRole("textbox").fill("123456");
  await deciding.getByRole("button", { name: "批准并销毁" }).click();
  await seen(deciding.getByText("请先在“我的账户”中设置验证器", { exact: false }));
  await deciding.getByText("不同意", { exact: true }).first().click();
  await deciding.getByRole("textbox").fill("仍在办理");
  await deciding.getByRole("button", { name: "不同意" }).click();
  await seen(leader.getByText("不同意，", { exact: false }));
});
