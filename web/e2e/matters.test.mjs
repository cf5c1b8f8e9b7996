// One matter of several people: found while registering and on the ticket's page, joined or refused by a person, and hot.
import assert from "node:assert/strict";
import { test } from "node:test";
import { centre, gone, openTicket, seen } from "./centre.mjs";

const FIRST = { kind: "complaint", title: "翠竹园小区楼下烧烤店油烟太大", content: "翠竹园小区楼下的烧烤店每天晚上油烟直排，家里不敢开窗，噪音到凌晨" };
const SECOND = { title: "投诉翠竹园烧烤店油烟扰民", content: "翠竹园小区楼下烧烤店油烟直排，家里不敢开窗，噪音到凌晨，请尽快处理" };

/** What the server has no word for yet is asked for again, with patience. */
async function until(what, ask) {
  for (let tries = 0; tries < 60; tries++) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail(what);
}

test("two citizens of one matter: the second registration shows the first, they are joined, and the matter is hot", async (t) => {
  const { person, api } = await centre(t);
  const seatApi = await api("seat");
  const register = (more) => seatApi.post("/tickets", { channel: "phone", ...FIRST, ...more });
  const { number } = await register({ place: "信州区东市街道翠竹园小区", appellant: { phone: "13900005551" } });

  const seat = await person("seat");
  await seat.goto("/console/tickets/new");
  await seat.getByLabel("诉求人电话").fill("13900005552");
  await seat.getByLabel("标题").fill(SECOND.title);
  await seat.getByLabel("诉求内容").fill(SECOND.content);
  const near = seat.getByRole("region", { name: "可能是同一事项" });
  await seen(near.getByRole("link", { name: FIRST.title }));
  await seen(near.getByText("他人反映同一事实"));
  await near.getByRole("button", { name: "并入此单" }).click();
  await seat.getByRole("dialog").getByRole("button", { name: "并入", exact: true }).click();
  await seen(seat.getByText(`已并入 ${number}`));
  assert.equal(await seat.getByLabel("诉求内容").inputValue(), "", "ready for the next call");
  assert.equal((await seatApi.get(`/tickets/${number}`)).persons, 2);

  // A third citizen's ticket stands by itself until the dispatcher sees it; the reason is proposed and stays to be changed.
  const third = await register({ ...SECOND, kind: "complaint", appellant: { phone: "13900005553" } });
  const dispatcher = await person("dispatcher");
  await openTicket(dispatcher, third.number);
  const other = dispatcher.getByRole("region", { name: "可能是同一事项" });
  await other.getByRole("button", { name: "并入那件工单" }).click();
  const dialog = dispatcher.getByRole("dialog", { name: /^并入工单/ });
  await seen(dialog);
  assert.match(await dialog.getByLabel("并入的理由").inputValue(), /他人反映同一事实/);
  await dialog.getByLabel("并入的理由").fill("同一家烧烤店");
  await dialog.getByRole("button", { name: "并入工单", exact: true }).click();
  await gone(dialog);
  assert.equal((await seatApi.get(`/tickets/${number}`)).persons, 3);

  // Ten minutes later the issues are looked for again.
  await seatApi.post("/clock", { to: "2026-09-29T10:45:00+08:00" });
  const leader = await api("leader");
  await until("the issue is hot", async () => (await leader.get("/hot?days=7")).items.some((i) => i.ticket.number === number && i.persons === 3));
  const page = await person("leader");
  await page.goto("/console/hot?days=7");
  const issues = page.getByRole("region", { name: "热点问题" });
  await seen(issues.getByText("3人"));
  const places = page.getByRole("navigation", { name: "地点" });
  await places.getByRole("link", { name: /信州区/ }).click();
  await places.getByRole("link", { name: /东市街道/ }).click();
  await issues.getByRole("link", { name: FIRST.title }).click();
  const tickets = page.getByRole("region", { name: "热点问题的工单" });
  await seen(tickets.getByText(third.number));
  await tickets.getByRole("link", { name: FIRST.title }).first().click();
  await seen(page.getByText("3人", { exact: false }));
});

test("what somebody finds to be another matter is not shown again", async (t) => {
  const { person, api } = await centre(t);
  const seatApi = await api("seat");
  const of = (words, phone) => seatApi.post("/tickets", { ...words, kind: "complaint", channel: "phone", appellant: { phone } });
  await of(FIRST, "13900005551");
  const { number } = await of(SECOND, "13900005552");
  const page = await person("dispatcher");
  await openTicket(page, number);
  const near = page.getByRole("region", { name: "可能是同一事项" });
  await near.getByRole("button", { name: "不是同一事项" }).click();
  await gone(near);
  await page.reload();
  await seen(page.getByRole("region", { name: "操作" }));
  assert.equal((await seatApi.get(`/tickets/${number}/similar`)).items.length, 0);
  assert.equal(await near.count(), 0);
});

test("a hint marks the sentence while the unit writes and beside the audit, and hinders nothing", async (t) => {
  const { person, api } = await centre(t);
  const seatApi = await api("seat");
  const { number } = await seatApi.post("/tickets", { ...FIRST, channel: "phone", appellant: { phone: "13900005551" } });
  await (await api("dispatcher")).command(number, { do: "dispatch", lead: "chengguan" });
  await (await api("chengguan")).command(number, { do: "sign" });
  const unit = await person("chengguan");
  await openTicket(unit, number);
  await unit.getByRole("button", { name: "起草答复" }).click();
  const dialog = unit.getByRole("dialog", { name: /^起草答复/ });
  const vague = "经查，根据有关规定，该烧烤店油烟排放检测合格，已要求晚十点后停止营业。";
  await dialog.getByLabel("答复内容").fill(vague);
  const hints = dialog.getByRole("region", { name: "答复提示" });
  await seen(hints.getByText("依据没有写明名称、文号"));
  assert.equal(await hints.locator("mark").innerText(), vague);
  await dialog.getByRole("button", { name: "起草答复", exact: true }).click();
  await gone(dialog);

  const leader = await person("chengguan-leader");
  await openTicket(leader, number);
  await leader.getByRole("button", { name: "审定答复" }).click();
  const audit = leader.getByRole("dialog", { name: /^审定答复/ });
  await seen(audit.getByRole("region", { name: "答复提示" }).getByText("依据没有写明名称、文号"));
  await audit.getByRole("button", { name: "审定答复", exact: true }).click();
  await gone(audit);
});
