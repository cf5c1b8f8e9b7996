import { startDemo, openBrowser } from "./centre.mjs";
const demo = await startDemo("2026-09-29T10:30:00+08:00");
const browser = await openBrowser();
const out = "/tmp/k6/shots";
try {
  for (const [size, viewport] of [["wide", { width: 1440, height: 900 }], ["phone", { width: 390, height: 844 }]]) {
    const shot = async (login, path, name, act) => {
      const page = await browser.open(demo.url, { login, viewport });
      page.on("pageerror", (e) => console.log(name, e.message));
      page.on("console", (m) => { if (["error", "warning"].includes(m.type())) console.log(name, m.text().slice(0, 200)); });
      await page.goto(path);
      await page.waitForLoadState("networkidle").catch(() => {});
      if (act) await act(page);
      await page.waitForTimeout(700);
      await page.screenshot({ path: `${out}/${name}-${size}.png`, fullPage: size === "phone" });
      await page.context().close();
    };
    await shot("seat", "/console/knowledge", "search", (p) => p.getByLabel("查知识库").fill("家门口的路灯坏了"));
    await shot("seat", "/console/tickets/new", "register", async (p) => {
      await p.getByLabel("标题").fill("万寿街夜市烧烤油烟大");
      await p.getByLabel("诉求内容").fill("每天晚上烧烤摊占道，油烟熏得睡不着");
      await p.waitForTimeout(900);
      await p.getByRole("region", { name: "知识库中相近的" }).getByRole("button").first().click();
    });
    await shot("knowledge-clerk", "/console/knowledge/lists?list=all", "lists");
    await shot("knowledge-clerk", "/console/knowledge/entries/K-000001", "entry");
    await shot("reviewer", "/console/knowledge/entries/K-000008", "review");
    await shot("chengguan", "/console/knowledge/new", "new");
    await shot("knowledge-clerk", "/console/knowledge/lists", "ask", (p) => p.getByRole("button", { name: "我要提问" }).click());
    await shot("gongan", "/console/knowledge/lists", "owed");
    await shot("reviewer", "/console/knowledge/figures", "figures", async (p) => {
      if (size === "wide") { await p.getByLabel("期次").fill("2026年9月"); await p.getByRole("button", { name: "抽取" }).click(); await p.waitForTimeout(500); }
    });
    await shot("chengguan", "/console/knowledge/entries/K-000001", "submit", (p) => p.getByRole("button", { name: "报送", exact: true }).click());
    await shot(undefined, "/questions", "portal");
  }
} finally { await browser.close(); await demo.stop(); }
