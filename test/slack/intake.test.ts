import { afterEach, expect, test, vi } from "vitest";
import { type SlackWorld, type SlackWorldOptions, startSlackWorld } from "./slack-world.ts";

let world: SlackWorld;
afterEach(() => world[Symbol.asyncDispose]());

async function connected(options?: SlackWorldOptions) {
  world = await startSlackWorld(options);
  await world.connect();
  const ann = world.slack.createUser({ name: "Ann" });
  return { ann, channel: world.slack.createChannel("general", [ann]), dm: world.slack.createDm(ann) };
}

const acked = () => world.slack.socketMode.deliveries.filter((one) => one.ackedAtMs !== undefined);

test.for(["message-first", "mention-first"] as const)(
  "a mention delivered %s arrives once",
  async (order) => {
    const { ann, channel } = await connected({ simulator: { mentions: { order } } });
    const ts = world.slack.says(ann, channel, "@parley hello");
    await world.slack.until(() => acked().length === 2);
    expect(world.inbox.asked).toBe(2);
    expect(world.inbox.messages).toMatchObject([{ nativeId: ts, answer: true, author: { id: ann.id } }]);
  },
);

test("an envelope is not acknowledged while the inbox refuses, and nothing is lost or doubled", async () => {
  const { ann, dm } = await connected({ simulator: { socketTiming: { ackMs: 60 } } });
  world.inbox.refusals = 2;
  world.slack.says(ann, dm, "Keep me");
  await world.slack.until(() => acked().length === 1);
  const wasAcked = world.slack.socketMode.deliveries.map((one) => one.ackedAtMs !== undefined);
  expect(wasAcked.slice(0, 2)).toEqual([false, false]);
  expect(wasAcked.at(-1)).toBe(true);
  expect(world.inbox.messages).toMatchObject([{ text: "Keep me" }]);
  expect(world.log.join()).toContain("arrivals could not be written");
});

test("an event delivered again is accepted again under the same id", async () => {
  const { ann, dm } = await connected();
  const ts = world.slack.says(ann, dm, "Once");
  await world.slack.until(() => acked().length === 1);
  world.slack.redeliver(dm, ts);
  await world.slack.until(() => acked().length === 2);
  expect(world.inbox.messages).toHaveLength(1);
});

test("what is not for the bot is acknowledged and nobody hears of it", async () => {
  const { ann, channel, dm } = await connected();
  world.slack.says(ann, channel, "Not for you");
  const ts = world.slack.says(ann, dm, "For you");
  world.slack.people.edits(dm, ts, "Changed");
  world.slack.says(world.slack.createBot("other"), channel, "I am a bot");
  await world.slack.until(() => acked().length === 4);
  expect(world.inbox.messages).toMatchObject([{ text: "For you" }]);
});

test("an unreadable event is acknowledged and set aside with a line in the log", async () => {
  await connected();
  world.slack.socketMode.sendEvent({
    type: "event_callback",
    event_id: "Ev1",
    team_id: world.slack.teamId,
    event: { type: "message", channel: "D1", user: "U1", ts: "not a ts", text: "secret words" },
  });
  await world.slack.until(() => acked().length === 1);
  expect(world.inbox.asked).toBe(0);
  expect(world.log.join()).toContain("could not be read");
  expect(world.log.join()).not.toContain("secret words");
});

test("a thread's message is context until it is for the bot", async () => {
  const { ann, channel } = await connected();
  const bob = world.slack.createUser({ name: "Bob" });
  const thread = world.slack.says(ann, channel, "@parley start");
  await world.slack.until(() => acked().length === 2);
  world.slack.says(bob, channel, "@Ann what do you think?", { thread });
  await world.slack.until(() => acked().length === 3);
  world.slack.says(bob, channel, "and you?", { thread });
  await world.slack.until(() => acked().length === 4);
  expect(world.inbox.messages.map((message) => message.answer)).toEqual([true, false, true]);
  expect(new Set(world.inbox.messages.map((message) => message.conversation)).size).toBe(1);
});

test("a slash command is acknowledged after it is accepted, with a way to answer its sender", async () => {
  const { ann, channel } = await connected();
  const delivery = await world.slack.runsCommand(ann, channel, "/parley", "stop");
  expect(delivery?.ackedAtMs).toBeDefined();
  expect(world.inbox.commands).toMatchObject([{ name: "stop", author: { id: ann.id }, place: "group" }]);
  const respondTo = world.inbox.commands[0]?.respondTo;
  expect(respondTo).toContain(world.slack.origin);
});

test("a slash command that cannot be written tells its sender that it failed", async () => {
  const { ann, dm } = await connected({ simulator: { socketTiming: { ackMs: 60 } } });
  world.inbox.refusals = 1;
  expect(await world.slack.runsCommand(ann, dm, "/parley", "new")).toBeUndefined();
  expect(world.slack.visible(dm).at(-1)).toMatchObject({
    text: expect.stringContaining("operation_timeout"),
  });
});

test("Slack's Stop button and @bot !stop arrive", async () => {
  const { ann, channel } = await connected();
  const thread = world.slack.says(ann, channel, "@parley write a novel");
  world.slack.pressesStop(ann, channel, thread);
  world.slack.says(ann, channel, "@parley !stop", { thread });
  await world.slack.until(() => acked().length === 5);
  expect(world.inbox.arrivals.map((arrival) => arrival.kind).sort()).toEqual([
    "command",
    "command",
    "message",
    "stop",
  ]);
  expect(new Set(world.inbox.commands.map((command) => command.id)).size).toBe(1);
});

test("one socket dies: the other serves, and the lost one comes back", async () => {
  const { ann, dm } = await connected();
  world.slack.socketMode.kill(1);
  await world.slack.until(() => world.slack.socketMode.connections.includes(2));
  world.slack.says(ann, dm, "Still there?");
  await world.slack.until(() => world.inbox.messages.length === 1);
  await world.slack.until(() => world.slack.socketMode.connections.length === 2);
  await vi.waitFor(() => expect(world.parts.intake.notReady()).toBeUndefined(), { interval: 5 });
});

test("both sockets are refreshed and every message still arrives", async () => {
  const { ann, dm } = await connected();
  for (const number of world.slack.socketMode.connections) world.slack.socketMode.refresh(number);
  world.slack.says(ann, dm, "During the refresh");
  await world.slack.until(() => world.slack.socketMode.connections.length === 2);
  await world.slack.until(() => world.inbox.messages.length === 1);
});

test("a half-open socket is noticed by its pings and replaced", async () => {
  await connected({ options: { pongMs: 60 } });
  world.slack.socketMode.freeze(1);
  await world.slack.until(() => world.slack.socketMode.connections.includes(3));
  expect(world.log.join()).toContain("a socket was lost");
});

test("a Slack that refuses connections at boot leaves nobody deaf", async () => {
  world = await startSlackWorld({ timing: { callMs: 300 } });
  const { faults } = world.slack;
  faults.next("apps.connections.open", { kind: "http", status: 500 });
  faults.next("apps.connections.open", { kind: "reset" });
  faults.next("apps.connections.open", { kind: "error", code: "internal_error" });
  faults.next("apps.connections.open", { kind: "error", code: "invalid_auth" });
  faults.next("apps.connections.open", { kind: "hang" });
  await world.parts.intake.start();
  expect(world.parts.intake.notReady()).toContain("auth.test");
  await world.slack.until(() => world.slack.socketMode.connections.length === 2);
  await vi.waitFor(() => expect(world.parts.intake.notReady()).toBeUndefined(), { interval: 5 });
  expect(world.slack.callsOf("apps.connections.open").length).toBeGreaterThanOrEqual(7);
});

test("a failed auth.test at boot is asked again until it is answered", async () => {
  world = await startSlackWorld();
  world.slack.faults.next("auth.test", { kind: "http", status: 503 }, { times: 2 });
  world.slack.faults.next("auth.test", { kind: "error", code: "invalid_auth" }, { times: 2 });
  await world.connect();
  const ann = world.slack.createUser({ name: "Ann" });
  world.slack.says(ann, world.slack.createDm(ann), "Can you hear me?");
  await world.slack.until(() => world.inbox.messages.length === 1);
  expect(world.slack.callsOf("auth.test")).toHaveLength(5);
});

test("readiness names the socket that is missing", async () => {
  await connected({ timing: { backoffMs: 10_000, backoffMaxMs: 10_000 } });
  world.slack.faults.next("apps.connections.open", { kind: "http", status: 500 }, { times: 9 });
  world.slack.socketMode.kill(world.slack.socketMode.connections[0] ?? 0);
  await vi.waitFor(() => expect(world.parts.intake.notReady()).toMatch(/socket [12] of 2 is not connected/), {
    interval: 5,
  });
});

test("what was received is written and acknowledged before stop resolves", async () => {
  const { ann, dm } = await connected();
  const accept = world.inbox.accept.bind(world.inbox);
  const held = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  world.inbox.accept = async (arrivals) => {
    entered.resolve();
    await held.promise;
    await accept(arrivals);
  };
  world.slack.says(ann, dm, "Just before the end");
  await entered.promise;
  const stopped = world.parts.intake.stop();
  held.resolve();
  await stopped;
  await world.slack.until(() => acked().length === 1);
  expect(world.inbox.messages).toHaveLength(1);
  await world.slack.until(() => world.slack.socketMode.connections.length === 0);
});
