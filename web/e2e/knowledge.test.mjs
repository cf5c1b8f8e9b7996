// The knowledge base: a unit submits, a reviewer publishes, a seat finds it while typing; a question is asked and answered; an error is found.
import assert from "node:assert/strict";
import { test } from "node:test";
import { centre, gone, seen } from "./centre.mjs";

test("what a unit submits is found by a seat once somebody else has published it", async (t) => {
  const { person } = await centre(t);
  const unit = await person("renshe");
  await unit.goto("/console/knowledge/new");
  await unit.getByLabel("问题", { exact: true }).fill("失业保险金怎样申领？");
  await unit.getByLabel("答案", { exact: true }).fill("离职后六十日内，在网上或者到社保窗口申领。");
  await unit.getByRole("button", { name: "报送审核" }).click();
  await seen(unit.getByText(/保密审查，并在表中确认内容和附件不涉密/).first());
  await unit.getByLabel("本单位已作保密审查，内容和附件不涉密").check();
  await unit.getByRole("button", { name: "报送审核" }).click();
  await seen(unit.getByRole("heading", { name: "待审核的内容" }));

  const seat = await person("seat");
  await seat.goto("/console/tickets/new");
  await seat.getByLabel("标题").fill("被辞退了想领失业金");
  const near = seat.getByRole("region", { name: "知识库中相近的" });
  await seen(near.getByText(/拖欠农民工工资|没有相近的内容|灵活就业/).first());
  assert.equal(await near.getByText("失业保险金怎样申领？").count(), 0, "nobody has reviewed it");

  const reviewer = await person("reviewer");
  await reviewer.goto("/console/knowledge/lists?list=review");
  await reviewer.getByRole("link", { name: "失业保险金怎样申领？" }).click();
  await reviewer.getByRole("button", { name: "审核发布" }).click();
  const publish = reviewer.getByRole("dialog", { name: "审核发布" });
  await publish.getByRole("button", { name: "审核发布" }).click();
  await gone(publish);
  await seen(reviewer.getByText("已发布", { exact: true }));

  await seat.getByLabel("标题").fill("被辞退了想申领失业保险金");
  await seat.getByRole("button", { name: "失业保险金怎样申领？" }).click();
  await seen(near.getByText("离职后六十日内，在网上或者到社保窗口申领。"));

  // Looked up by itself, in the caller's words; Enter opens the first.
  await seat.goto("/console/knowledge");
  await seat.getByLabel("查知识库").fill("失业了能领多少保险金");
  await seen(seat.getByRole("link", { name: "失业保险金怎样申领？" }));
  await seat.getByLabel("查知识库").press("Enter");
  await seen(seat.getByRole("heading", { name: /失业保险金怎样申领/ }));
  await seat.getByRole("button", { name: "报错" }).click();
  const report = seat.getByRole("dialog", { name: "报错" });
  await report.getByLabel("哪里有误").fill("申领期限已经取消");
  await report.getByRole("button", { name: "报错" }).click();
  await gone(report);

  const clerk = await person("knowledge-clerk");
  await clerk.goto(seat.url());
  await clerk.getByRole("button", { name: "核实有误" }).click();
  const confirm = clerk.getByRole("dialog", { name: "核实有误" });
  await confirm.getByRole("button", { name: "核实有误" }).click();
  await gone(confirm);
  await seen(clerk.getByText("有误，正在修正"));
  await seen(clerk.getByText(/知识纠错/).first());
});

test("a form goes with its entry: added, taken away, published, taken out by a seat and by a citizen", async (t) => {
  const { person, fresh } = await centre(t);
  const unit = await person("renshe");
  await unit.goto("/console/knowledge/new");
  await unit.getByLabel("问题", { exact: true }).fill("灵活就业参保填什么表？");
  await unit.getByLabel("答案", { exact: true }).fill("填写参保登记表，带身份证到社保窗口。");
  const chooser = unit.getByLabel("选择附件");
  const text = (name, said) => ({ name, mimeType: "text/plain", buffer: Buffer.from(said) });
  await chooser.setInputFiles([text("参保登记表.txt", "姓名："), text("写错的表.txt", "……")]);
  const files = unit.getByRole("list", { name: "这一版的附件" });
  await seen(files.getByText("写错的表.txt"));
  await files.getByRole("button", { name: "删去附件写错的表.txt" }).click();
  await gone(files.getByText("写错的表.txt"));
  await chooser.setInputFiles({ name: "程序.png", mimeType: "image/png", buffer: Buffer.from("MZ\x90\0\x03\0\0\0") });
  await seen(unit.getByRole("alert").filter({ hasText: "压缩包、程序、网页等不接收" }));
  await unit.getByLabel("群众可以在门户上自己查看").check();
  await unit.getByLabel("本单位已作保密审查，内容和附件不涉密").check();
  await unit.getByRole("button", { name: "报送审核" }).click();
  await seen(unit.getByRole("link", { name: "参保登记表.txt" }));
  const address = unit.url();

  const reviewer = await person("reviewer");
  await reviewer.goto("/console/knowledge/lists?list=review");
  await reviewer.getByLabel("在清单中查找").fill("登记表");
  await reviewer.getByLabel("在清单中查找").press("Enter");
  await seen(reviewer.getByText("共 1 条"));
  await reviewer.getByRole("link", { name: "灵活就业参保填什么表？" }).click();
  await seen(reviewer.getByRole("link", { name: "参保登记表.txt" }));
  await reviewer.getByRole("button", { name: "审核发布" }).click();
  const publish = reviewer.getByRole("dialog", { name: "审核发布" });
  await publish.getByRole("button", { name: "审核发布" }).click();
  await gone(publish);

  const seat = await person("seat");
  await seat.goto(address);
  const [taken] = await Promise.all([seat.waitForEvent("download"), seat.getByRole("link", { name: "参保登记表.txt" }).click()]);
  assert.equal(taken.suggestedFilename(), "参保登记表.txt");

  const citizen = await fresh();
  await citizen.goto("/questions");
  await citizen.getByLabel("想问什么").fill("灵活就业参保填什么表");
  await citizen.getByRole("button", { name: "查找" }).click();
  const link = citizen.getByRole("link", { name: "参保登记表.txt" });
  const [public_] = await Promise.all([citizen.waitForEvent("download"), link.click()]);
  assert.equal(public_.suggestedFilename(), "参保登记表.txt");

  // A new version begins with the files of the former.
  await unit.goto(address);
  await unit.getByRole("button", { name: "报送", exact: true }).click();
  await seen(unit.getByRole("dialog", { name: "报送" }).getByText("参保登记表.txt"));
});

test("the centre asks, the unit answers within its limit", async (t) => {
  const { person } = await centre(t);
  const clerk = await person("knowledge-clerk");
  await clerk.goto("/console/knowledge/lists");
  await clerk.getByRole("button", { name: "我要提问" }).click();
  const ask = clerk.getByRole("dialog", { name: "我要提问" });
  await ask.getByLabel("责任单位").click();
  await clerk.keyboard.type("人力资源");
  await clerk.locator(".ant-select-item-option", { hasText: "人力资源" }).first().click();
  await ask.getByLabel("问题").fill("工伤认定要带哪些材料");
  await ask.getByRole("button", { name: "提问", exact: true }).click();
  await gone(ask);
  await seen(clerk.getByText("待答复", { exact: true }));

  const unit = await person("renshe");
  await unit.goto("/console/knowledge/lists");
  await unit.getByRole("link", { name: "工伤认定要带哪些材料" }).click();
  await unit.getByRole("button", { name: "我要答复", exact: true }).click();
  const answer = unit.getByRole("dialog", { name: "我要答复" });
  await answer.getByLabel("答复", { exact: true }).fill("劳动合同、医疗诊断证明和工伤认定申请表。");
  await answer.getByLabel("本单位已作保密审查，内容不涉密").check();
  await answer.getByRole("button", { name: "我要答复" }).click();
  await gone(answer);
  await seen(unit.getByText("按期完成").first());

  const manager = await person("reviewer");
  await manager.goto("/console/knowledge/figures");
  await manager.getByLabel("期次").fill("2026年9月");
  await manager.getByRole("button", { name: "抽取" }).click();
  await manager.getByRole("button", { name: "正确", exact: true }).first().click();
  await seen(manager.getByText(/正确 · /).first());
});

test("citizens find what is open to them", async (t) => {
  const { fresh } = await centre(t);
  const page = await fresh();
  await page.goto("/questions");
  await page.getByLabel("想问什么").fill("身份证丢了怎么补");
  await page.getByRole("button", { name: "查找" }).click();
  await seen(page.getByText("身份证丢了怎样补办？"));
  await seen(page.getByText(/就近派出所户籍窗口/));
  assert.equal(new URL(page.url()).search, "", "what was asked stands in no address");
});
