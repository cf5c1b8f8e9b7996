// A demo centre of its own for each test: the real binary on a temporary folder, its clock standing where the test sets it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

// JIESU_BIN and CHROMIUM_BIN say which programs; JIESU_SHOTS=DIR keeps a picture of each page as it was when its test ended.
const BIN = process.env.JIESU_BIN ?? new URL("../../target/debug/jiesu", import.meta.url).pathname;
const CHROMIUM = process.env.CHROMIUM_BIN ?? "/usr/bin/chromium";
const QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"];
const SHOTS = process.env.JIESU_SHOTS;
const PASSWORD = "jiesu-demo";

/** Nothing here waits longer than this for anything. */
const PATIENCE = 15_000;

/** The address that the demo prints, once it also printed its last account. */
function address(child) {
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => reject(new Error(`jiesu demo did not start:\n${said}`)), 60_000);
    child.stderr.on("data", (text) => (said += text));
    child.stdout.on("data", (text) => {
      said += text;
      const found = /(http:\/\/[\d.:]+)\/console\//.exec(said);
      if (!found) return;
      clearTimeout(late);
      resolve(found[1]);
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`jiesu demo ended with ${code}:\n${said}`)));
  });
}

/** `place` = whose rulebook; `rulebooks` = files of law by name that the centre has of its own; `settings` = its jiesu.toml; `taught` = it
 * learns what it proposes. */
export async function startDemo(clock, { bin = BIN, place = "shangrao", rulebooks = {}, settings = "", listen = "127.0.0.1:0", taught = false } = {}) {
  const data = await mkdtemp(join(tmpdir(), "jiesu-e2e-"));
  await mkdir(join(data, "rulebooks"));
  for (const [name, text] of Object.entries(rulebooks)) await writeFile(join(data, "rulebooks", name), text);
  const config = join(data, "jiesu.toml");
  await writeFile(config, settings);
  const args = ["demo", "--config", config, "--place", place, "--data", data, "--listen", listen, "--clock", clock];
  // Learning takes some seconds of processor time, which most tests can do without.
  if (!taught) args.push("--untaught");
  const child = spawn(bin, args, { env: { ...process.env, JIESU_LOG: "warn" } });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(data, { recursive: true, force: true });
  };
  try {
    return { url: await address(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A browser whose computer is in another time zone: the console speaks Beijing time all the same. */
export async function openBrowser() {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu", ...QUIET] });
  const open = async (url, { login, viewport = { width: 1440, height: 900 } } = {}) => {
    const context = await browser.newContext({ baseURL: url, viewport, locale: "zh-CN", timezoneId: "UTC" });
    context.setDefaultTimeout(PATIENCE);
    if (login) {
      const answer = await context.request.post("/api/v1/session", { data: { login, password: PASSWORD } });
      assert.equal(answer.status(), 200, `${login} can log in`);
    }
    return context.newPage();
  };
  return { open, close: () => browser.close() };
}

/**
 * A centre and a browser for one test, gone with it. `person(login)` is a page of somebody logged in, the same page each time;
 * `api(login)` calls the API as that person.
 */
export async function centre(t, { clock = "2026-09-29T10:30:00+08:00", ...of } = {}) {
  const demo = await startDemo(clock, of);
  t.after(demo.stop);
  const browser = await openBrowser();
  t.after(async () => {
    // How the pages looked at the end, for looking into a failure.
    if (SHOTS) for (const [login, page] of pages) await page.screenshot({ path: join(SHOTS, `${login}.png`) });
    await browser.close();
  });

  const pages = new Map();
  const errors = [];
  const fresh = async (login, options) => {
    const page = await browser.open(demo.url, { login, ...options });
    page.on("pageerror", (error) => errors.push(`${login ?? "nobody"}: ${error.message}`));
    // What the policy of the page refuses (script or style that is not ours) is a mistake of ours, or an attack.
    page.on("console", (said) => {
      if (/content security policy/i.test(said.text())) errors.push(`${login ?? "nobody"}: ${said.text()}`);
    });
    return page;
  };
  t.after(() => assert.deepEqual(errors, [], "no page threw an error or tried what its policy forbids"));

  const person = async (login) => {
    if (!pages.has(login)) pages.set(login, await fresh(login));
    return pages.get(login);
  };
  const api = async (login) => {
    const { request } = (await person(login)).context();
    const call = async (method, path, data, headers) => {
      const answer = await request.fetch(`/api/v1${path}`, { method, data, headers });
      const text = await answer.text();
      assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${text}`);
      return text === "" ? undefined : JSON.parse(text);
    };
    return {
      get: (path) => call("GET", path),
      post: (path, data, headers) => call("POST", path, data, headers),
      command: (number, command) => call("POST", `/tickets/${number}/commands`, command),
      find: async (words) => (await call("GET", `/tickets?q=${encodeURIComponent(words)}`)).items,
    };
  };
  return { url: demo.url, fresh, person, api };
}

/** The steps of one story: after one that failed, those that follow are skipped. */
export function steps(t) {
  let failed = false;
  return (name, step) =>
    t.test(name, { skip: failed && "an earlier step failed" }, async () => {
      failed = true;
      await step();
      failed = false;
    });
}

/** A handling from dispatch to closure by the API, for stories that are about something else; again after a redo. */
export async function handle(api, number, { unit, assists = [], dispatch = true }) {
  const by = async (login, ...commands) => {
    const staff = await api(login);
    for (const command of commands) await staff.command(number, command);
  };
  if (dispatch) await by("dispatcher", { do: "dispatch", lead: unit, assists });
  for (const assist of assists) await by(assist, { do: "sign" }, { do: "deliver-assist", text: "已协助办理" });
  await by(unit, { do: "sign" }, { do: "draft-reply", text: "您好！已办理完毕。" });
  await by(`${unit}-leader`, { do: "audit-reply" });
  await by(unit, { do: "ask-closure", ground: "done", statement: "已办理完毕" });
  await by("reviewer", { do: "review-closure", approve: true, note: "材料齐全" });
}

/** Waits until it is there to be seen. */
export function seen(locator) {
  return locator.filter({ visible: true }).first().waitFor();
}

export function gone(locator) {
  return locator.first().waitFor({ state: "hidden" });
}

/** Opens a ticket's page and waits for its actions. */
export async function openTicket(page, number) {
  await page.goto(`/console/tickets/${number}`);
  await seen(page.getByRole("region", { name: "操作" }));
}

/** The button of an action, which may stand among those that are rarely done. */
async function actionButton(page, action) {
  const region = page.getByRole("region", { name: "操作" });
  const button = region.getByRole("button", { name: action, exact: true });
  if ((await button.count()) === 0) await region.getByRole("button", { name: /^更多操作/ }).click();
  return button;
}

/** Presses an action, fills its dialog with `fill` and sends it; `done: false` leaves the dialog to the test. */
export async function act(page, action, fill = async () => {}, { done = true } = {}) {
  await (await actionButton(page, action)).click();
  const dialog = page.getByRole("dialog", { name: new RegExp(`^${action}`) });
  await seen(dialog);
  await fill(dialog);
  await dialog.getByRole("button", { name: action, exact: true }).click();
  if (done) await gone(dialog);
  return dialog;
}

/** Picks an entry of a select by typing a part of it. */
export async function pick(dialog, label, text) {
  const box = dialog.getByRole("combobox", { name: label });
  await box.fill(text);
  await dialog.page().locator(".ant-select-dropdown:visible").getByTitle(text, { exact: true }).click();
  await box.press("Tab");
}
