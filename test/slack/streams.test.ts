/** What models write goes through Slack's streams harmlessly, and grows there without being sent twice. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { createSlackRenderer, parseStreamText } from "../../src/adapters/slack/format.ts";
import type { Live, LiveOutcome } from "../../src/core/platform/live.ts";
import type { Page } from "../../src/core/platform/page.ts";
import type { ReplyTarget } from "../../src/core/platform/reply-target.ts";
import { hostile, wellFormed } from "../format/corpus.ts";
import { type SlackWorld, startSlackWorld } from "./slack-world.ts";

type Streams = Extract<Live, { readonly kind: "streams" }>;

let world: SlackWorld;
let target: ReplyTarget;
let channel: string;
const never = new AbortController().signal;

beforeEach(async () => {
  world = await startSlackWorld({ options: { streaming: "native" } });
  const ann = world.slack.createUser({ name: "Ann" });
  channel = world.slack.createChannel("general", [ann]).id;
  const root = world.slack.says(ann, channel, "@parley hello");
  const address = { platform: "slack", scope: world.slack.teamId, chat: channel, thread: root };
  target = { address, place: "group", question: root, asker: ann.id };
});
afterEach(() => world[Symbol.asyncDispose]());

function streams(): Streams {
  const live = world.parts.platform.live(target);
  if (live.kind !== "streams") throw new Error(`expected streams, got ${live.kind}`);
  return live;
}

function settled<T>(outcome: LiveOutcome<T>): T {
  if (outcome.kind !== "done") throw new Error(`expected done, got ${outcome.kind}`);
  return outcome.value;
}

function growing(markdown: string): Page {
  return createSlackRenderer(true).render(markdown, "preview")[0] as Page;
}

function whole(markdown: string): Page {
  return createSlackRenderer(true).render(markdown, "final")[0] as Page;
}

async function opened(markdown: string): Promise<string> {
  return settled(await streams().open(target, growing(markdown), { index: 0, token: "t" }, never));
}

/** Brings a whole page there, word by word, as core does: what cannot be appended is edited. */
async function streamed(markdown: string): Promise<string | undefined> {
  const { platform } = world.parts;
  const words = markdown.match(/\S+\s*/gu) ?? [];
  const step = Math.max(1, Math.floor(words.length / 5));
  let id: string | undefined;
  let isOpen = true;
  const show = async (page: Page | undefined) => {
    if (page === undefined) return;
    if (id === undefined) {
      id = settled(await streams().open(target, page, { index: 0, token: "t" }, never));
      return;
    }
    if (isOpen) isOpen = (await streams().grow(target, id, page, never)).kind === "done";
    if (!isOpen) settled(await platform.edit(target, id, page, never));
  };
  for (let shown = step; shown < words.length; shown += step) {
    await show(createSlackRenderer(true).render(words.slice(0, shown).join(""), "preview")[0]);
  }
  await show(createSlackRenderer(true).render(markdown, "final")[0]);
  return id;
}

const spiteful = [
  "<!channel> <!here|x> <@U0SIM> <#C0SIM> <!subteam^S1> @channel @here @everyone",
  "https://evil.test/a?b=c www.evil.test evil.test/x [x](https://evil.test) <https://evil.test>",
  "![](https://evil.test/i.png) ![alt](http://evil.test) [](https://evil.test)",
  "`<!channel>` and ``<@U0SIM>`` and `@here`",
  "```\n<!channel> @everyone https://evil.test ```` \n<@U0SIM>\n```",
  "a@evil.test mailto:a@evil.test tel:+1 slack://open ftp://evil.test //evil.test",
  "&lt;!channel&gt; \\<!channel> &#60;!here&#62; <a href='https://evil.test'>x</a>",
  "> <!channel>\n> @here https://evil.test",
  "1. <!channel>\n2. @here\n   - https://evil.test",
  "| a | b |\n|---|---|\n| <!channel> | https://evil.test |",
];

const harmful = { ...hostile, ...Object.fromEntries(spiteful.map((text, at) => [`spite ${at}`, text])) };

test.for(Object.entries(harmful))("no stream calls anybody or has anything fetched: %s", async ([, text]) => {
  const id = await streamed(text.slice(0, 3_000).trim());
  const { messages } = world.slack.workspace;
  const fetching = messages.filter(({ ts, unfurl }) => ts === id && (unfurl.links || unfurl.media));
  expect(world.slack.botPings).toEqual([]);
  expect(fetching).toEqual([]);
  expect(world.slack.calls.filter(({ answer }) => answer?.ok === false)).toEqual([]);
});

/** A table's columns move while it grows, and styles that stay open for very long were probably none. */
const steady = Object.entries(wellFormed).filter(([name]) => !/table|everything|bold/.test(name));

test.for(steady)("a text that grows word by word goes on where it stood: %s", ([, text]) => {
  const words = text.slice(0, 2_500).match(/\S+\s*/gu) ?? [];
  const renderer = createSlackRenderer(true);
  let sent = "";
  for (let shown = 1; shown <= words.length; shown += 1) {
    const [page] = renderer.render(words.slice(0, shown).join(""), "preview");
    const next = parseStreamText(page?.body)?.markdown ?? "";
    expect(next.startsWith(sent) || sent.startsWith(next)).toBe(true);
    if (next.length > sent.length) sent = next;
  }
  const [last] = renderer.render(words.join(""), "final");
  expect(parseStreamText(last?.body)?.markdown.startsWith(sent)).toBe(true);
});

test("prose, styles and code are shown as they are meant; anything else says that it may not be", () => {
  const exact = (text: string) => parseStreamText(whole(text).body)?.exact;
  expect(exact("Plain **bold** and *italic*, `code`.\n\nNext\n\n```js\na < b;\n```")).toBe(true);
  expect(exact("[a link](https://example.org)")).toBe(false);
  expect(exact("- a list\n- of two")).toBe(false);
  expect(exact("5 * 3")).toBe(false);
  expect(exact("see node.js")).toBe(false);
  expect(exact("> quoted")).toBe(false);
});

test("a stream takes what follows, then its end, and is not appended to by anybody else", async () => {
  const id = await opened("one two three ");
  settled(await streams().grow(target, id, growing("one two three four five "), never));
  const other = await startSlackWorldBeside();
  expect(await other.grow(target, id, growing("one two three four five six "), never)).toMatchObject({
    kind: "unavailable",
  });
  settled(await streams().grow(target, id, whole("one two three four five six"), never));
  expect(world.slack.answers(channel, target.question)).toEqual(["one two three four five six"]);
  expect(world.slack.callsOf("chat.stopStream")[0]?.payload).toMatchObject({
    metadata: { event_type: "parley_page", event_payload: { token: "t" } },
  });
});

/** Another process that serves the same workspace. */
async function startSlackWorldBeside(): Promise<Streams> {
  const { createStreams } = await import("../../src/adapters/slack/streams.ts");
  const workspaces = { find: () => Promise.reject(new Error("asked")) } as never;
  return createStreams({ workspaces, timing: { streamAgeMs: 1_000, brokenMaxMs: 1_000 } });
}

test("an edit closes a stream that somebody left open, and is then due once more", async () => {
  const id = await opened("one two three ");
  const { platform } = world.parts;
  expect(await platform.edit(target, id, whole("all of it"), never)).toMatchObject({ kind: "unapplied" });
  settled(await platform.edit(target, id, whole("all of it"), never));
  expect(world.slack.answers(channel, target.question)).toEqual(["all of it"]);
});

test("a stream that somebody left open can be removed", async () => {
  const id = await opened("one two three ");
  const { platform } = world.parts;
  expect(await platform.remove(target, id, never)).toMatchObject({ kind: "unapplied" });
  settled(await platform.remove(target, id, never));
  expect(world.slack.answers(channel, target.question)).toEqual([]);
});

test("a lost stream is found while it is open; others' posts and streams are not taken for it", async () => {
  const sinceMs = Date.now();
  const { platform } = world.parts;
  const find = async (token: string) => settled(await platform.findPost(target, token, sinceMs, never));
  settled(await platform.post(target, whole("a notice"), { index: 0, token: "notice" }, never));
  expect(await find("lost")).toBeUndefined();
  const done = await opened("one two three ");
  settled(await streams().grow(target, done, whole("one two three"), never));
  expect(await find("lost")).toBeUndefined();
  expect(await find("t")).toBe(done);
  const lost = await opened("four five six ");
  expect(await find("lost")).toBe(lost);
});

test("who asked is unknown: no stream in a channel", async () => {
  const { asker: _, ...unknown } = target;
  const outcome = await streams().open(unknown, growing("one two "), { index: 0, token: "t" }, never);
  expect(outcome).toEqual({ kind: "unavailable", cause: undefined });
  expect(world.slack.callsOf("chat.startStream")).toEqual([]);
});

test("flood control closes the budget of its own method", async () => {
  const id = await opened("one two three ");
  for (const [method, call, page] of [
    ["chat.appendStream", "grow", growing("one two three four five ")],
    ["chat.stopStream", "close", whole("one two three four")],
  ] as const) {
    world.slack.faults.next(method, { kind: "limited", retryAfterS: 7 });
    const outcome = await streams().grow(target, id, page, never);
    const [own] = world.parts.platform.limits.budgets(target, call);
    expect(outcome).toMatchObject({ kind: "limited", retryAfterMs: 7_000, budget: { key: own?.key } });
  }
});
