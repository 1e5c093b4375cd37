import { afterEach, beforeEach, expect, test } from "vitest";
import type { Fault } from "../../simulator/slack/faults.ts";
import { createLimits } from "../../src/adapters/slack/limits.ts";
import type { CallOutcome } from "../../src/core/platform/call-outcome.ts";
import type { Page } from "../../src/core/platform/page.ts";
import type { ReplyTarget } from "../../src/core/platform/reply-target.ts";
import { type SlackWorld, startSlackWorld } from "./slack-world.ts";

let world: SlackWorld;
let target: ReplyTarget;
let channel: string;
let root: string;
const never = new AbortController().signal;
const options = { index: 0, token: "token-1" };

beforeEach(async () => {
  world = await startSlackWorld();
  const ann = world.slack.createUser({ name: "Ann" });
  channel = world.slack.createChannel("general", [ann]).id;
  root = world.slack.says(ann, channel, "@parley hello");
  const address = { platform: "slack", scope: world.slack.teamId, chat: channel, thread: root };
  target = { address, place: "group", question: root };
});
afterEach(() => world[Symbol.asyncDispose]());

function page(text: string, body: unknown = null): Page {
  return { fingerprint: text, plain: text, body };
}

/** A page as the renderer makes it. */
function formatted(text: string): Page {
  const section = { type: "section", text: { type: "mrkdwn", text, verbatim: true } };
  return page(text, { text, blocks: [section] });
}

const post = (text: string) => world.parts.platform.post(target, page(text), options, never);

function settled<T>(outcome: CallOutcome<T>): T {
  if (outcome.kind !== "done")
    throw new Error(`expected done, got ${outcome.kind}`, { cause: outcome.cause });
  return outcome.value;
}

const answers = () => world.slack.answers(channel, root);

test("a reply is posted into the thread, edited in place and removed, without previews of links", async () => {
  const { platform } = world.parts;
  const id = settled(await platform.post(target, formatted("see https://evil.test"), options, never));
  expect(world.slack.visible(channel, root).at(-1)).toMatchObject({
    ts: id,
    text: "see https://evil.test",
    unfurl: { links: false, media: false },
  });
  const asked = world.slack.callsOf("chat.postMessage")[0]?.payload;
  expect(asked).toMatchObject({ unfurl_links: "false", unfurl_media: "false", parse: "none" });
  expect(asked).not.toHaveProperty("link_names");
  settled(await platform.edit(target, id, formatted("done"), never));
  expect(answers()).toEqual(["done"]);
  expect(world.slack.callsOf("chat.update")[0]?.payload).toMatchObject({ parse: "none" });
  settled(await platform.remove(target, id, never));
  expect(answers()).toEqual([]);
  settled(await platform.remove(target, id, never));
});

test("a page without formatting is shown as it is written and pings nobody", async () => {
  const text = "<!channel> a & b <@U1> @here";
  settled(await post(text));
  expect(answers()).toEqual([text]);
  expect(world.slack.botPings).toEqual([]);
});

test("a plain page that escapes make too long for an edit is still shown whole", async () => {
  const id = settled(await post("short"));
  const long = "<&>".repeat(1_200);
  settled(await world.parts.platform.edit(target, id, page(long), never));
  expect(answers().join("").replaceAll("\n", "")).toBe(long);
});

const faults: readonly (readonly [string, Fault, CallOutcome<never>["kind"], number])[] = [
  ["429", { kind: "limited", retryAfterS: 7 }, "limited", 0],
  ["internal_error after applying", { kind: "applied-error", code: "internal_error" }, "unknown", 1],
  ["fatal_error", { kind: "error", code: "fatal_error" }, "unknown", 0],
  ["HTTP 502 after applying", { kind: "applied-http", status: 502 }, "unknown", 1],
  ["HTTP 403 of a proxy", { kind: "http", status: 403 }, "unapplied", 0],
  ["a reset before applying", { kind: "reset" }, "unknown", 0],
  ["a reset after applying", { kind: "applied-reset" }, "unknown", 1],
  ["msg_too_long", { kind: "error", code: "msg_too_long" }, "unformattable", 0],
  ["invalid_blocks", { kind: "error", code: "invalid_blocks" }, "unformattable", 0],
  ["msg_blocks_too_long", { kind: "error", code: "msg_blocks_too_long" }, "unformattable", 0],
  ["is_archived", { kind: "error", code: "is_archived" }, "closed", 0],
  ["not_in_channel", { kind: "error", code: "not_in_channel" }, "closed", 0],
  ["channel_not_found", { kind: "error", code: "channel_not_found" }, "closed", 0],
  [
    "restricted_action_thread_locked",
    { kind: "error", code: "restricted_action_thread_locked" },
    "closed",
    0,
  ],
  ["invalid_auth", { kind: "error", code: "invalid_auth" }, "broken", 0],
  ["missing_scope", { kind: "error", code: "missing_scope" }, "broken", 0],
  ["an unheard-of code", { kind: "error", code: "something_new" }, "broken", 0],
  ["an answer that is no code", { kind: "error", code: "<html>Oh no</html>" }, "unknown", 0],
];

test.for(faults)("a post that meets %s is %o → %s, tried once", async ([, fault, kind, shown]) => {
  world.slack.faults.next("chat.postMessage", fault);
  expect(await post("Hello")).toMatchObject({
    kind,
    cause: { message: expect.stringContaining("chat.postMessage") },
  });
  expect(answers()).toHaveLength(shown);
  expect(world.slack.callsOf("chat.postMessage")).toHaveLength(1);
});

test.for([
  ["before", "hang", 0],
  ["after", "applied-hang", 1],
] as const)("a post that meets silence %s it is applied is of unknown outcome", async ([, kind, shown]) => {
  await using patient = await startSlackWorld({ timing: { callMs: 100 } });
  const place = patient.slack.createChannel("general", []).id;
  const address = { platform: "slack", scope: patient.slack.teamId, chat: place };
  patient.slack.faults.next("chat.postMessage", { kind });
  const posted = patient.parts.platform.post({ ...target, address }, page("Hello"), options, never);
  expect(await posted).toMatchObject({ kind: "unknown" });
  await patient.slack.until(() => patient.slack.answers(place).length === shown);
});

test("nobody listening is surely not applied", async () => {
  await using gone = await startSlackWorld();
  await gone.slack[Symbol.asyncDispose]();
  expect(await gone.parts.platform.post(target, page("Hello"), options, never)).toMatchObject({
    kind: "unapplied",
  });
});

test("a 429 names the budget that it closes: the channel's for posts, unless others are refused too, the workspace's for edits", async () => {
  const { platform } = world.parts;
  const id = settled(await post("Hello"));
  for (const method of ["chat.postMessage", "chat.update"])
    world.slack.faults.next(method, { kind: "limited", retryAfterS: 3 });
  const posted = await post("again");
  const edited = await platform.edit(target, id, page("again"), never);
  const keys = (call: "post" | "edit") => platform.limits.budgets(target, call).map((budget) => budget.key);
  const [channel, workspace] = keys("post");
  expect(posted).toMatchObject({ retryAfterMs: 3_000, budget: { key: channel, within: workspace } });
  expect(edited).toMatchObject({ retryAfterMs: 3_000, budget: { key: keys("edit")[0] } });
});

test("an edit of a message that a person has deleted is gone", async () => {
  const id = settled(await post("Hello"));
  world.slack.people.deletes(channel, id);
  expect(await world.parts.platform.edit(target, id, page("again"), never)).toMatchObject({ kind: "gone" });
});

test("an aborted wait leaves the outcome open, an aborted start calls nothing", async () => {
  world.slack.faults.next("chat.postMessage", { kind: "hang" });
  const stop = new AbortController();
  const posted = world.parts.platform.post(target, page("Hello"), options, stop.signal);
  await world.slack.until(() => world.slack.callsOf("chat.postMessage").length === 1);
  stop.abort();
  expect(await posted).toMatchObject({ kind: "unknown" });
  const late = await world.parts.platform.post(target, page("Hello"), options, stop.signal);
  expect(late).toMatchObject({ kind: "unapplied" });
  expect(world.slack.callsOf("chat.postMessage")).toHaveLength(1);
});

test("a post whose answer was lost is found by its token, another one is not", async () => {
  const sinceMs = Date.now();
  world.slack.faults.next("chat.postMessage", { kind: "applied-reset" });
  expect(await post("Hello")).toMatchObject({ kind: "unknown" });
  const { platform } = world.parts;
  const shown = world.slack.visible(channel, root).at(-1)?.ts;
  expect(await platform.findPost(target, "token-1", sinceMs, never)).toEqual({ kind: "done", value: shown });
  expect(await platform.findPost(target, "token-2", sinceMs, never)).toEqual({
    kind: "done",
    value: undefined,
  });
});

test("a lost post is found behind more than a page of other messages", async () => {
  const sinceMs = Date.now();
  const ann = world.slack.createUser({ name: "Bea" });
  for (let number = 0; number < 250; number += 1)
    world.slack.says(ann, channel, `${number}`, { thread: root });
  const id = settled(await post("Hello"));
  const found = await world.parts.platform.findPost(target, "token-1", sinceMs, never);
  expect(found).toEqual({ kind: "done", value: id });
  expect(world.slack.callsOf("conversations.replies")).toHaveLength(2);
});

test("in a flat direct message the post stands outside threads and is found there", async () => {
  const ann = world.slack.createUser({ name: "Cleo" });
  const dm = world.slack.createDm(ann);
  const question = world.slack.says(ann, dm, "Hi");
  const flat: ReplyTarget = {
    address: { platform: "slack", scope: world.slack.teamId, chat: dm.id },
    place: "private",
    question,
  };
  const id = settled(await world.parts.platform.post(flat, page("Hello"), options, never));
  expect(world.slack.visible(dm).map((message) => message.text)).toEqual(["Hi", "Hello"]);
  const found = await world.parts.platform.findPost(flat, "token-1", Date.now() - 1_000, never);
  expect(found).toEqual({ kind: "done", value: id });
});

test("the busy sign shows until the reply does, and can be taken away", async () => {
  const { platform } = world.parts;
  settled(await platform.showBusy(target, true, never));
  expect(world.slack.status(channel, root)).toBe("is thinking…");
  settled(await post("Hello"));
  expect(world.slack.status(channel, root)).toBe("");
  settled(await platform.showBusy(target, true, never));
  settled(await platform.showBusy(target, false, never));
  expect(world.slack.status(channel, root)).toBe("");
});

test("what does not fit is attached as a file in the thread", async () => {
  const file = { name: "answer.md", text: "# Ünïcode\nall of it" };
  settled(await world.parts.platform.attach(target, file, never));
  expect(world.slack.visible(channel, root).at(-1)?.files).toMatchObject([
    { name: file.name, content: file.text },
  ]);
});

test("an upload that breaks before it is shared is surely not applied", async () => {
  world.slack.faults.next("files.getUploadURLExternal", { kind: "reset" });
  const attached = await world.parts.platform.attach(target, { name: "a.md", text: "a" }, never);
  expect(attached).toMatchObject({ kind: "unapplied" });
  world.slack.faults.next("files.completeUploadExternal", { kind: "applied-reset" });
  const shared = await world.parts.platform.attach(target, { name: "a.md", text: "a" }, never);
  expect(shared).toMatchObject({ kind: "unknown" });
});

test("a command's answer is seen by its sender alone, five times, then the address is closed", async () => {
  await world.connect();
  const ann = world.slack.createUser({ name: "Dora" });
  await world.slack.runsCommand(ann, channel, "/parley", "help");
  const respondTo = world.inbox.commands[0]?.respondTo;
  const to = { author: { id: ann.id, name: "" }, ...(respondTo === undefined ? {} : { respondTo }) };
  const saying = { markdown: "**Commands** <!channel>", audience: "place", buttons: [] } as const;
  const respond = () => world.parts.responder.respond(target, to, saying, never);
  for (let use = 0; use < 5; use += 1) settled(await respond());
  expect(await respond()).toMatchObject({ kind: "closed" });
  expect(world.slack.visible(channel, target.address.thread).at(-1)).toMatchObject({ ephemeralTo: ann.id });
  expect(world.slack.botPings).toEqual([]);
});

test("a command typed in a thread is answered in the thread", async () => {
  const saying = { markdown: "Done.", audience: "place", buttons: [] } as const;
  settled(await world.parts.responder.respond(target, { author: { id: "U1", name: "" } }, saying, never));
  expect(answers()).toEqual(["Done."]);
});

test("rates that are off leave every budget without a rate, and a post takes two", () => {
  const off = { intervalMs: 0, burst: 1, reserve: 0 };
  const update = { intervalMs: 1_600, burst: 9, reserve: 3 };
  const on = createLimits({ update, post: { ...update, intervalMs: 1_000 } });
  const none = createLimits({ update: off, post: off });
  for (const call of ["post", "edit", "remove", "status"] as const)
    expect(none.budgets(target, call).every((budget) => budget.intervalMs === 0)).toBe(true);
  expect(on.budgets(target, "edit")).toEqual([{ key: expect.stringContaining(":edit"), ...update }]);
  expect(on.budgets(target, "post")).toHaveLength(2);
});
