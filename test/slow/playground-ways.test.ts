/** The page's switches: the service is started anew in another way, and people notice nothing but the way. */

import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ways } from "../../playground/ways.ts";
import {
  chromiumPath,
  launchBrowser,
  paneOf,
  type panes,
  types,
  type Visit,
  visit,
} from "../playground/browser.ts";
import { createHome } from "../playground/open-playground.ts";
import { startPageWorld } from "../playground/page-world.ts";

const fast = { tokensPerSecond: 2_000, firstTokenMs: 0 };

describe.runIf(chromiumPath !== undefined)("the playground's switches", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test("Telegram delivers by webhook after one click, and is polled again after another", async () => {
    using home = createHome();
    await using playground = await home.start({ demo: fast });
    await using visitor = await visit(browser, playground.url);
    const { telegram } = playground.world;
    await choose(visitor, "telegramDelivery", "webhook");
    expect(telegram.webhook.info().url).toMatch(/\/telegram$/);
    await asks(visitor, "private", "Compare tea and coffee in a table", 1);
    expect(telegram.webhook.deliveries.map(({ status }) => status)).toEqual([200]);
    await choose(visitor, "telegramDelivery", "polling");
    await asks(visitor, "private", "and water?", 2);
    expect(telegram.webhook.info().url).toBe("");
    expect(telegram.webhook.deliveries).toHaveLength(1);
  });

  test("Slack delivers by HTTP after one click, and by sockets again after another", async () => {
    using home = createHome();
    await using playground = await home.start({ demo: fast });
    await using visitor = await visit(browser, playground.url);
    const { slack } = playground.world;
    await choose(visitor, "slackDelivery", "http");
    await asks(visitor, "channel", "@Parley what speaks for small pull requests?", 1);
    expect(slack.socketMode.connections).toEqual([]);
    expect(slack.http.deliveries.every(({ status }) => status === 200)).toBe(true);
    const byHttp = slack.http.deliveries.length;
    await choose(visitor, "slackDelivery", "socket");
    await asks(visitor, "dm", "Give me a checklist for a release", 1);
    expect(slack.socketMode.connections).toHaveLength(2);
    expect(slack.http.deliveries).toHaveLength(byHttp);
  });

  test("with drafts an answer grows beside the chat and is posted once, whole; in groups it is edited", async () => {
    using home = createHome();
    await using playground = await home.start();
    await using visitor = await visit(browser, playground.url);
    await choose(visitor, "telegramStreaming", "draft");
    await types(visitor.page, "private", "Compare tea and coffee in a table");
    await types(visitor.page, "group", "@parley_bot who brings the sandwiches?");
    const pane = paneOf(visitor.page, "private");
    await pane.locator("[data-draft]").waitFor();
    expect(await answersIn(visitor, "private").count()).toBe(0);
    await answersIn(visitor, "private").getByText("demo model").first().waitFor();
    await pane.locator("[data-draft]").waitFor({ state: "detached" });
    await answersIn(visitor, "group").getByText("demo model").first().waitFor();
    const { telegram, cast } = playground.world;
    const edits = (id: number) => telegram.visible({ id }).map((message) => message.edits);
    expect(edits(cast.telegram.private)).toEqual([0, 0]);
    expect(edits(cast.telegram.group).at(-1)).toBeGreaterThan(0);
  });

  test("the stop button under a draft ends the answer and leaves a mark", async () => {
    using home = createHome();
    await using playground = await home.start({ demo: { tokensPerSecond: 20, firstTokenMs: 0 } });
    await using visitor = await visit(browser, playground.url);
    await choose(visitor, "telegramStreaming", "draft");
    await types(visitor.page, "private", "Give me a checklist for a release");
    await paneOf(visitor.page, "private")
      .locator("[data-draft]")
      .getByRole("button", { name: "Stop" })
      .click();
    await answersIn(visitor, "private").getByText("[stopped]").waitFor();
  });

  test("with native streaming an answer in Slack grows by what is appended, and ends as it does with edits", async () => {
    using home = createHome();
    await using playground = await home.start();
    await using visitor = await visit(browser, playground.url);
    await choose(visitor, "slackStreaming", "native");
    await types(visitor.page, "channel", "@Parley what speaks for small pull requests?");
    const answer = answersIn(visitor, "channel");
    await answer.getByText("streaming", { exact: true }).waitFor();
    await answer.locator(".text p b").first().waitFor();
    await answer.getByText("demo model").first().waitFor();
    await answer.getByText("streaming", { exact: true }).waitFor({ state: "hidden" });
    expect(await answer.count()).toBe(1);
    expect(await answer.locator("pre").allTextContents()).toHaveLength(2);
    expect(await answer.locator(".text").first().textContent()).not.toMatch(/\*\*|```/);
    const { slack } = playground.world;
    expect(slack.calls.some(({ method }) => method === "chat.appendStream")).toBe(true);
  });

  test("an answer that a switch cut in two goes on in the same message", async () => {
    using home = createHome();
    await using playground = await home.start({ demo: { tokensPerSecond: 60, firstTokenMs: 0 } });
    await using visitor = await visit(browser, playground.url);
    await types(visitor.page, "private", "Compare tea and coffee in a table");
    await answersIn(visitor, "private").waitFor();
    await choose(visitor, "telegramDelivery", "webhook");
    expect(await answersIn(visitor, "private").getByText("demo model").count()).toBe(0);
    await answersIn(visitor, "private").getByText("demo model").first().waitFor();
    expect(await answersIn(visitor, "private").count()).toBe(1);
  });

  test("while the service is started anew nothing can be chosen, and the page says so", async () => {
    await using world = await startPageWorld();
    await using visitor = await visit(browser, world.page.url);
    const { page } = visitor;
    const delivery = page.locator("#telegram").getByRole("group", { name: "Delivery" });
    await delivery.getByText("Webhook").click();
    expect(world.switchboard.wished).toMatchObject([
      { telegramDelivery: "webhook", slackDelivery: "socket" },
    ]);
    world.switchboard.show({ isSwitching: true });
    await page.getByText("starting the service anew …").waitFor();
    expect(await delivery.getByRole("radio", { name: "Polling" }).isDisabled()).toBe(true);
    expect(await delivery.getByRole("radio", { name: "Polling" }).isChecked()).toBe(true);
    world.switchboard.show({ isSwitching: false, telegramDelivery: "webhook" });
    await page.getByText("starting the service anew …").waitFor({ state: "hidden" });
    expect(await delivery.getByRole("radio", { name: "Webhook" }).isChecked()).toBe(true);
  });
});

/** Clicks a position of a switch; resolves when the service runs in that way. */
async function choose<Name extends keyof Ways>({ page }: Visit, name: Name, way: Ways[Name]): Promise<void> {
  const input = page.locator(`input[name=${name}][value=${way}]`);
  await input.locator("xpath=..").click();
  await page.locator(`body[data-ways*="${name} ${way}"]`).waitFor();
  expect(await input.isChecked()).toBe(true);
}

/** Asks in a pane and waits for the `nth` whole answer. */
async function asks(visitor: Visit, name: keyof typeof panes, question: string, nth: number): Promise<void> {
  await types(visitor.page, name, question);
  await answersIn(visitor, name)
    .nth(nth - 1)
    .getByText("demo model")
    .first()
    .waitFor();
}

/** The bot's messages in a pane; in Slack in the open thread. */
function answersIn({ page }: Visit, name: keyof typeof panes): Locator {
  const pane = paneOf(page, name);
  if (name === "private" || name === "group") return pane.locator(".bubble[data-bot]");
  return pane.getByRole("complementary", { name: "Thread" }).locator(".row[data-bot]");
}
