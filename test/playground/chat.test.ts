import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Playground } from "../../playground/start.ts";
import { known } from "../world/known.ts";
import { chromiumPath, launchBrowser, paneOf, type panes, types, type Visit, visit } from "./browser.ts";
import { createHome } from "./open-playground.ts";

/** What is said in each pane, all at the same time. */
const questions = {
  private: "Compare tea and coffee in a table",
  group: "@parley_bot who brings the sandwiches?",
  channel: "@Parley what speaks for small pull requests?",
  dm: "Give me a checklist for a release",
} as const;

const names = ["private", "group", "channel", "dm"] as const;

describe.runIf(chromiumPath !== undefined)("people chat in the playground", () => {
  const home = createHome();
  let browser: Browser;
  let playground: Playground;
  let visitor: Visit;

  beforeAll(async () => {
    [browser, playground] = await Promise.all([launchBrowser(), home.start()]);
    visitor = await visit(browser, playground.url);
    await visitor.page.evaluate(recorder);
    for (const name of names) await types(visitor.page, name, questions[name]);
  });
  afterAll(async () => {
    await visitor[Symbol.asyncDispose]();
    await browser.close();
    await playground[Symbol.asyncDispose]();
    home[Symbol.dispose]();
  });

  test.each(names)("what is typed in the %s pane is answered there, growing by edits", async (name) => {
    const answer = answerIn(visitor, name);
    await answer.getByText("demo model").first().waitFor();
    const lengths = await growthOf(visitor, name);
    expect(lengths.length).toBeGreaterThan(1);
    expect(lengths.at(-1)).toBeGreaterThan(2 * known(lengths[0]));
  });

  test.each(names)("the answer in the %s pane ends with a list, a table and a code block", async (name) => {
    const answer = answerIn(visitor, name);
    await answer.getByText("demo model").first().waitFor();
    const [table = "", code = ""] = await answer.locator("pre").allTextContents();
    expect(table.split("\n")[0]).toMatch(/^Word\s+\| Letters \| Weight/);
    expect(code).toMatch(/for topic in/);
    expect(await answer.locator(".text").first().textContent()).toContain("•");
    expect(await answer.locator(".text b").count()).toBeGreaterThan(2);
    expect(await answer.locator(".text i").count()).toBeGreaterThan(0);
    expect(await answer.locator(".text").first().textContent()).not.toMatch(/\*\*|```/);
  });

  test("Alex is an admin there and Maya is not: both see it in the group", async () => {
    const pane = paneOf(visitor.page, "group");
    await types(visitor.page, "group", "/params temperature 0.5");
    await pane.getByText("(set in this chat): 0.5").waitFor();
    await pane.getByText("Maya", { exact: true }).last().click();
    await types(visitor.page, "group", "/params temperature 1");
    await pane.getByText("Only admins of this chat can change this.").waitFor();
    await pane.getByText("Alex", { exact: true }).last().click();
  });

  test("somebody else goes on in the open thread without mentioning the bot", async () => {
    const thread = paneOf(visitor.page, "channel").getByRole("complementary", { name: "Thread" });
    await answerIn(visitor, "channel").getByText("demo model").first().waitFor();
    await thread.getByText("Maya", { exact: true }).click();
    await thread.getByRole("textbox").fill("thanks");
    await thread.getByRole("textbox").press("Enter");
    await expect.poll(() => thread.locator(".row[data-bot]").count(), { timeout: 10_000 }).toBe(2);
  });
});

describe.runIf(chromiumPath !== undefined)("a playground that ends and starts again", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test("a second start still shows the conversations, and the bot still knows them", async () => {
    using home = createHome();
    const fast = { tokensPerSecond: 2_000, firstTokenMs: 0 };
    {
      await using first = await home.start({ demo: fast });
      await using visitor = await visit(browser, first.url);
      await types(visitor.page, "private", "My bicycle is called Rosinante");
      await answerIn(visitor, "private").getByText("demo model").first().waitFor();
    }
    await using second = await home.start({ demo: fast });
    expect(home.said.join("\n")).toContain("The conversations of your last visit are there.");
    await using visitor = await visit(browser, second.url);
    const pane = paneOf(visitor.page, "private");
    await pane.locator(".bubble.own").getByText("My bicycle is called Rosinante").waitFor();
    await types(visitor.page, "private", "What did I say?");
    await pane.locator(".bubble[data-bot]").nth(1).getByText("Rosinante").waitFor();
  });

  test("an answer that Ctrl-C cut in two goes on in the same message after the next start", async () => {
    using home = createHome();
    const first = await home.start({ demo: { tokensPerSecond: 30, firstTokenMs: 0 } });
    {
      await using _first = first;
      await using visitor = await visit(browser, first.url);
      await types(visitor.page, "dm", "Give me a checklist for a release");
      await answerIn(visitor, "dm").waitFor();
    }
    const { slack } = first.world;
    const cut = slack.workspace.messages.filter(({ user }) => user === slack.botUserId);
    expect(cut.map((message) => message.states.at(-1)?.text.includes("demo model"))).toEqual([false]);
    await using second = await home.start({ demo: { tokensPerSecond: 2_000, firstTokenMs: 0 } });
    await using visitor = await visit(browser, second.url);
    await answerIn(visitor, "dm").getByText("demo model").first().waitFor();
    expect(await answerIn(visitor, "dm").count()).toBe(1);
  });

  test("Slack's Stop button and /stop end an answer and leave a mark", async () => {
    using home = createHome();
    await using playground = await home.start({ demo: { tokensPerSecond: 20, firstTokenMs: 0 } });
    await using visitor = await visit(browser, playground.url);
    await types(visitor.page, "dm", "Give me a checklist for a release");
    await types(visitor.page, "private", "Give me a checklist for a release");
    await Promise.all([answerIn(visitor, "dm").waitFor(), answerIn(visitor, "private").first().waitFor()]);
    await paneOf(visitor.page, "dm").getByRole("button", { name: "■ Stop" }).click();
    await paneOf(visitor.page, "private").getByRole("button", { name: "/stop" }).click();
    await answerIn(visitor, "dm").getByText("[stopped]").waitFor();
    await answerIn(visitor, "private").getByText("[stopped]").waitFor();
  });
});

/** The bot's messages in a pane; in Slack in the open thread. */
function answerIn({ page }: Visit, name: keyof typeof panes): Locator {
  const pane = paneOf(page, name);
  if (name === "private" || name === "group") return pane.locator(".bubble[data-bot]");
  return pane.getByRole("complementary", { name: "Thread" }).locator(".row[data-bot]");
}

/** Runs in the page: notes how long the bot's first message is in each pane, at every change. */
const recorder = `
  for (const pane of document.querySelectorAll(".pane")) {
    const selector = pane.classList.contains("chat") ? ".bubble[data-bot] .text" : ".thread [data-bot] .text";
    const lengths = [];
    new MutationObserver(() => {
      const length = pane.querySelector(selector)?.textContent.length ?? 0;
      if (length > 0 && lengths.at(-1) !== length) lengths.push(length);
      pane.dataset.lengths = lengths.join(" ");
    }).observe(pane, { childList: true, subtree: true });
  }`;

async function growthOf({ page }: Visit, name: keyof typeof panes): Promise<number[]> {
  const lengths = await paneOf(page, name).getAttribute("data-lengths");
  return (lengths ?? "").split(" ").map(Number);
}
