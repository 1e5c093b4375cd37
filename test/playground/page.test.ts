import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, launchBrowser, paneOf, visit } from "./browser.ts";
import { startPageWorld } from "./page-world.ts";

describe.runIf(chromiumPath !== undefined)("the playground's page", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test("Telegram's entities show as bold, italics, code, links, quotes and code blocks", async () => {
    await using world = await startPageWorld();
    await using visitor = await visit(browser, world.page.url);
    await world.telegram("sendMessage", {
      chat_id: world.world.cast.telegram.private,
      parse_mode: "HTML",
      text: "A <b>bold <i>both</i></b> <code>x &lt; y</code> <a href='https://example.com/'>link</a> end\n<pre>one\n  two</pre>\n<blockquote>said</blockquote>\nlast".replaceAll(
        "'",
        '"',
      ),
    });
    const text = paneOf(visitor.page, "private").locator(".bubble .text");
    expect(await text.innerHTML()).toBe(
      'A <b>bold <i>both</i></b> <code>x &lt; y</code> <a href="https://example.com/" target="_blank" rel="noopener noreferrer nofollow">link</a> end' +
        '<pre tabindex="0"><code>one\n  two</code></pre><blockquote>said</blockquote>last',
    );
  });

  test("Slack's mrkdwn shows as bold, italics, code, links, names, lists, quotes and code blocks", async () => {
    await using world = await startPageWorld();
    const { cast, slack } = world.world;
    await using visitor = await visit(browser, world.page.url);
    const root = slack.says(cast.slack.people[0] ?? "", cast.slack.channel, "Hello");
    const thread = paneOf(visitor.page, "channel");
    await thread.getByRole("button", { name: "Reply in thread" }).click();
    const text =
      "*Bold _both_* ~gone~ `a_b_c &lt; 2` <https://example.com|link> <@ALEX> snake_case_name 2*3*4\n• one\n  ◦ *two*\n10. ten\n```\nx | y\n--+--\n*1* | &lt;2\n```\n> said\n&gt; more\nlast";
    await world.slack("chat.postMessage", {
      channel: cast.slack.channel,
      thread_ts: root,
      text: "x",
      blocks: [
        { type: "section", text: { type: "mrkdwn", text: text.replace("ALEX", cast.slack.people[0] ?? "") } },
      ],
    });
    expect(await thread.getByRole("complementary").locator(".row[data-bot] .text").innerHTML()).toBe(
      '<p class="line"><b>Bold <i>both</i></b> <s>gone</s> <code>a_b_c &lt; 2</code> ' +
        '<a href="https://example.com/" target="_blank" rel="noopener noreferrer nofollow">link</a> ' +
        '<span class="mention">@Alex</span> snake_case_name 2*3*4</p>' +
        '<ul><li data-depth="0"><span class="marker">•</span><span>one</span></li>' +
        '<li data-depth="1"><span class="marker">◦</span><span><b>two</b></span></li>' +
        '<li data-depth="0"><span class="marker">10.</span><span>ten</span></li></ul>' +
        '<pre tabindex="0"><code>x | y\n--+--\n*1* | &lt;2</code></pre>' +
        '<blockquote><p class="line">said\nmore</p></blockquote><p class="line">last</p>',
    );
  });

  test("Slack's markdown blocks show as bold, italics, code, lists and quotes, and nothing of them leads elsewhere", async () => {
    await using world = await startPageWorld();
    const { cast } = world.world;
    await using visitor = await visit(browser, world.page.url);
    const text =
      "**Bold _both_** ~~gone~~ `a < b`\nnext [label](https://evil.test) ![image](https://evil.test/x.png)\n\n- one\n- two\n\n> said\n\n```\n<b>x</b>\n```\n\n<b>no</b>";
    await world.slack("chat.postMessage", {
      channel: cast.slack.dm,
      text: "x",
      blocks: [{ type: "markdown", text }],
    });
    expect(await paneOf(visitor.page, "dm").locator(".text").innerHTML()).toBe(
      '<p class="line"><b>Bold <i>both</i></b> <s>gone</s> <code>a &lt; b</code>\nnext label image</p>' +
        '<ul><li><p class="line">one</p></li><li><p class="line">two</p></li></ul>' +
        '<blockquote><p class="line">said</p></blockquote>' +
        '<pre tabindex="0"><code>&lt;b&gt;x&lt;/b&gt;</code></pre><p class="line">&lt;b&gt;no&lt;/b&gt;</p>',
    );
  });

  test("what a model writes stays text: no elements, no scripts, no links but to the web", async () => {
    await using world = await startPageWorld();
    const { cast } = world.world;
    await using visitor = await visit(browser, world.page.url);
    const evil = "<img src=x onerror=alert(1)><script>alert(2)</script>";
    await world.telegram("sendMessage", {
      chat_id: cast.telegram.private,
      text: `${evil}click`,
      entities: [{ type: "text_link", offset: evil.length, length: 5, url: "javascript:alert(3)" }],
    });
    await world.slack("chat.postMessage", {
      channel: cast.slack.dm,
      text: "<javascript:alert(4)|click> &lt;img src=x onerror=alert(5)&gt;",
    });
    const { page } = visitor;
    expect(await paneOf(page, "private").locator(".text").textContent()).toBe(`${evil}click`);
    expect(await paneOf(page, "dm").locator(".text").textContent()).toBe(
      "click <img src=x onerror=alert(5)>",
    );
    expect(await page.locator(".text :is(img, script, a)").count()).toBe(0);
  });

  test("a message that grows says how often it was edited, and when that ended", async () => {
    await using world = await startPageWorld();
    const chat_id = world.world.cast.telegram.private;
    await using visitor = await visit(browser, world.page.url, { frozen: true });
    const pane = paneOf(visitor.page, "private");
    const { message_id } = await world.telegram("sendMessage", { chat_id, text: "One" });
    await world.telegram("editMessageText", { chat_id, message_id, text: "One two" });
    await pane.getByText("writing · 1 edit").waitFor();
    await world.telegram("editMessageText", { chat_id, message_id, text: "One two three" });
    await pane.getByText("writing · 2 edits").waitFor();
    expect(await pane.locator(".bubble .text").allTextContents()).toEqual(["One two three"]);
    await visitor.page.clock.runFor(5_000);
    await pane.getByText("edited 2 times").waitFor();
  });

  test("an answer that loses its Stop button is said to be whole at once", async () => {
    await using world = await startPageWorld();
    const { telegram, slack } = world.world.cast;
    await using visitor = await visit(browser, world.page.url);
    const [chat, room] = [paneOf(visitor.page, "private"), paneOf(visitor.page, "dm")];
    const reply_markup = { inline_keyboard: [[{ text: "Stop", callback_data: "s" }]] };
    const sent = { chat_id: telegram.private, text: "One", reply_markup };
    const { message_id } = await world.telegram("sendMessage", sent);
    await world.telegram("editMessageText", { ...sent, message_id, text: "One two" });
    await chat.getByText("writing · 1 edit").waitFor();
    await world.telegram("editMessageText", { chat_id: telegram.private, message_id, text: "One two." });
    await chat.getByText("One two.").waitFor();
    expect(await chat.locator(".edits").textContent()).toBe("edited 2 times");
    const button = { type: "button", action_id: "s", text: { type: "plain_text", text: "Stop" } };
    const blocks = [{ type: "actions", elements: [button] }];
    const posted = { channel: slack.dm, text: "One", blocks };
    const { ts } = await world.slack("chat.postMessage", posted);
    await world.slack("chat.update", { ...posted, ts, text: "One two" });
    await room.getByText("writing · 1 edit").waitFor();
    await world.slack("chat.update", { channel: slack.dm, ts, text: "One two.", blocks: [] });
    await room.getByText("One two.").waitFor();
    expect(await room.locator(".edits").textContent()).toBe("edited 2 times");
  });

  test("typing shows in Telegram until the message is there", async () => {
    await using world = await startPageWorld();
    const chat_id = world.world.cast.telegram.group;
    await using visitor = await visit(browser, world.page.url);
    const pane = paneOf(visitor.page, "group");
    await world.telegram("sendChatAction", { chat_id, action: "typing" });
    await pane.getByText("Parley is typing").waitFor();
    await world.telegram("sendMessage", { chat_id, text: "Here" });
    await pane.getByText("Alex (admin), Maya").waitFor();
  });

  test("a mention in the channel opens its thread, where the status shows until the answer is there", async () => {
    await using world = await startPageWorld();
    const { cast, slack } = world.world;
    await using visitor = await visit(browser, world.page.url);
    const pane = paneOf(visitor.page, "channel");
    await pane.getByRole("button", { name: "@Parley", exact: true }).click();
    await visitor.page.keyboard.type("what now?");
    await visitor.page.keyboard.press("Enter");
    const thread = pane.getByRole("complementary", { name: "Thread" });
    await thread.getByText("what now?").waitFor();
    const root = slack.workspace.messages.at(-1)?.ts ?? "";
    expect(slack.workspace.messages.at(-1)?.states.at(-1)?.text).toBe(`<@${slack.botUserId}> what now?`);
    const place = { channel_id: cast.slack.channel, thread_ts: root };
    await world.slack("assistant.threads.setStatus", { ...place, status: "is thinking…" });
    await thread.getByRole("status").getByText("Parley is thinking…").waitFor();
    await world.slack("chat.postMessage", { channel: cast.slack.channel, thread_ts: root, text: "This." });
    await thread.getByText("This.").waitFor();
    await thread.getByRole("status").filter({ hasText: /^$/ }).waitFor({ state: "attached" });
    await pane.getByText("1 reply").waitFor();
  });

  test("in the group one is told that nobody answers, mentions by one click, types as somebody else and replies", async () => {
    await using world = await startPageWorld();
    const { cast, telegram } = world.world;
    await using visitor = await visit(browser, world.page.url);
    const pane = paneOf(visitor.page, "group");
    const field = pane.getByRole("textbox");
    await field.fill("who comes?");
    await pane.getByText("Without @parley_bot only people read this.").waitFor();
    await pane.getByRole("button", { name: "@parley_bot", exact: true }).click();
    await pane.getByText("Maya", { exact: true }).click();
    await field.press("Enter");
    await pane.locator(".bubble").getByText("Maya", { exact: true }).waitFor();
    const { message_id } = await world.telegram("sendMessage", { chat_id: cast.telegram.group, text: "All" });
    await pane.getByRole("button", { name: "Reply to Parley" }).click();
    await visitor.page.keyboard.type("Me too");
    await visitor.page.keyboard.press("Enter");
    await pane.locator(".bubble", { hasText: "Me too" }).waitFor();
    const sent = telegram.visible({ id: cast.telegram.group });
    expect(sent.map(({ from, text, replyTo }) => [from.firstName, text, replyTo])).toEqual([
      ["Maya", "@parley_bot who comes?", undefined],
      ["Parley", "All", undefined],
      ["Maya", "Me too", message_id],
    ]);
  });

  test("Shift+Enter begins a new line, Enter sends, and commands are one click", async () => {
    await using world = await startPageWorld();
    const { cast, telegram } = world.world;
    await using visitor = await visit(browser, world.page.url);
    const pane = paneOf(visitor.page, "private");
    await pane.getByRole("textbox").focus();
    await visitor.page.keyboard.type("one");
    await visitor.page.keyboard.press("Shift+Enter");
    await visitor.page.keyboard.type("two");
    await visitor.page.keyboard.press("Enter");
    await pane.getByRole("button", { name: "/stop" }).click();
    await pane.locator(".bubble", { hasText: "/stop" }).waitFor();
    const texts = telegram.visible({ id: cast.telegram.private }).map(({ text }) => text);
    expect(texts).toEqual(["one\ntwo", "/stop"]);
    expect(await pane.getByRole("textbox").inputValue()).toBe("");
  });

  test("new text keeps the end in sight, and leaves alone who reads further up", async () => {
    await using world = await startPageWorld();
    const { telegram, cast } = world.world;
    await using visitor = await visit(browser, world.page.url);
    const pane = paneOf(visitor.page, "private");
    const list = pane.getByRole("log");
    const fromEnd = () =>
      list.evaluate(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight);
    // A person's own edits, for those know no flood control: they come faster than the page is drawn.
    let message = telegram.says(telegram.user(cast.telegram.private), { id: cast.telegram.private }, "0");
    for (let line = 1; line <= 200; line += 1) {
      message = telegram.edits(message, Array.from({ length: line * 5 }, (_, index) => index).join("\n"));
      await new Promise(setImmediate);
    }
    await pane.getByText("edited 200 times").waitFor();
    await expect.poll(fromEnd).toBeLessThan(2);
    await list.evaluate((element) => element.scrollTo(0, 100));
    telegram.edits(message, `${message.states.at(-1)?.text}\nmore`);
    await pane.getByRole("button", { name: "↓ Newest" }).waitFor();
    expect(await list.evaluate((element) => element.scrollTop)).toBe(100);
    await pane.getByRole("button", { name: "↓ Newest" }).click();
    expect(await fromEnd()).toBeLessThan(2);
  });

  test("a page that lost its connection comes back by itself, with what happened and what was being typed", async () => {
    await using world = await startPageWorld();
    await using visitor = await visit(browser, world.page.url);
    const pane = paneOf(visitor.page, "private");
    await pane.getByRole("textbox").fill("half a sen");
    await world.page[Symbol.asyncDispose]();
    await visitor.page.getByText("connecting …").waitFor();
    await visitor.page.getByText("The playground has ended; start it by npm start").waitFor();
    await world.telegram("sendMessage", { chat_id: world.world.cast.telegram.private, text: "Meanwhile" });
    await using _again = await world.servePage(world.page.port);
    await pane.getByText("Meanwhile").waitFor();
    expect(await pane.getByRole("textbox").inputValue()).toBe("half a sen");
  });

  test("one pane takes the whole height of its window and gives it back", async () => {
    await using world = await startPageWorld();
    await using visitor = await visit(browser, world.page.url);
    const [above, below] = [paneOf(visitor.page, "channel"), paneOf(visitor.page, "dm")];
    await above.getByRole("button", { name: "Whole height" }).click();
    expect(await below.getByRole("textbox").isVisible()).toBe(false);
    await above.getByRole("button", { name: "Whole height" }).click();
    expect(await below.getByRole("textbox").isVisible()).toBe(true);
  });

  test("the steps to the real thing open and close", async () => {
    await using world = await startPageWorld();
    await using visitor = await visit(browser, world.page.url);
    await visitor.page.getByRole("button", { name: "The real thing" }).click();
    await visitor.page.getByRole("dialog").getByText("slack-manifest.yaml").waitFor();
    await visitor.page.getByRole("button", { name: "Close" }).click();
    await visitor.page.getByRole("dialog").waitFor({ state: "hidden" });
  });
});
