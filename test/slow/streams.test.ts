/** Workers die and calls go astray while an answer streams on Slack: one message in the end, whole, and no stream left open. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { killAt } from "../world/kill-at.ts";
import { sees, seesPart } from "../world/person.ts";
import { createRandom } from "../world/random.ts";
import { asksToPost, isCallOf } from "../world/scripts.ts";
import type { SlackPerson } from "../world/slack-person.ts";
import { startWorld, type World, type WorldOptions } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const patience = { timeout: 180_000 };
const firstText = numberedText(40);
const secondText = numberedText(45).replaceAll("word", "other");

async function startGateway(options: WorldOptions = {}): Promise<World> {
  const variables = { SLACK_STREAMING: "native" };
  // The model holds its answer while another process starts, however long that takes.
  const timing = { streamIdleMs: 60_000, redisCommandMs: 5_000, acceptMs: 6_000 };
  const world = await worlds.withGateway({ platforms: ["slack"], variables, timing, ...options });
  world.model.answerWith(({ number }) => (number === 1 ? firstText : secondText));
  return world;
}

function openStreams({ slack }: World) {
  return slack.workspace.messages.filter((message) => slack.workspace.streamState(message) === "in_progress");
}

/** A worker whose answer has come to its twentieth word, in a stream, and goes no further. */
async function startInStream(world: World) {
  world.model.hold(20);
  const worker = await world.start("worker");
  const person = world.slackPerson();
  person.says("Hello");
  await seesPart(person, "word19");
  await world.hasRecorded(1);
  return { worker, person };
}

/** Exactly this one message in the thread, no stream open, nothing else ever posted there but what was removed. */
async function endsWith(world: World, person: SlackPerson, text: string): Promise<void> {
  await seesPart(person, text.split(" ").at(-1) ?? "");
  await world.isQuiet();
  expect(person.answers()).toEqual([text]);
  expect(openStreams(world)).toEqual([]);
}

test.concurrent(
  "killed in mid-stream: the next one closes the stream and edits the same message",
  patience,
  async () => {
    await using world = await startGateway();
    const { worker: victim, person } = await startInStream(world);
    await victim.process.kill();
    world.model.release();
    await world.start("worker");
    await endsWith(world, person, secondText);
    expect(person.looks()).toHaveLength(1);
  },
);

test.concurrent(
  "killed between a stream's beginning and its record: it is found, without a second message",
  patience,
  async () => {
    await using world = await startGateway();
    world.model.hold(20);
    const victim = await world.start("worker");
    const person = world.slackPerson();
    const recorded = victim.proxy.darkAt(isCallOf("record-page"), "before");
    person.says("Hello");
    await world.within(60_000, "opened", recorded);
    expect(openStreams(world)).toHaveLength(1);
    await victim.process.kill();
    victim.proxy.reset();
    world.model.release();
    await world.start("worker");
    await endsWith(world, person, secondText);
    expect(person.looks()).toHaveLength(1);
  },
);

test.concurrent(
  "killed with leave to open a stream that it never used: nothing is found, one is opened",
  patience,
  async () => {
    await using world = await startGateway();
    world.model.hold(20);
    const victim = await world.start("worker");
    const person = world.slackPerson();
    const granted = victim.proxy.darkAt(asksToPost, "after");
    person.says("Hello");
    await world.within(60_000, "leave", granted);
    await victim.process.kill();
    victim.proxy.reset();
    world.model.release();
    await world.start("worker");
    await endsWith(world, person, secondText);
  },
);

test.concurrent(
  "killed when the text is durable: the next one brings it there without the model",
  patience,
  async () => {
    await using world = await startGateway();
    const { worker: victim, person } = await startInStream(world);
    const durable = { name: "generate-answer", at: isCallOf("generate-answer"), when: "after" } as const;
    await killAt(world, victim, durable, () => world.model.release());
    await endsWith(world, person, firstText);
    expect(world.model.received()).toBe(1);
  },
);

test.concurrent(
  "told to leave in mid-stream: another one goes on in the same message",
  patience,
  async () => {
    await using world = await startGateway();
    const { worker: leaver, person } = await startInStream(world);
    await world.start("worker");
    await leaver.process.terminate();
    world.model.release();
    await endsWith(world, person, secondText);
    expect(person.looks()).toHaveLength(1);
  },
);

test.concurrent(
  "frozen in mid-stream and back: its append comes too late for the stream",
  patience,
  async () => {
    await using world = await startGateway();
    const { worker: frozen, person } = await startInStream(world);
    frozen.process.freeze();
    world.model.release();
    await world.start("worker");
    await seesPart(person, "other45");
    frozen.process.thaw();
    await world.within(60_000, "fenced", frozen.process.hasLogged("a newer run has the turn", 1));
    await endsWith(world, person, secondText);
  },
);

test.concurrent("an append that lands after its stream was given up changes nothing", patience, async () => {
  await using world = await startWorld({
    platforms: ["slack"],
    variables: { SLACK_STREAMING: "native" },
    timing: { callMs: 1_000 },
  });
  world.model.answerWith(firstText);
  world.model.hold(20);
  const person = world.slackPerson();
  person.says("Hello");
  await seesPart(person, "word19");
  const { promise: until, resolve: land } = Promise.withResolvers<void>();
  world.slack.faults.next("chat.appendStream", { kind: "held", until });
  world.model.hold(30);
  await world.slack.until(() => world.slack.callsOf("chat.appendStream").length === 1, 30_000);
  world.model.release();
  await sees(person, firstText);
  land();
  await world.slack.until(() => world.slack.callsOf("chat.appendStream")[0]?.answer !== undefined, 30_000);
  expect(world.slack.callsOf("chat.appendStream")[0]?.answer).toMatchObject({
    error: "message_not_in_streaming_state",
  });
  await endsWith(world, person, firstText);
});

/** F17: streams are given up, answers are lost, calls refused, all at random. */
test.concurrent("twenty streams under faults at random: every answer whole, once", patience, async () => {
  await using world = await startWorld({
    platforms: ["slack"],
    variables: { SLACK_STREAMING: "native" },
    // A call that reaches Slack only after it was asked for would leave its copy, as with any post.
    timing: { callMs: 4_000, redisCommandMs: 5_000, acceptMs: 6_000 },
  });
  const random = createRandom(17);
  const text = numberedText(90);
  world.model.answerWith(text, { firstTokenMs: 0, tokenMs: 30 });
  const people = Array.from({ length: 20 }, () => world.slackPerson());
  const kinds = ["applied-reset", "applied-hang", "applied-http", "reset", "limited", "http"] as const;
  for (const person of people) {
    for (const method of ["chat.startStream", "chat.appendStream", "chat.stopStream"] as const) {
      if (random() < 0.5) continue;
      const kind = kinds[Math.floor(random() * kinds.length)] ?? "reset";
      const fault = { kind, status: 502, retryAfterS: 1 } as const;
      world.slack.faults.next(method, fault as never, { channel: person.channel.id });
    }
    person.says("Hello");
  }
  const closer = setInterval(() => {
    const open = openStreams(world);
    const unlucky = open[Math.floor(random() * open.length)];
    if (unlucky) world.slack.workspace.giveUpStream(unlucky);
  }, 100);
  try {
    await Promise.all(people.map((person) => seesPart(person, "word90")));
    await world.isQuiet();
  } finally {
    clearInterval(closer);
  }
  expect(people.map((person) => person.answers())).toEqual(people.map(() => [text]));
  expect(openStreams(world)).toEqual([]);
  const appended = world.slack.callsOf("chat.appendStream").map(({ payload }) => {
    return `${payload.ts} ${payload.markdown_text}`;
  });
  const refused = world.slack.callsOf("chat.appendStream").filter(({ status }) => status === 429).length;
  // Only what Slack surely did not take is sent again.
  expect(appended.length - new Set(appended).size).toBeLessThanOrEqual(refused);
});
