// Commands without a dialog of their own, through the plain form that is built from what the server says of them.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { act, centre, gone, handle, openTicket, pick, seen, steps } from "./centre.mjs";

const TITLE = "办理居住证需要哪些材料";

test("Beijing: consultation, whistle, urging and instruction by the plain form", async (t) => {
  const { person, api } = await centre(t, { place: "beijing" });
  const step = steps(t);
  const [{ number }] = await (await api("dispatcher")).find(TITLE);
  const ticket = async (login = "centre-manager") => (await api(login)).get(`/tickets/${number}`);

  await step("a consultation is asked for and concluded, and binds the dispatch", async () => {
    const page = await person("dispatcher");
    await openTicket(page, number);
    await act(page, "提请会商", async (form) => {
      await form.getByLabel("派单前会商").check();
      await form.getByLabel("会商的问题").fill("职责交叉，请确定主办单位");
    });
    await seen(page.getByText("会商中").first());
    await seen(page.getByText("职责交叉，请确定主办单位").first());

    await act(page, "会商定论", async (form) => {
      await pick(form, "确定的主办单位", "市公安局");
      await pick(form, "协办单位", "市规划和自然资源委员会");
      await form.getByLabel("会商意见").fill("户籍和居住证由公安机关主办");
    });
    await seen(page.getByText("主办 市公安局，协办 市规划和自然资源委员会").first());

    const dialog = await act(
      page,
      "派单",
      async (form) => {
        await form.getByLabel("诉求要点").fill("需要哪些材料\n\n能不能在网上办");
        await form.getByLabel("派单说明").fill("按会商意见办理");
        await pick(form, "主办单位", "市民政局");
      },
      { done: false },
    );
    // At the field and above the form, with the article.
    await seen(dialog.getByRole("alert").getByText("会商确定由市公安局承办，不能另派").first());
    await pick(dialog, "主办单位", "市公安局");
    await dialog.getByRole("button", { name: "派单", exact: true }).click();
    await gone(dialog);
    await seen(page.getByText("会商确定，不得退单"));
    assert.deepEqual((await ticket()).points, ["需要哪些材料", "能不能在网上办"]);
  });

  await step("inside the unit, the whistle and the report in", async () => {
    const page = await person("gongan");
    await openTicket(page, number);
    await act(page, "签收");
    await act(page, "内部交办", async (form) => {
      await form.getByLabel("承办科室").fill("人口管理总队");
      await form.getByLabel("经办人").fill("王警官");
    });
    await seen(page.getByText("内部交办 人口管理总队 · 王警官"));
    await act(page, "吹哨", async (form) => {
      await pick(form, "请哪些单位", "市交通委员会");
      await form.getByLabel("需要协办的事项").fill("请核实出行记录");
    });
    await seen(page.getByText("市交通委员会 尚未报到"));

    const called = await person("jiaotongwei");
    await openTicket(called, number);
    await act(called, "报到");
    await seen(called.getByText(/9月29日 10:30 报到/));
  });

  await step("a double click urges once; the unit answers, by the keyboard alone", async () => {
    const supervisor = await person("supervisor");
    await openTicket(supervisor, number);
    const region = supervisor.getByRole("region", { name: "操作" });
    await region.getByRole("button", { name: /^更多操作/ }).click();
    await region.getByRole("button", { name: "催办", exact: true }).click();
    const dialog = supervisor.getByRole("dialog", { name: /^催办/ });
    await pick(dialog, "催办的单位", "市公安局");
    await dialog.getByLabel("催办内容").fill("诉求人再次来电，请尽快答复");
    await dialog.getByRole("button", { name: "催办", exact: true }).dblclick();
    await gone(dialog);
    await seen(supervisor.getByText("待答复"));
    assert.equal((await ticket()).urgings.length, 1);

    const unit = await person("gongan");
    await openTicket(unit, number);
    await unit.getByRole("region", { name: "操作" }).getByRole("button", { name: "答复催办" }).focus();
    await unit.keyboard.press("Enter");
    const answer = unit.getByRole("dialog", { name: /^答复催办/ });
    await seen(answer.getByLabel("办理情况或理由"));
    // The only urging is chosen already.
    assert.ok(await answer.getByRole("radio").isChecked());
    await answer.getByLabel("办理情况或理由").focus();
    await unit.keyboard.type("已电话联系，今日答复");
    await unit.keyboard.press("Tab");
    await unit.keyboard.press("Tab");
    await unit.keyboard.press("Enter");
    await gone(answer);
    await seen(unit.getByText("答复：已电话联系，今日答复"));
  });

  await step("an instruction, and a caller's conduct with its ground behind it", async () => {
    const supervisor = await person("supervisor");
    await openTicket(supervisor, number);
    await act(supervisor, "登记批示", async (form) => {
      await form.getByLabel("批示、交办的领导或机关").fill("分管副市长");
      await form.getByLabel("批示内容").fill("请合力办好");
    });
    await seen(supervisor.getByText("批示 · 分管副市长"));

    const page = await person("dispatcher");
    await openTicket(page, number);
    const dialog = await act(page, "记录恶意来电", async (form) => {
      await form.getByLabel("情况说明").fill("一小时内拨打二十次");
    }, { done: false });
    // What is needed is said at each field before anything is sent.
    await seen(dialog.getByText("请选择情形"));
    await seen(dialog.getByText(/^请填写证据/));
    await dialog.getByLabel("恶意反复拨打", { exact: false }).check();
    await dialog.getByLabel("证据", { exact: false }).fill("录音一\n录音二");
    await dialog.getByRole("button", { name: "记录恶意来电", exact: true }).click();
    await gone(dialog);
    assert.deepEqual((await ticket()).malicious[0].evidence, ["录音一", "录音二"]);

    const card = page.getByRole("listitem").filter({ hasText: "证据：录音一、录音二" });
    await card.getByRole("button").click();
    const why = page.getByRole("dialog", { name: "恶意来电 · 依据" });
    await seen(why.getByText("北京市接诉即办工作条例", { exact: false }));
  });

  await step("on a telephone nothing is wider than the screen", async () => {
    const page = await person("centre-manager");
    await page.setViewportSize({ width: 390, height: 844 });
    await openTicket(page, number);
    await page.getByRole("button", { name: /^更多操作/ }).click();
    await page.getByRole("button", { name: "记录问责情形" }).click();
    await seen(page.getByRole("dialog", { name: /^记录问责情形/ }).getByLabel("事实和证据"));
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
  });
});

test("an application to leave a ticket out: refused in words, then granted", async (t) => {
  const { person, api } = await centre(t);
  const seat = await api("seat");
  const register = (kind, title) =>
    seat.post("/tickets", { kind, title, content: `${title}，请处理。`, channel: "phone", appellant: { phone: "13900001234" } });

  const ids = [];
  for (const [kind, title] of [["complaint", "商场空调外机噪声"], ["suggestion", "建议增设阅报栏"]]) {
    const { number } = await register(kind, title);
    await handle(api, number, { unit: "chengguan" });
    ids.push(number);
  }
  const page = await person("chengguan");
  await openTicket(page, ids[0]);
  const fill = async (form) => {
    await form.getByLabel("因建议没有得到采纳", { exact: false }).check();
    await form.getByLabel("申请理由").fill("诉求人的建议已作说明");
    await form.getByLabel("证据").fill("通话录音");
  };
  const dialog = await act(page, "申请不纳入考核", fill, { done: false });
  const alert = dialog.getByRole("alert").filter({ hasText: "只适用于建议类诉求" });
  await seen(alert);
  assert.match(await alert.first().innerText(), /第.+条/, "the article is named");
  assert.equal(await dialog.getByLabel("申请理由").inputValue(), "诉求人的建议已作说明", "a refusal keeps what was typed");

  await openTicket(page, ids[1]);
  await act(page, "申请不纳入考核", fill);
  await seen(page.getByText("不纳入考核申请"));
  await seen(page.getByText(/^城市管理局以“.*因建议没有得到采纳.*”申请不纳入考核，待审核；依据第/));
  const reviewer = await person("reviewer");
  await openTicket(reviewer, ids[1]);
  await act(reviewer, "审核不纳入考核", async (form) => {
    await form.getByRole("radiogroup", { name: "同意不纳入考核" }).getByLabel("是").check();
    await form.getByLabel("审核意见").fill("情况属实");
  });
  const { exclusions } = await (await api("reviewer")).get(`/tickets/${ids[1]}`);
  assert.deepEqual(exclusions.map(({ state, note }) => [state, note]), [["approved", "情况属实"]]);
});

test("the dispatch catalogue: its versions, what changed, and the entry behind a dispatch", async (t) => {
  const first = await readFile(new URL("../../rulebooks/shangrao-catalogue.toml", import.meta.url), "utf8");
  const second = first
    .replace(/^version\s*= 1$/m, "version  = 2")
    .replace(/^in_force\s*= .*$/m, "in_force = 2026-09-01")
    .replace(/(matter = "路灯故障"[\s\S]*?lead\s*= )"chengguan"/, '$1"zhujian"');
  const { person, api } = await centre(t, { rulebooks: { "shangrao-catalogue-2.toml": second } });
  const page = await person("dispatcher");
  await page.goto("/console/rulebook");
  await seen(page.getByText("第2版，2026-09-01 起施行", { exact: false }));
  const changes = page.getByRole("list", { name: "第2版相对第1版的变动" });
  await seen(changes.getByText("路灯故障", { exact: false }));
  assert.equal(await changes.getByRole("listitem").count(), 1);
  await seen(page.getByRole("heading", { name: /^没有编入系统的条文/ }));

  const [{ number }] = await (await api("dispatcher")).find("路灯连续一周不亮");
  await openTicket(page, number);
  const dialog = await act(page, "派单", async (form) => {
    await form.getByRole("button", { name: "路灯故障 → 住房和城乡建设局" }).click();
    await pick(form, "主办单位", "城市管理局");
  }, { done: false });
  // Off the catalogue without a reason: said at the field.
  await seen(dialog.getByText("改派其他单位的，请写明理由", { exact: false }));
  await dialog.getByLabel("派单说明").fill("路灯产权已移交城管");
  await dialog.getByRole("button", { name: "派单", exact: true }).click();
  await gone(dialog);
  await seen(page.getByText("派单目录第2版"));
});
