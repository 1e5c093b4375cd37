/** A worker is killed at each step of its turn: carried out or not, heard of or not. Another one goes on. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { type FatalStep, killAt } from "../world/kill-at.ts";
import { type Person, sees, seesPart } from "../world/person.ts";
import { asksToPost, isCallOf } from "../world/scripts.ts";
import type { World } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

/** Short enough to be finished before its first post is due. */
const shortText = "A short answer.";
const text = numberedText(30);

interface Step extends FatalStep {
  /** How often the model is asked for the one answer: once more when its text was not durable yet. */
  readonly calls: number;
  /** The one window on Telegram: a post was begun, and nobody knows whether it arrived. `true`: it did. */
  readonly arrived?: boolean;
}

const steps: readonly Step[] = [
  { name: "take", at: isCallOf("take-turn"), when: "before", calls: 1 },
  { name: "take", at: isCallOf("take-turn"), when: "after", calls: 1 },
  { name: "generated", at: isCallOf("generate-answer"), when: "before", calls: 2 },
  { name: "generated", at: isCallOf("generate-answer"), when: "after", calls: 1 },
  { name: "leave to post", at: asksToPost, when: "before", calls: 1 },
  { name: "leave to post", at: asksToPost, when: "after", calls: 1, arrived: false },
  { name: "record the post", at: isCallOf("record-page"), when: "before", calls: 1, arrived: true },
  { name: "record the post", at: isCallOf("record-page"), when: "after", calls: 1 },
  { name: "finish", at: isCallOf("finish-turn"), when: "before", calls: 1 },
  { name: "finish", at: isCallOf("finish-turn"), when: "after", calls: 1 },
];

async function startGateway(platform: "telegram" | "slack"): Promise<World> {
  const world = await worlds.withGateway({ platforms: [platform] });
  world.model.answerWith(shortText);
  return world;
}

/** One worker after another is killed, each at the next step of a question of its own. @returns the model's calls per step */
async function killThrough(
  world: World,
  steps: readonly Step[],
  people: readonly Person[],
): Promise<readonly number[]> {
  let worker = await world.start("worker");
  const calls: number[] = [];
  for (const [index, step] of steps.entries()) {
    const person = people[index] as Person;
    const callsBefore = world.model.received();
    worker = await killAt(world, worker, step, () => person.says("Hello"));
    await seesPart(person, shortText);
    // The next trap is for the next question.
    await world.turnsAreOver();
    calls.push(world.model.received() - callsBefore);
  }
  await world.isQuiet();
  return calls;
}

/** Half of the steps each, side by side. */
const halves = [
  steps.filter((_, index) => index % 2 === 0),
  steps.filter((_, index) => index % 2 === 1),
] as const;

test.concurrent.for(halves)(
  "on Slack every step's death leaves one whole answer and no copy (half %#)",
  { timeout: 180_000 },
  async (steps) => {
    await using world = await startGateway("slack");
    const people = steps.map(() => world.slackPerson());
    const calls = await killThrough(world, steps, people);
    expect(people.map((person) => person.answers())).toEqual(steps.map(() => [shortText]));
    expect(calls).toEqual(steps.map((step) => step.calls));
  },
);

test.concurrent.for(halves)(
  "on Telegram every step's death leaves one whole answer, at most one copy of which says so (half %#)",
  { timeout: 180_000 },
  async (steps) => {
    await using world = await startGateway("telegram");
    const people = steps.map(() => world.telegramPerson());
    const calls = await killThrough(world, steps, people);
    const again = `${words.sentAgain}\n${shortText}`;
    const expected = steps.map(({ arrived }) =>
      arrived === undefined ? [shortText] : [...(arrived ? [shortText] : []), again],
    );
    expect(people.map((person) => person.answers())).toEqual(expected);
    expect(calls).toEqual(steps.map((step) => step.calls));
  },
);

test.concurrent.for(["telegram", "slack"] as const)(
  "a worker killed in the midst of streaming leaves the same page to the next, on %s",
  { timeout: 180_000 },
  async (platform) => {
    await using world = await startGateway(platform);
    world.model.answerWith(text);
    let worker = await world.start("worker");
    const people = [0, 12, 25].map((tokens) => ({ tokens, person: world.person(platform) }));
    for (const { tokens, person } of people) {
      world.model.hold(tokens);
      const number = world.model.received() + 1;
      person.says("Hello");
      await world.model.hasReceived(number);
      if (tokens > 0) await seesPart(person, `word${tokens}`);
      if (tokens > 0) await world.hasRecorded(1);
      await worker.process.kill();
      world.model.release();
      worker = await world.start("worker");
      await sees(person, text);
      expect(world.model.received()).toBe(number + 1);
    }
    await world.isQuiet();
    expect(people.map(({ person }) => person.answers())).toEqual([[text], [text], [text]]);
  },
);

test.concurrent("a question whose worker dies three times gets an apology, the next one an answer", {
  timeout: 180_000,
}, async () => {
  await using world = await startGateway("telegram");
  world.model.hold(0);
  const person = world.telegramPerson();
  person.says("Hello");
  for (let deaths = 1; deaths <= 3; deaths += 1) {
    const worker = await world.start("worker");
    await world.model.hasReceived(deaths);
    await worker.process.kill();
  }
  await world.start("worker");
  await sees(person, words.failed);
  world.model.release();
  person.says("And now?");
  await sees(person, words.failed, shortText);
  await world.isQuiet();
  expect(world.model.received()).toBe(4);
  expect(await world.control.llen(createKeys().dead)).toBe(1);
});
