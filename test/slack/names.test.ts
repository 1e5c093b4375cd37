import { afterEach, beforeEach, expect, test } from "vitest";
import { createSlackClient } from "../../src/adapters/slack/client.ts";
import { ExpiringCache } from "../../src/adapters/slack/expiring-cache.ts";
import { createMessageReader, createNames } from "../../src/adapters/slack/names.ts";
import { createOnlyWorkspace } from "../../src/adapters/slack/workspaces.ts";
import { type IncomingMessage, parseIncomingMessage } from "../../src/core/message.ts";
import { type SlackWorld, startSlackWorld } from "./slack-world.ts";

let world: SlackWorld;
const never = new AbortController().signal;
beforeEach(async () => {
  world = await startSlackWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

function message(author: string, text: string): IncomingMessage {
  const ids = {
    id: "slack:T0SIM:C1#1.000001",
    conversation: "slack:T0SIM:C1:1.000001",
    nativeId: "1.000001",
  };
  const rest = { order: 1_000_001, place: "group", answer: true, sentAtMs: 1_000 };
  return parseIncomingMessage({ v: 1, ...ids, ...rest, author: { id: author, name: "" }, text });
}

const read = (author: string, text: string) => world.parts.platform.read(message(author, text), never);

test.for([
  ["a &lt; b &amp;&amp; c &gt; d &amp;lt;", "a < b && c > d &lt;"],
  ["<@U0PARLEY> what is this?", "what is this?"],
  ["<@U0PARLEY>, what is this?", "what is this?"],
  ["hey <@U0PARLEY>", "hey @parley"],
  ["<@U0PARLEY>", "@parley"],
  ["ask <@U0UNKNOWN>", "ask @U0UNKNOWN"],
  ["<!channel> and <!here> and <!subteam^S1|@devs>", "@channel and @here and @devs"],
  ["see <https://a.test/?b=1&amp;c=2>", "see https://a.test/?b=1&c=2"],
  ["see <https://a.test/x|the page>", "see the page (https://a.test/x)"],
  ["<http://a.test|a.test> <mailto:a@b.test|a@b.test>", "a.test a@b.test"],
  ["<#C0NONE|random> <#C0NONE>", "#random #C0NONE"],
  ["at <!date^1392734382^{date}|18 Feb 2014>", "at 18 Feb 2014"],
] as const)("%s is read as %s", async ([text, expected]) => {
  const ann = world.slack.createUser({ name: "Ann" });
  expect((await read(ann.id, text)).text).toBe(expected);
});

test("mentioned people and channels are read by their names", async () => {
  const ann = world.slack.createUser({ name: "Ann" });
  const room = world.slack.createChannel("general", [ann]);
  expect(await read(ann.id, `<@${ann.id}> in <#${room.id}>`)).toEqual({
    text: "@Ann in #general",
    authorName: "Ann",
    membership: "member",
  });
});

test("guests and strangers are told apart from members", async () => {
  const guest = world.slack.createUser({ name: "Gus", guest: true });
  const stranger = world.slack.createUser({ name: "Sam", stranger: true });
  expect(await read(guest.id, "hi")).toMatchObject({ membership: "guest" });
  expect(await read(stranger.id, "hi")).toMatchObject({ membership: "stranger" });
  expect(await read("U0NOBODY", "hi")).toMatchObject({ membership: "stranger", authorName: "U0NOBODY" });
});

test("a name is asked for once, also by many at the same time", async () => {
  const ann = world.slack.createUser({ name: "Ann" });
  await Promise.all(Array.from({ length: 20 }, () => read(ann.id, `<@${ann.id}>`)));
  await read(ann.id, "again");
  expect(world.slack.callsOf("users.info")).toHaveLength(1);
  expect(world.slack.callsOf("auth.test")).toHaveLength(1);
});

test("an author whose name cannot be asked now is tried again later, and no failure is remembered", async () => {
  const ann = world.slack.createUser({ name: "Ann" });
  world.slack.faults.next("users.info", { kind: "limited", retryAfterS: 4 });
  await expect(read(ann.id, "hi")).rejects.toMatchObject({
    name: "PlatformError",
    retry: { afterMs: 4_000 },
  });
  world.slack.faults.next("users.info", { kind: "error", code: "invalid_auth" });
  await expect(read(ann.id, "hi")).rejects.toMatchObject({ retry: "operator" });
  expect(await read(ann.id, "hi")).toMatchObject({ authorName: "Ann", membership: "member" });
});

test("a mention whose name cannot be asked keeps its id and holds nothing up", async () => {
  const [ann, bob] = [world.slack.createUser({ name: "Ann" }), world.slack.createUser({ name: "Bob" })];
  await read(ann.id, "hi");
  world.slack.faults.next("users.info", { kind: "http", status: 500 });
  expect(await read(ann.id, `<@${bob.id}>?`)).toMatchObject({ text: `@${bob.id}?` });
  expect(await read(ann.id, `<@${bob.id}>?`)).toMatchObject({ text: "@Bob?" });
});

test.for([
  ["people", "@U0", "users.info"],
  ["channels", "#C0", "conversations.info"],
] as const)("a crowd of %s in one message has us ask for fifty names", async ([, mark, method]) => {
  const ann = world.slack.createUser({ name: "Ann" });
  await read(ann.id, "hi");
  const ids = Array.from({ length: 300 }, (_, index) => `${mark.slice(1)}${1_000 + index}`);
  const before = world.slack.callsOf(method).length;
  const { text } = await read(ann.id, ids.map((id) => `<${mark[0]}${id}>`).join(" "));
  expect(text).toBe(ids.map((id) => `${mark[0]}${id}`).join(" "));
  expect(world.slack.callsOf(method).length - before).toBe(50);
});

test("a name is asked for anew when it has grown old", async () => {
  await using client = createSlackClient({
    botToken: world.slack.botToken,
    apiUrl: world.slack.url,
    callMs: 2_000,
    keepAliveMs: 400,
  });
  let nowMs = 0;
  const reader = createMessageReader(createNames(createOnlyWorkspace(client), () => nowMs));
  const ann = world.slack.createUser({ name: "Ann" });
  await reader(message(ann.id, "hi"), never);
  world.slack.workspace.addUser({ ...ann, name: "Anna" });
  expect(await reader(message(ann.id, "hi"), never)).toMatchObject({ authorName: "Ann" });
  nowMs = 61 * 60_000;
  expect(await reader(message(ann.id, "hi"), never)).toMatchObject({ authorName: "Anna" });
});

test("a full cache lets go of what was used least recently", async () => {
  const cache = new ExpiringCache<string>({ entries: 2, lifetimeMs: 1_000, now: () => 0 });
  const asked: string[] = [];
  const get = (key: string) =>
    cache.get(key, async () => {
      asked.push(key);
      return key;
    });
  for (const key of ["a", "b", "a", "c", "a", "b"]) await get(key);
  expect(asked).toEqual(["a", "b", "c", "b"]);
});

test("what was asked for before it was to be forgotten is not remembered", async () => {
  const cache = new ExpiringCache<string>({ entries: 2, lifetimeMs: 1_000, now: () => 0 });
  const old = Promise.withResolvers<string>();
  const before = cache.get("a", () => old.promise);
  cache.forget("a");
  const after = cache.get("a", async () => "new");
  old.resolve("old");
  expect([await before, await after, await cache.get("a", async () => "newest")]).toEqual([
    "old",
    "new",
    "new",
  ]);
  cache.clear();
  expect(await cache.get("a", async () => "newest")).toBe("newest");
});
