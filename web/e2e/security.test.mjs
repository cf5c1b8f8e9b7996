import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { centre, gone, seen } from "./centre.mjs";

const PASSWORD = "jiesu-demo";

/** What an authenticator app shows for a secret: RFC 6238. */
function code(secret, ahead = 0) {
  const bits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const digest = createHmac("sha1", key).update(step).digest();
  const from = digest[19] & 15;
  return String((digest.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function logIn(page, login, password) {
  await page.goto("/console/login");
  await page.getByLabel("账号").fill(login);
  await page.getByLabel("密码").fill(password);
  await page.getByRole("button", { name: "登录" }).click();
}

test("a second factor is set up on the own page, asked for from then on, and a recovery code opens once", async (t) => {
  const { person, fresh } = await centre(t);
  const page = await person("reviewer");
  await page.goto("/console/account");
  await page.getByRole("button", { name: "设 置" }).or(page.getByRole("button", { name: "设置", exact: true })).click();
  const dialog = page.getByRole("dialog", { name: "设置双因素登录" });
  await dialog.getByLabel("现在的密码").fill(PASSWORD);
  await dialog.getByRole("button", { name: "显示二维码" }).click();
  await seen(dialog.getByAltText("双因素登录二维码"));
  const secret = (await dialog.locator(".secret").first().innerText()).trim();
  await dialog.getByLabel("验证器上显示的6位数字").fill("000000");
  await dialog.getByRole("button", { name: "确认" }).click();
  await seen(dialog.getByText(/验证码不对/));
  await dialog.getByLabel("验证器上显示的6位数字").fill(code(secret));
  await dialog.getByRole("button", { name: "确认" }).click();
  const codes = dialog.getByRole("region", { name: "恢复码" });
  await seen(codes);
  const recovery = await codes.getByRole("listitem").first().innerText();
  await dialog.getByRole("button", { name: "已保存，继续" }).click();
  await seen(page.getByText("已设置，还有 10 个恢复码"));

  const next = await fresh();
  await logIn(next, "reviewer", PASSWORD);
  const used = code(secret, 1);
  await next.getByLabel("验证码").fill(used);
  await next.getByRole("button", { name: "继续" }).click();
  await seen(next.getByRole("link", { name: "工单" }));

  const lost = await fresh();
  await logIn(lost, "reviewer", PASSWORD);
  await lost.getByLabel("验证码").fill(used);
  await lost.getByRole("button", { name: "继续" }).click();
  await seen(lost.getByRole("alert").getByText(/验证码不对或已经用过/));
  await lost.getByLabel("验证码").fill(recovery);
  await lost.getByRole("button", { name: "继续" }).click();
  await seen(lost.getByRole("link", { name: "工单" }));
});

test("a password that the administrator gave is changed before anything else", async (t) => {
  const { person, fresh } = await centre(t);
  const admin = await person("security-admin");
  await admin.goto("/console/");
  await admin.getByRole("button", { name: "演示派单员的更多操作" }).click();
  await admin.getByRole("menuitem", { name: "重设密码" }).click();
  await admin.getByRole("dialog", { name: /重设密码/ }).getByRole("button", { name: "重设" }).click();
  const shown = admin.getByRole("dialog", { name: "初始密码" });
  await seen(shown);
  const given = (await shown.locator(".secret").innerText()).trim();
  await shown.getByRole("button", { name: "已交给本人" }).click();

  const page = await fresh();
  await logIn(page, "dispatcher", given);
  await seen(page.getByText("请设置新密码"));
  await page.getByLabel("新密码", { exact: true }).fill("dispatcher-A7");
  await page.getByLabel("再输入一次新密码").fill("dispatcher-A7");
  await page.getByRole("button", { name: "更换密码" }).click();
  await seen(page.getByText("密码中不能有登录名，请换一个"));
  await page.getByLabel("新密码", { exact: true }).fill("Lu7mao-Xuq");
  await page.getByLabel("再输入一次新密码").fill("Lu7mao-Xuq");
  await page.getByRole("button", { name: "更换密码" }).click();
  await seen(page.getByRole("link", { name: "小区门口路灯连续一周不亮" }));
});

test("who is shut out is let in again; sessions are seen and ended", async (t) => {
  const { person, fresh } = await centre(t);
  const stranger = await fresh();
  await stranger.goto("/console/login");
  await stranger.getByLabel("账号").fill("seat");
  for (let n = 0; n < 6; n += 1) {
    await stranger.getByLabel("密码").fill(`wrong-${n}`);
    const answered = stranger.waitForResponse("**/api/v1/session");
    await stranger.getByRole("button", { name: "登录" }).click();
    await answered;
  }
  await seen(stranger.getByRole("alert").getByText(/失败次数过多/));

  const admin = await person("security-admin");
  await admin.goto("/console/security/log-ins");
  const row = admin.getByRole("row", { name: /演示话务员/ });
  await seen(row.getByText(/锁定至/));
  await row.getByRole("button", { name: "解锁" }).click();
  await gone(row.getByText(/锁定至/));

  await logIn(stranger, "seat", PASSWORD);
  await seen(stranger.getByRole("link", { name: "登记" }));
  const other = await person("seat");
  await other.goto("/console/account");
  const sessions = other.getByRole("region", { name: "登录设备" });
  await seen(sessions.getByText("本机"));
  await sessions.getByRole("button", { name: "退出" }).click();
  await gone(sessions.getByRole("button", { name: "退出" }));
  await stranger.reload();
  await seen(stranger.getByLabel("账号"));
});

test("a key is made, shown once, replaced and ended; the rules for log-ins are kept within their bounds", async (t) => {
  const { person } = await centre(t);
  const admin = await person("security-admin");
  await admin.goto("/console/security/keys");
  await admin.getByRole("button", { name: "新建密钥" }).click();
  const form = admin.getByRole("dialog", { name: "新建密钥" });
  await form.getByLabel("平台名称").fill("省平台");
  await form.getByText("登记").click();
  await form.getByRole("button", { name: "生成密钥" }).click();
  const shown = admin.getByRole("dialog", { name: "新密钥" });
  await seen(shown);
  const key = (await shown.locator(".secret").innerText()).trim();
  assert.match(key, /^jk_[0-9a-f]{8}_[0-9a-f]{48}$/);
  await shown.getByRole("button", { name: "已保存" }).click();
  await gone(shown);
  const asks = () => admin.context().request.get("/api/v1/session", { headers: { authorization: `Bearer ${key}` } });
  assert.equal((await asks()).status(), 200);
  const row = admin.getByRole("row", { name: /省平台/ });
  assert.ok(!(await row.first().innerText()).includes(key.slice(-20)));
  await row.getByRole("button", { name: "停用" }).click();
  await admin.getByRole("dialog", { name: /停用“省平台”的密钥/ }).getByRole("button", { name: "停用" }).click();
  await seen(row.getByText("已停用"));
  assert.equal((await asks()).status(), 401);

  await admin.goto("/console/security/policy");
  await seen(admin.getByText(/演示中心的宽松规则/));
  await admin.getByRole("button", { name: "保存" }).click();
  await seen(admin.getByText("应为1至180，请改正后再保存"));
  await admin.getByLabel("密码有效期").fill("90");
  await admin.getByRole("button", { name: "保存" }).click();
  await seen(admin.getByText(/须用双因素登录，请保留/));
  for (const role of ["系统管理员", "安全管理员", "审计管理员", "审核员"]) {
    await admin.getByRole("checkbox", { name: role, exact: true }).check();
  }
  await admin.getByRole("button", { name: "保存" }).click();
  await seen(admin.getByText("登录规则已保存"));
  await gone(admin.getByText(/演示中心的宽松规则/));
});
