import assert from "node:assert/strict";
import { test } from "node:test";
import { act, centre, openTicket, seen } from "./centre.mjs";

test("two at one ticket: the second learns what changed, keeps its text and goes on", async (t) => {
  const { person, fresh, api } = await centre(t);
  const first = await person("zhujian");
  const second = await fresh("zhujian-leader");
  const [{ number }] = await (await api("zhujian")).find("工地夜间施工");
  await openTicket(first, number);
  await openTicket(second, number);

  const mine = "您好！已责令工地夜间停工，并派员值守。";
  const dialog = await act(second, "起草答复", async (form) => {
    await form.getByLabel("答复内容").fill(mine);
    await act(first, "记录联系", async (other) => {
      await other.getByLabel("没有联系上").check();
      await other.getByLabel("联系情况").fill("两次拨打无人接听");
    });
  }, { done: false });

  const warning = dialog.getByRole("alert").filter({ hasText: "别人改动了这件工单" });
  await seen(warning.getByText("两次拨打无人接听", { exact: false }));
  assert.equal(await dialog.getByLabel("答复内容").inputValue(), mine);
  assert.equal((await (await api("zhujian")).get(`/tickets/${number}`)).work.reply.is, "none", "nothing was saved over it");

  await warning.getByRole("button", { name: "已知悉，继续" }).click();
  await dialog.getByRole("button", { name: "起草答复", exact: true }).click();
  await seen(second.getByText("草稿，待审定"));
  assert.equal((await (await api("zhujian")).get(`/tickets/${number}`)).work.reply.text, mine);
});

test("a confidential ticket: the unit never sees who appeals, the centre field by field for a purpose", async (t) => {
  const { person, api } = await centre(t);
  const [{ number }] = await (await api("dispatcher")).find("来源不明的肉类");

  const unit = await person("shichang");
  await openTicket(unit, number);
  await seen(unit.getByText("诉求人要求保密，信息不显示"));
  const page = await unit.locator("body").innerText();
  const answer = JSON.stringify(await (await api("shichang")).get(`/tickets/${number}`));
  for (const secret of ["冯", "13970310011", "139****0011"]) {
    assert.ok(!page.includes(secret), `the page does not say ${secret}`);
    assert.ok(!answer.includes(secret), `the answer does not hold ${secret}`);
  }
  assert.equal(await unit.getByRole("button", { name: /^查看(姓名|电话)/ }).count(), 0);
  // Why the unit cannot call is said without hovering over anything.
  await seen(unit.getByText("保密工单由热线中心回访员与诉求人联系（第二十三条）"));

  const clerk = await person("follow-up-clerk");
  await openTicket(clerk, number);
  await seen(clerk.getByText("139****0011", { exact: false }));
  await clerk.getByRole("button", { name: "查看电话" }).click();
  const dialog = clerk.getByRole("dialog", { name: "查看诉求人电话" });
  // Without saying what for, another purpose than those of the list opens nothing.
  await dialog.getByText("其他", { exact: true }).click();
  await dialog.getByRole("button", { name: "查看" }).click();
  await seen(dialog.getByText("请写明理由", { exact: false }));
  await dialog.getByText("核实情况", { exact: true }).click();
  await dialog.getByRole("button", { name: "查看" }).click();
  await seen(clerk.getByText("13970310011", { exact: false }));
  await seen(clerk.getByRole("button", { name: "查看姓名" }), "the others stay closed");
});

test("closed actions say why, with their article, and the keyboard reaches them", async (t) => {
  const { person, api } = await centre(t);
  const [{ number }] = await (await api("zhujian")).find("工地夜间施工");
  const page = await person("zhujian");
  await openTicket(page, number);
  const closed = page.getByRole("button", { name: "申请退单" });
  assert.equal(await closed.getAttribute("aria-disabled"), "true");
  const why = page.locator(`[id="${await closed.getAttribute("aria-describedby")}"]`);
  await seen(why);
  assert.match(await why.innerText(), /已过签收后1个工作日的退单期限.*第十三条（三）/);
  const [inner, full] = await why.evaluate((element) => [element.clientWidth, element.scrollWidth]);
  assert.ok(full <= inner, "nothing of the reason is cut off");
});
