// Units, accounts and posts: one administrator makes them, another gives power, and what is in hand goes over.
import assert from "node:assert/strict";
import { test } from "node:test";
import { centre, gone, seen } from "./centre.mjs";

/** Chooses in a list of a dialog by its label. */
async function choose(page, dialog, label, option) {
  await dialog.getByLabel(label, { exact: true }).click();
  await page.keyboard.type(option);
  await page.locator(".ant-select-item-option", { hasText: option }).first().click();
}

test("an account is made by one, gets its post from another, and hands over when it ends", async (t) => {
  const { person, api } = await centre(t);
  const admin = await person("system-admin");
  await admin.goto("/console/organisation");
  await admin.getByRole("button", { name: "登记单位" }).click();
  const unit = admin.getByRole("dialog", { name: "登记单位" });
  await unit.getByLabel("单位编号").fill("xinranqi");
  await unit.getByLabel("单位名称").fill("某某燃气公司");
  await choose(admin, unit, "类别", "公共服务企事业单位");
  await unit.getByRole("button", { name: "保存" }).click();
  await gone(unit);
  const row = admin.getByRole("row", { name: /某某燃气公司/ });
  for (const lacking of ["分管领导", "责任科室", "承办人员", "24小时值守电话"]) await seen(row.getByText(lacking));

  await admin.getByRole("link", { name: "账户与岗位" }).click();
  await admin.getByRole("button", { name: "新建账户" }).click();
  const account = admin.getByRole("dialog", { name: "新建账户" });
  await account.getByLabel("姓名").fill("王五");
  await account.getByLabel("登录名").fill("wangwu");
  await account.getByRole("button", { name: "建立", exact: true }).click();
  await gone(account);
  await seen(admin.getByRole("row", { name: /王五/ }).getByText("没有岗位"));
  assert.equal(await admin.getByRole("button", { name: /授予/ }).count(), 0, "who makes accounts gives no posts");

  const security = await person("security-admin");
  await security.goto("/console/accounts");
  assert.equal(await security.getByRole("button", { name: "新建账户" }).count(), 0);
  await security.getByRole("button", { name: "授予王五岗位" }).click();
  const give = security.getByRole("dialog", { name: "授予王五岗位" });
  await choose(security, give, "角色", "承办人");
  await choose(security, give, "所属单位", "城市管理局");
  await give.getByLabel("理由").fill("单位来函");
  await give.getByRole("button", { name: "授予", exact: true }).click();
  await gone(give);
  await seen(security.getByRole("row", { name: /王五/ }).getByText("城市管理局 · 承办人"));

  // What the handler has in hand inside the unit goes over to the new one.
  const seat = await api("seat");
  const { number } = await seat.post("/tickets", { kind: "help", title: "路灯不亮", content: "路灯不亮", channel: "phone", appellant: {} });
  await (await api("dispatcher")).command(number, { do: "dispatch", lead: "chengguan" });
  const handler = await api("chengguan");
  await handler.command(number, { do: "sign" });
  const { name } = await handler.get("/session");
  await handler.command(number, { do: "assign-inside", office: "市政科", handler: name });
  await security.getByRole("button", { name: `收回${name}的岗位` }).click();
  const end = security.getByRole("dialog", { name: `收回${name}的岗位` });
  await end.getByLabel("理由").fill("调离");
  await end.getByRole("button", { name: "收回", exact: true }).click();
  await seen(end.getByText(/还有1件在办工单/));
  await choose(security, end, "接任人", "王五");
  await end.getByRole("button", { name: "收回", exact: true }).click();
  await seen(security.getByText("已收回岗位，1件在办工单移交给王五"));
  const sheets = await (await api("chengguan-leader")).get("/organisation/handovers");
  assert.deepEqual(sheets[0].tickets, [number]);
});
