import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { centre, openTicket, seen } from "./centre.mjs";

/** A picture of so many bytes, as far as anybody looks. */
function picture(size) {
  const head = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");
  return Buffer.concat([head, Buffer.alloc(size - head.length, 7)]);
}

test("a clerk attaches a photo over a connection that breaks; another one takes it out again", async (t) => {
  const { person, api } = await centre(t);
  const [{ number }] = await (await api("zhujian")).find("工地夜间施工");
  const clerk = await person("zhujian");
  // The first piece that is sent never arrives, and what was asked next neither.
  let broken = 0;
  await clerk.route("**/api/v1/uploads/*", (route) => (broken++ < 2 ? route.abort("connectionreset") : route.continue()));
  await openTicket(clerk, number);
  const card = clerk.getByRole("region", { name: "附件" });
  const buffer = picture(9 * 1024 * 1024);
  await card.getByLabel("选择附件").setInputFiles({ name: "停工现场 1.png", mimeType: "image/png", buffer });
  await seen(card.getByRole("link", { name: "停工现场 1.png" }));
  assert.ok(broken > 2, "it was tried again");
  await seen(card.getByText("未查毒"));
  await seen(card.getByText("答复材料 · 图片 · 9MB", { exact: false }));

  const [download] = await Promise.all([clerk.waitForEvent("download"), card.getByRole("link", { name: "停工现场 1.png" }).click()]);
  assert.equal(download.suggestedFilename(), "停工现场 1.png");
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  assert.ok(Buffer.concat(chunks).equals(buffer), "every byte is the same");

  // What is not what it says is refused in words, and nothing is attached.
  const program = { name: "照片.png", mimeType: "image/png", buffer: Buffer.from("MZ\x90\0\x03\0\0\0") };
  await card.getByLabel("选择附件").setInputFiles(program);
  await seen(card.getByRole("alert").filter({ hasText: "压缩包、程序、网页等不接收" }));
  assert.equal((await (await api("zhujian")).get(`/tickets/${number}`)).files.length, 1);
});

test("a citizen attaches a photo to an appeal without any script; the centre sees it", async (t) => {
  const { person, fresh } = await centre(t);
  const citizen = await fresh();
  await citizen.goto("/submit");
  await citizen.getByLabel("求助").check();
  await citizen.getByLabel("标题").fill("路灯不亮一周");
  await citizen.getByLabel("诉求内容").fill("万寿街南段路灯一周不亮，晚上看不清路。");
  await citizen.getByLabel("网上：").check();
  await citizen.getByLabel("照片、录音等附件").setInputFiles({ name: "路灯.png", mimeType: "image/png", buffer: picture(5000) });
  await citizen.getByRole("button", { name: "提交" }).click();
  await seen(citizen.getByText("已收到附件1个"));
  const number = await citizen.locator("dd").first().innerText();

  const seat = await person("seat");
  await openTicket(seat, number);
  await seen(seat.getByRole("region", { name: "附件" }).getByRole("link", { name: "路灯.png" }));
});

const BIN = process.env.JIESU_BIN ?? new URL("../../target/debug/jiesu", import.meta.url).pathname;

/** A server process on a data folder, and the address that it says. */
async function start(data, args, listen = "127.0.0.1:0") {
  const all = [...args, "--place", "shangrao", "--data", data, "--listen", listen, "--clock", "2026-09-29T10:30:00+08:00"];
  const child = spawn(BIN, all); // it says its address at the level info
  const url = await new Promise((resolve, reject) => {
    let said = "";
    const hear = (text) => {
      said += text;
      const found = /(http:\/\/[\d.:]+)\/console\//.exec(said);
      if (found) resolve(found[1]);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("exit", (code) => reject(new Error(`ended with ${code}:\n${said}`)));
  });
  const kill = (signal) => new Promise((done) => child.on("exit", done) && child.kill(signal));
  return { url, kill };
}

test("an upload goes on after kill -9 of the server, and every byte is there", async (t) => {
  const data = await mkdtemp(join(tmpdir(), "jiesu-kill-"));
  t.after(() => rm(data, { recursive: true, force: true }));
  let server = await start(data, ["demo"]);
  const { url } = server;
  const login = await fetch(`${url}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ login: "seat", password: "jiesu-demo" }),
  });
  const cookie = login.headers.get("set-cookie").split(";")[0];
  const call = (path, method = "GET", headers = {}, body) => fetch(url + path, { method, headers: { cookie, ...headers }, body });
  const content = picture(300_000);
  // OpenSSL knows SM3: a third opinion beside the server's and the console's.
  const sm3 = createHash("sm3").update(content).digest("hex");
  const { items } = await (await call("/api/v1/tickets?state=in-hand")).json();
  const json = { "content-type": "application/json" };
  const wanted = JSON.stringify({ name: "现场.png", purpose: "appeal", size: content.length, sm3 });
  const begun = await (await call(`/api/v1/tickets/${items[0].number}/files`, "POST", json, wanted)).json();
  const send = (from, to) => {
    const headers = { "content-type": "application/offset+octet-stream", "upload-offset": String(from) };
    return call(begun.url, "PATCH", headers, content.subarray(from, to));
  };
  assert.equal((await send(0, 100_000)).status, 204);
  await server.kill("SIGKILL");
  server = await start(data, ["serve"], new URL(url).host);
  t.after(() => server.kill("SIGKILL"));
  const stands = await call(begun.url, "HEAD");
  assert.equal(stands.headers.get("upload-offset"), "100000", "what was acknowledged is there");
  assert.equal((await send(100_000, content.length)).status, 204);
  const ticket = await (await call(`${begun.url}/finish`, "POST")).json();
  assert.equal(ticket.files.at(-1).known.sm3, sm3);
  const back = await call(`/api/v1/tickets/${items[0].number}/files/${ticket.files.at(-1).no}`);
  assert.ok(Buffer.from(await back.arrayBuffer()).equals(content));
});
