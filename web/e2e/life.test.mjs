import assert from "node:assert/strict";
import { test } from "node:test";
import { act, centre, handle, openTicket, pick, seen, steps } from "./centre.mjs";

const TITLE = "凤凰大道绿化带树枝伸入车道";

test("one whole life: register, dispatch, extend, reply, close, unsatisfied, redo, satisfied, archived", async (t) => {
  const { person, api } = await centre(t);
  const step = steps(t);
  let number;

  await step("a double click on save makes one ticket", async () => {
    const page = await person("seat");
    await page.goto("/console/tickets/new");
    await page.getByLabel("诉求人电话").fill("13900009999");
    await page.getByLabel("姓名").fill("高远");
    await page.getByText("求助", { exact: true }).click();
    await page.getByLabel("标题").fill(TITLE);
    await page.getByLabel("诉求内容").fill("凤凰大道绿化带树枝伸入机动车道，遮挡红绿灯，请求修剪。");
    await page.getByLabel("事发地点").fill("信州区凤凰大道");
    await page.getByRole("button", { name: "保存，登记下一件" }).dblclick();

    const receipt = page.getByRole("region", { name: "刚才登记的" });
    await seen(receipt.getByText("查询码", { exact: false }));
    number = await receipt.getByRole("link").first().innerText();
    const found = await (await api("seat")).find(TITLE);
    assert.deepEqual(found.map((ticket) => ticket.number), [number]);
    assert.equal(await page.getByLabel("标题").inputValue(), "", "the form is ready for the next call");
  });

  await step("the dispatcher dispatches to a lead and an assisting unit", async () => {
    const page = await person("dispatcher");
    await page.goto("/console/tickets");
    await page.getByRole("link", { name: TITLE }).click();
    await act(page, "派单", async (dialog) => {
      await pick(dialog, "主办单位", "城市管理局");
      await pick(dialog, "协办单位", "公安局");
      await dialog.getByLabel("派单说明").fill("请公安协助封闭车道");
    });
    await seen(page.getByText("已派单待签收"));
    // 9月30日, 10月8日, 9日, 10日（周六补班）, 12日: the holiday does not count, the make-up Saturday does.
    await seen(page.getByText("5个工作日 · 10月12日24时"));
  });

  await step("an extension longer than the limit is refused with its article, the right one granted", async () => {
    const page = await person("chengguan");
    await openTicket(page, number);
    await seen(page.getByText("尚未签收").first());
    await act(page, "签收");
    const dialog = await act(
      page,
      "申请延期",
      async (form) => {
        await form.getByLabel("延长").fill("6");
        await form.getByLabel("延期理由").fill("需等高空作业车");
      },
      { done: false },
    );
    // The whole ground in one sentence: what, the article, and in words what we read into it.
    const alert = dialog.getByRole("alert").filter({ hasText: "不予办理：延期不得超过原办理时限" });
    await seen(alert);
    assert.match(await alert.first().innerText(), /依据第十六条；我们的理解：延期怎样计算？/);
    assert.equal(await dialog.getByLabel("延期理由").inputValue(), "需等高空作业车", "a refusal keeps what was typed");
    await dialog.getByLabel("延长").fill("3");
    await dialog.getByRole("button", { name: "申请延期", exact: true }).click();
    await seen(page.getByText("延期审核"));

    const reviewer = await person("reviewer");
    await openTicket(reviewer, number);
    await act(reviewer, "审核延期", async (form) => {
      await form.getByLabel("同意", { exact: true }).check();
      await form.getByLabel("理由").fill("理由充分");
    });
    await seen(reviewer.getByText("5个工作日 · 延期3个工作日 · 10月15日24时"));
    await reviewer.getByRole("button", { name: /^办理/ }).click();
    const why = reviewer.getByRole("dialog", { name: /办理时限/ });
    await seen(why.getByText("第8日"));
    await seen(why.getByText("3个工作日，原到期 2026年10月12日 周一 24时"));
  });

  await step("contact, assist, draft, audit, closure", async () => {
    const gongan = await person("gongan");
    await openTicket(gongan, number);
    await act(gongan, "签收");
    await act(gongan, "提交协办结果", (form) => form.getByLabel("协办结果").fill("已安排警力，施工时封闭一车道。"));

    const handler = await person("chengguan");
    await openTicket(handler, number);
    await act(handler, "记录联系", async (form) => {
      await form.getByLabel("联系上了").check();
      await form.getByLabel("联系情况").fill("电话告知修剪时间");
    });
    await act(handler, "起草答复", (form) => form.getByLabel("答复内容").fill("您好！伸入车道的树枝已修剪完毕。"));

    const leader = await person("chengguan-leader");
    await openTicket(leader, number);
    await act(leader, "审定答复");

    await openTicket(handler, number);
    await seen(handler.getByText("已答复待办结"));
    await act(handler, "申请办结", async (form) => {
      await form.getByLabel("已办理完毕").check();
      await form.getByLabel("办结说明").fill("已修剪并清运，附照片");
    });

    const reviewer = await person("reviewer");
    await openTicket(reviewer, number);
    await act(reviewer, "审核办结", async (form) => {
      await form.getByLabel("同意", { exact: true }).check();
      await form.getByLabel("理由").fill("材料齐全");
    });
    await seen(reviewer.getByText("已办结待回访"));
  });

  await step("an unsatisfied appellant: verified, back to the unit", async () => {
    const clerk = await person("follow-up-clerk");
    await openTicket(clerk, number);
    await followUp(clerk, "不满意", "只剪了一半");
    await seen(clerk.getByText("不满意核实中"));
    await act(clerk, "核实评价", async (form) => {
      await form.getByLabel("属承办单位责任，重新办理").check();
      await form.getByLabel("核实情况").fill("现场照片显示仍有树枝遮挡");
    });
    await seen(clerk.getByText("第1次重办"));
  });

  await step("done again, satisfied, and archived when its time has come", async () => {
    // The same dialogs as above: the second round goes by the API.
    await handle(api, number, { unit: "chengguan", assists: ["gongan"], dispatch: false });

    const clerk = await person("follow-up-clerk");
    await openTicket(clerk, number);
    await followUp(clerk, "满意", "这次剪好了");
    await seen(clerk.getByText("待归档"));

    // The demo's clock, moved on the screen, until the archive date has passed.
    for (let mornings = 0; mornings < 2; mornings += 1) {
      await clerk.getByRole("button", { name: /^系统时间/ }).click();
      await clerk.getByRole("button", { name: "明天9点" }).click();
      await seen(clerk.getByText("系统时间已调到", { exact: false }));
    }
    await seen(clerk.getByText("已归档"));
    const ticket = await (await api("follow-up-clerk")).get(`/tickets/${number}`);
    assert.equal(ticket.state, "archived");
    assert.deepEqual(ticket.ratings.map(({ result }) => result), ["unsatisfied", "satisfied"]);
  });
});

async function followUp(page, result, comment) {
  await act(page, "回访", async (form) => {
    await form.getByLabel("联系上了").check();
    await form.getByRole("radiogroup", { name: "总体评价" }).getByLabel(result, { exact: true }).check();
    await form.getByLabel("诉求人的意见").fill(comment);
  });
}
