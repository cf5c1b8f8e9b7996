import assert from "node:assert/strict";
import { test } from "node:test";
import { centre, gone, seen } from "./centre.mjs";

async function logIn(scope, login, password) {
  if (login) await scope.getByLabel("账号").fill(login);
  await scope.getByLabel("密码").fill(password);
  await scope.getByRole("button", { name: "登录" }).click();
}

test("a wrong password says so, the right one leads to where one wanted to go", async (t) => {
  const { fresh } = await centre(t);
  const page = await fresh();
  await page.goto("/console/tickets?state=in-hand");
  await logIn(page, "seat", "not-the-password");
  await seen(page.getByRole("alert").getByText("登录名或密码不对，请重新输入"));
  assert.equal(await page.getByLabel("账号").inputValue(), "seat");
  await logIn(page, null, "jiesu-demo");
  await seen(page.getByRole("link", { name: "村道坍塌出行困难" }));
  assert.equal(new URL(page.url()).searchParams.get("state"), "in-hand");
});

test("a session that ended while somebody typed: log in again on top, the text is still there", async (t) => {
  const { person, api } = await centre(t);
  const page = await person("seat");
  await page.goto("/console/tickets/new");
  await page.getByText("投诉", { exact: true }).click();
  await page.getByLabel("标题").fill("小区电梯困人");
  await page.getByLabel("诉求内容").fill("电梯一周内三次困人，物业未维修。");
  await page.context().clearCookies();
  await page.getByRole("button", { name: "保存，登记下一件" }).click();

  const dialog = page.getByRole("dialog", { name: "登录已失效，请重新登录" });
  await seen(dialog);
  assert.equal(await dialog.getByLabel("账号").inputValue(), "seat", "who it was is filled in");
  await logIn(dialog, null, "jiesu-demo");
  await gone(dialog);
  assert.equal(await page.getByLabel("诉求内容").inputValue(), "电梯一周内三次困人，物业未维修。");
  await page.getByRole("button", { name: "保存，登记下一件" }).click();
  await seen(page.getByRole("region", { name: "刚才登记的" }));
  assert.equal((await (await api("seat")).find("小区电梯困人")).length, 1);
});

test("with the keyboard alone: log in, find a ticket, open it, open its dialog and leave it", async (t) => {
  const { fresh } = await centre(t);
  const page = await fresh();
  const { keyboard } = page;
  await page.goto("/console/");
  await seen(page.getByLabel("账号"));
  await keyboard.type("dispatcher");
  await keyboard.press("Tab");
  await keyboard.type("jiesu-demo");
  await keyboard.press("Enter");
  await seen(page.getByRole("link", { name: "小区门口路灯连续一周不亮" }));

  await keyboard.press("/");
  await keyboard.type("路灯");
  await keyboard.press("Enter");
  await gone(page.getByRole("link", { name: "村道坍塌出行困难" }));
  await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await seen(page.getByRole("heading", { name: "小区门口路灯连续一周不亮" }));

  const dispatch = page.getByRole("button", { name: "派单", exact: true });
  for (let tabs = 0; tabs < 20 && !(await dispatch.evaluate((button) => button === document.activeElement)); tabs += 1) {
    await keyboard.press("Tab");
  }
  await keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: /^派单/ });
  await seen(dialog);
  await keyboard.press("Escape");
  await gone(dialog);
});

test("who sees no tickets and registers none lands on a page of use", async (t) => {
  const { person } = await centre(t);
  const admin = await person("system-admin");
  await admin.goto("/console/");
  await seen(admin.getByRole("heading", { name: "组织机构" }));
  const clerk = await person("knowledge-clerk");
  await clerk.goto("/console/");
  await seen(clerk.getByRole("heading", { name: "知识库" }));
  const seat = await person("outsourced-seat");
  await seat.goto("/console/tickets");
  await seen(seat.getByLabel("诉求人电话"));
});
