// The audit journal on the screen: read, narrowed, exported with a reason, by its administrator alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { centre, seen } from "./centre.mjs";

test("the audit administrator finds a refused attempt and exports it with a reason", async (t) => {
  const { person, url } = await centre(t);
  const nosy = await person("system-admin");
  const refusal = await nosy.context().request.get(`${url}/api/v1/audit`);
  assert.equal(refusal.status(), 403);

  const page = await person("audit-admin");
  await page.goto("/console/audit");
  await page.getByLabel("账户").fill("system-admin");
  await page.getByLabel("账户").press("Enter");
  await seen(page.getByRole("listitem").filter({ hasText: "越权被拒" }).getByText("/api/v1/audit", { exact: true }));
  assert.match(page.url(), /who=system-admin/);

  await page.getByRole("button", { name: "导出" }).click();
  const dialog = page.getByRole("dialog", { name: "导出审计日志" });
  const sure = dialog.getByRole("button", { name: "导出" });
  assert.equal(await sure.isDisabled(), true, "not without a reason");
  await dialog.getByLabel("理由（必填）").fill("季度检查");
  const saving = page.waitForEvent("download");
  await sure.click();
  assert.equal((await saving).suggestedFilename(), "审计日志.csv");
  await page.getByRole("button", { name: "全部清除" }).click();
  await seen(page.getByText("理由：季度检查"));
});

test("styles are let in on the console's page, and a seat has no audit journal", async (t) => {
  const { person } = await centre(t);
  const page = await person("seat");
  await page.goto("/console/tickets/new");
  const button = page.getByRole("button", { name: "保存，登记下一件" });
  await seen(button);
  assert.notEqual(await button.evaluate((b) => getComputedStyle(b).borderRadius), "0px");
  assert.equal(await page.getByRole("link", { name: "审计日志" }).count(), 0);
});
