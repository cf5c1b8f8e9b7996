import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { generateKeyPairSync } from "node:crypto";
import { Provider } from "oidc-provider";
import { centre, seen } from "./centre.mjs";

/** A port that nobody has at this moment. */
async function port() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A key that signs tokens, named as it is published. */
function key(kid) {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" };
}

/** A real identity service: oidc-provider with its own pages to log in on. `rotate` gives it another key. */
async function identityService(t, redirect, left) {
  const at = await port();
  const issuer = `http://127.0.0.1:${at}`;
  const client = { client_id: "hotline", client_secret: "a-secret:with signs", redirect_uris: [redirect], post_logout_redirect_uris: [left] };
  const make = (jwk) =>
    new Provider(issuer, {
      clients: [client],
      jwks: { keys: [jwk] },
      cookies: { keys: ["test"] },
      pkce: { required: () => true },
      findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    }).callback();
  let answer = make(key("first"));
  const server = createServer((request, response) => answer(request, response));
  await new Promise((resolve) => server.listen(at, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { issuer, rotate: () => (answer = make(key("second"))) };
}

async function logInThere(page, who) {
  await page.getByRole("link", { name: "省统一身份认证登录" }).click();
  await page.getByPlaceholder("Enter any login").fill(who);
  await page.getByPlaceholder("and password").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

test("by the province's identity service, for who is linked and nobody else, also after it changed its keys", async (t) => {
  const ours = await port();
  const address = `http://127.0.0.1:${ours}`;
  const service = await identityService(t, `${address}/api/v1/oidc/callback`, `${address}/console/login`);
  const settings = `[oidc]
issuer = "${service.issuer}"
client_id = "hotline"
client_secret = "a-secret:with signs"
our_address = "${address}"
name = "省统一身份认证"
`;
  const { fresh, person } = await centre(t, { settings, listen: `127.0.0.1:${ours}` });

  const stranger = await fresh();
  await stranger.goto("/console/login");
  await logInThere(stranger, "u-zhang");
  await seen(stranger.getByText(/没有关联本系统的账户/));

  const admin = await person("security-admin");
  await admin.goto("/console/security/log-ins");
  await admin.getByRole("button", { name: "演示派单员的更多操作" }).click();
  await admin.getByRole("menuitem", { name: "关联统一身份" }).click();
  const form = admin.getByRole("dialog", { name: /关联统一身份/ });
  await form.getByLabel("统一身份认证中的用户标识").fill("u-zhang");
  await form.getByRole("button", { name: "关联" }).click();
  await seen(admin.getByRole("row", { name: /演示派单员/ }).getByText("统一身份", { exact: true }));

  const page = await fresh();
  await page.goto("/console/login");
  await logInThere(page, "u-zhang");
  await seen(page.getByRole("link", { name: "小区门口路灯连续一周不亮" }));
  const me = await (await page.context().request.get("/api/v1/session")).json();
  assert.equal(me.account, "dispatcher");

  // A callback that this browser did not ask for, and the same one again, open nothing.
  const other = await fresh();
  await other.goto("/api/v1/oidc/callback?code=abc&state=def");
  await seen(other.getByText(/没有完成，请重新登录/));

  // With its old tokens and keys gone, the service signs by a new one.
  service.rotate();
  const later = await fresh();
  await later.goto("/console/login");
  await logInThere(later, "u-zhang");
  await seen(later.getByRole("link", { name: "小区门口路灯连续一周不亮" }));

  // Who logs out here logs out there, and comes back: the next one at this browser is asked who they are.
  await later.getByRole("button", { name: /演示派单员/ }).click();
  await later.getByRole("menuitem", { name: "退出登录" }).click();
  await later.getByRole("button", { name: "Yes, sign me out" }).click();
  await seen(later.getByRole("link", { name: "省统一身份认证登录" }));
  assert.equal(new URL(later.url()).pathname, "/console/login");
  assert.equal((await later.context().request.get("/api/v1/session")).status(), 401);
  await later.getByRole("link", { name: "省统一身份认证登录" }).click();
  await seen(later.getByPlaceholder("Enter any login"));
});
