// The pictures of docs/img, taken from the running program: a demo centre on a temporary folder, its clock standing on the morning of
// 29 September 2026, so that every picture is the same each time and the limits count over the National Day holiday.
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { openBrowser, seen, startDemo } from "../e2e/centre.mjs";

const OUT = new URL("../../docs/img/", import.meta.url).pathname;
const CLOCK = "2026-09-29T10:30:00+08:00";
const DESK = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

async function shoot(page, name) {
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready);
  const path = join(OUT, `${name}.png`);
  await page.screenshot({ path, animations: "disabled", caret: "hide" });
  console.log(`${name}.png  ${Math.round((await stat(path)).size / 1024)} kB`);
}

async function numberOf(page, words) {
  const answer = await page.context().request.get("/api/v1/tickets", { params: { q: words } });
  return (await answer.json()).items[0].number;
}

async function command(page, number, body) {
  const answer = await page.context().request.post(`/api/v1/tickets/${number}/commands`, { data: body });
  if (!answer.ok()) throw new Error(`${body.do}: ${await answer.text()}`);
}

async function consolePictures(open) {
  const dispatcher = await open("dispatcher", DESK);
  await dispatcher.goto("/console/tickets");
  await seen(dispatcher.locator("a.ticket-title"));
  await shoot(dispatcher, "console-list");

  const seat = await open("seat", DESK);
  await seat.goto("/console/tickets/new");
  await seat.getByLabel("诉求人电话").fill("13970310010");
  await seat.getByLabel("姓名").fill("钱伟");
  await seat.getByText("投诉", { exact: true }).click();
  await seat.getByLabel("标题").fill("信州区吉阳路工地昨夜又在打桩");
  await seat.getByLabel("诉求内容").fill("此前反映过的工地，昨晚十一点半到凌晨一点仍在打桩，希望尽快处理。");
  await seat.getByLabel("事发地点").fill("信州区吉阳路");
  await seen(seat.getByRole("button", { name: "并入此单" }));
  await shoot(seat, "console-register");

  const handler = await open("zhujian", DESK);
  await handler.goto(`/console/tickets/${await numberOf(handler, "工地夜间施工")}`);
  await seen(handler.getByRole("region", { name: "操作" }));
  await shoot(handler, "console-ticket");
  await handler.getByRole("button", { name: /^办理/ }).click();
  await seen(handler.getByText("逐日计算", { exact: true }));
  await shoot(handler, "console-clock");

  const onPhone = await open("chengguan", PHONE);
  await onPhone.goto("/console/tickets");
  await seen(onPhone.locator("a.ticket-title"));
  await shoot(onPhone, "console-phone");
}

async function portalPictures(open) {
  const citizen = await open(undefined, { width: 1024, height: 768 });
  await citizen.goto("/");
  await shoot(citizen, "portal-home");

  await citizen.goto("/submit");
  await citizen.getByLabel("求助").check();
  await citizen.getByLabel("标题").fill("公交站牌被树遮挡");
  await citizen.getByLabel("诉求内容").fill("中山路公交站牌被树枝遮住，看不清线路，请求修剪。");
  await citizen.getByLabel("网上：", { exact: false }).check();
  await citizen.getByRole("button", { name: "提交" }).click();
  const [number] = await citizen.locator(".keys dd").allInnerTexts();
  await command(await open("dispatcher", DESK), number, { do: "dispatch", lead: "chengguan" });
  await command(await open("chengguan", DESK), number, { do: "sign" });
  await citizen.getByRole("button", { name: "查看进度" }).click();
  await seen(citizen.getByRole("heading", { name: "公交站牌被树遮挡" }));
  await shoot(citizen, "portal-progress");
}

await mkdir(OUT, { recursive: true });
const demo = await startDemo(CLOCK);
const browser = await openBrowser();
try {
  const open = (login, viewport) => browser.open(demo.url, { login, viewport });
  await consolePictures(open);
  await portalPictures(open);
} finally {
  await browser.close();
  await demo.stop();
}
