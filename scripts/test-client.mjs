// People at work, for test-systemd.sh and test-container.sh. Every request comes on a connection of its own, as from a proxy that keeps none.
//   first URL LOGIN OLD NEW     the first log-in, which wants another password
//   work URL LOGIN PASSWORD FILE   registers and reads until there is FILE.stop, then writes to FILE what came of it
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

/** Who appeals: nothing of it may be in a log. */
const APPELLANT = { name: "欧阳试用", phone: "13800005678" };
const [what, url, login, ...rest] = process.argv.slice(2);
let cookie;

/** One request; rejects where there is no whole answer. */
function ask(method, path, body, headers = {}) {
  const text = body && JSON.stringify(body);
  const head = { ...headers, ...(cookie && { cookie }), ...(text && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }) };
  return new Promise((resolve, reject) => {
    const asked = request(url + path, { method, headers: head, agent: false }, (answer) => {
      let said = "";
      answer.setEncoding("utf8").on("data", (piece) => (said += piece));
      answer.on("error", reject).on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: said }));
    });
    asked.on("error", reject).end(text);
  });
}

async function logIn(password) {
  const answer = await ask("POST", "/api/v1/session", { login, password });
  if (answer.status !== 200) throw new Error(`log-in: ${answer.status} ${answer.body}`);
  cookie = answer.headers["set-cookie"][0].split(";")[0];
}

if (what === "first") {
  const [current, password] = rest;
  await logIn(current);
  const answer = await ask("PUT", "/api/v1/account/password", { current, password });
  if (answer.status >= 300) throw new Error(`password: ${answer.status} ${answer.body}`);
} else {
  const [password, file] = rest;
  await logIn(password);
  const came = { answered: 0, registered: [], lost: [] };

  /** Until it is answered as it should be, with the same key each time; each time it was not is noted. */
  async function insist(expected, ...asked) {
    for (;;) {
      const answer = await ask(...asked).catch((error) => ({ status: error.code ?? String(error), body: "" }));
      if (expected.includes(answer.status)) {
        came.answered += 1;
        return answer;
      }
      came.lost.push(`${new Date().toISOString()} ${asked[0]} ${answer.status} ${answer.body.slice(0, 200)}`);
      await pause(200);
    }
  }

  async function works(who) {
    for (let count = 0; !existsSync(`${file}.stop`); count++) {
      const key = `${process.pid}-${who}-${count}-systemd`;
      const body = { kind: "help", title: "路灯不亮", content: `第${count}盏路灯不亮`, channel: "phone", appellant: APPELLANT };
      const made = await insist([200, 201], "POST", "/api/v1/tickets", body, { "idempotency-key": key });
      came.registered.push(JSON.parse(made.body).number);
      for (const path of ["/api/v1/tickets?limit=1", "/", "/healthz"]) await insist([200], "GET", path);
      if (who === 0 && count === 0) writeFileSync(`${file}.begun`, "");
      await pause(10);
    }
  }
  await Promise.all([0, 1, 2, 3].map(works));
  writeFileSync(`${file}.part`, JSON.stringify(came));
  renameSync(`${file}.part`, file);
}
