import { afterEach, expect, test } from "vitest";
import type { SlackSimulatorOptions } from "../../simulator/slack/simulator.ts";
import type { SlackChannel, SlackUser } from "../../simulator/slack/workspace.ts";
import { type SlackWorld, startSlackWorld } from "./slack-world.ts";

let world: SlackWorld;
const never = new AbortController().signal;
const method = "conversations.replies";
afterEach(() => world[Symbol.asyncDispose]());

interface Thread {
  readonly ann: SlackUser;
  readonly channel: SlackChannel;
  readonly root: string;
}

/** A thread with `replies` answers of Ann's under her first message; nobody is told of them. */
async function thread(replies: number, simulator: SlackSimulatorOptions = {}): Promise<Thread> {
  world = await startSlackWorld({ simulator });
  const ann = world.slack.createUser({ name: "Ann" });
  const channel = world.slack.createChannel("general", [ann]);
  const root = world.slack.says(ann, channel, "The root");
  for (let number = 1; number <= replies; number += 1) {
    world.slack.says(ann, channel, `Reply ${number}`, { thread: root });
  }
  return { ann, channel, root };
}

function ask({ ann, channel, root }: Thread, newest = 50) {
  const question = world.slack.says(ann, channel, "@parley what do you think?", { thread: root });
  const address = { platform: "slack", scope: world.slack.teamId, chat: channel.id, thread: root };
  return world.parts.platform.readBackground({ address, place: "group", question }, newest, never);
}

async function read(place: Thread, newest?: number) {
  const outcome = await ask(place, newest);
  if (outcome.kind !== "done") throw outcome.cause;
  return outcome.value;
}

const texts = async (place: Thread, newest?: number) => (await read(place, newest)).map(({ text }) => text);

test("a thread is read from its root to the question, which is left out with all that follows it", async () => {
  const place = await thread(2);
  const question = world.slack.says(place.ann, place.channel, "@parley well?", { thread: place.root });
  world.slack.says(place.ann, place.channel, "Later", { thread: place.root });
  const address = {
    platform: "slack",
    scope: world.slack.teamId,
    chat: place.channel.id,
    thread: place.root,
  };
  const target = { address, place: "group", question } as const;
  expect(await world.parts.platform.readBackground(target, 50, never)).toMatchObject({
    kind: "done",
    value: [
      { text: "The root", opening: true, own: false, speaker: "Ann" },
      { text: "Reply 1", opening: false, own: false, speaker: "Ann" },
      { text: "Reply 2", opening: false },
    ],
  });
  expect(world.slack.callsOf(method)).toHaveLength(1);
});

test.for([
  [49, 1],
  [50, 1],
  [51, 1],
  [200, 1],
  [201, 2],
  [1_300, 3],
] as const)(
  "of %i replies the root and the newest fifty are told, after %i calls",
  async ([replies, calls]) => {
    const place = await thread(replies);
    const told = await texts(place);
    const first = Math.max(1, replies - 49);
    const newest = Array.from({ length: replies - first + 1 }, (_, index) => `Reply ${first + index}`);
    expect(told).toEqual(["The root", ...newest]);
    expect(world.slack.callsOf(method)).toHaveLength(calls);
  },
);

test("a thread beyond three pages is told as far as they reach", async () => {
  const place = await thread(2_400);
  const told = await texts(place, 2);
  expect(told).toEqual(["The root", "Reply 2195", "Reply 2196"]);
  expect(world.slack.callsOf(method)).toHaveLength(3);
});

test("where Slack gives fifteen at once and one call a minute, those are told and no second call is made", async () => {
  const place = await thread(40, { repliesMax: 15, rates: { [method]: { perMinute: 1, burst: 1 } } });
  expect(await texts(place)).toHaveLength(15);
  expect(world.slack.callsOf(method).map(({ status }) => status)).toEqual([200]);
});

test("files are told by name, ids by the names of those they stand for", async () => {
  const place = await thread(0);
  const bob = world.slack.createUser({ name: "Bob" });
  const say = (text: string, options = {}) =>
    world.slack.says(bob, place.channel, text, { thread: place.root, ...options });
  say("ask @Ann &lt;now&gt;", { raw: true });
  say(`<@${place.ann.id}> in <#${place.channel.id}>`, { raw: true });
  say("numbers", { files: [{ name: "q3]\n.xlsx", mimetype: "application/x" }] });
  say("", { files: [{ name: "cat.png", mimetype: "image/png" }] });
  expect(await read(place)).toMatchObject([
    { speaker: "Ann" },
    { speaker: "Bob", text: "ask @Ann <now>" },
    { text: "@Ann in #general" },
    { text: "numbers\n[attached: q3  .xlsx]" },
    { text: "[attached: cat.png]" },
  ]);
});

test("what somebody forwards is told with what they said to it; the preview of a link is not", async () => {
  const place = await thread(0);
  const bob = world.slack.createUser({ name: "Bob" });
  const options = { thread: place.root, forwards: [{ author: "Cleo", text: "Ship &lt;it&gt;" }] };
  world.slack.says(bob, place.channel, "see this", options);
  world.slack.says(bob, place.channel, "", options);
  const link = world.slack.says(bob, place.channel, "https://example.com/", { thread: place.root });
  world.slack.people.unfurls(place.channel, link);
  expect(await read(place)).toMatchObject([
    { speaker: "Ann" },
    { text: "see this\n[forwarded:]\nShip <it>" },
    { text: "Ship <it>" },
    { text: "https://example.com/" },
  ]);
});

test("the bot knows its own words, and other bots by the names they give themselves", async () => {
  const place = await thread(0);
  const { workspace } = world.slack;
  const rest = { channel: place.channel.id, threadTs: place.root };
  workspace.addMessage({ ...rest, user: workspace.botUserId, botId: workspace.botId, text: "I said" });
  const alerts = world.slack.createBot("Alerts");
  workspace.addMessage({ ...rest, user: alerts.id, botId: alerts.botId ?? "", text: "Disk full" });
  expect(await read(place)).toMatchObject([
    { own: false },
    { own: true, text: "I said" },
    { own: false, speaker: "Alerts", text: "Disk full" },
  ]);
});

test("what nobody said is not told: joins, topics, deleted messages", async () => {
  const place = await thread(1);
  for (const subtype of ["channel_join", "channel_topic", "tombstone"]) {
    world.slack.says(place.ann, place.channel, subtype, { thread: place.root, subtype });
  }
  const gone = world.slack.says(place.ann, place.channel, "Gone", { thread: place.root });
  world.slack.people.deletes(place.channel, gone);
  expect(await texts(place)).toEqual(["The root", "Reply 1"]);
});

test("a refusal for lack of a scope says which one to add, and is final", async () => {
  const place = await thread(1, { scopes: ["users:read"] });
  const outcome = await ask(place);
  expect(outcome).toMatchObject({ kind: "closed" });
  expect(outcome.kind === "closed" && outcome.cause.message).toContain("add the scope channels:history");
});

test.for([
  ["not_in_channel", "closed"],
  ["thread_not_found", "closed"],
  ["some_new_code", "closed"],
  ["invalid_auth", "broken"],
  ["internal_error", "unknown"],
] as const)("%s is %s", async ([code, kind]) => {
  const place = await thread(1);
  world.slack.faults.next(method, { kind: "error", code });
  expect(await ask(place)).toMatchObject({ kind });
});

test("a limit met on any page or on a name is passed on, with its time", async () => {
  const place = await thread(201);
  for (const limited of [method, "users.info"]) {
    // Of the names both Ann's and the mentioned bot's are asked for.
    const times = limited === method ? 1 : 2;
    world.slack.faults.next(limited, { kind: "limited", retryAfterS: 7 }, { times });
    expect(await ask(place)).toMatchObject({ kind: "limited", retryAfterMs: 7_000 });
  }
  const pages = world.slack.callsOf(method).length;
  expect(await ask(place)).toMatchObject({ kind: "done" });
  expect(world.slack.callsOf(method)).toHaveLength(pages + 2);
});

test("a name that Slack does not show leaves its id, and no crowd of mentions has us ask for all of them", async () => {
  const place = await thread(0);
  const crowd = Array.from({ length: 80 }, (_, index) => `<@U0CROWD${index}>`).join(" ");
  world.slack.workspace.addMessage({
    channel: place.channel.id,
    threadTs: place.root,
    user: "U0GONE",
    text: crowd,
  });
  expect((await read(place))[1]).toMatchObject({ speaker: "U0GONE" });
  // Ann, the speaker, and the first fifty of the crowd.
  expect(world.slack.callsOf("users.info")).toHaveLength(52);
});
