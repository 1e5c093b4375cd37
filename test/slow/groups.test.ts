/** Turns of several messages whose worker dies: parts that are one question, and questions of while the bot was away. */

import { expect, test } from "vitest";
import { words } from "../../src/core/words.ts";
import { type FatalStep, killAt } from "../world/kill-at.ts";
import { type Person, sees } from "../world/person.ts";
import { asksToPost, isCallOf } from "../world/scripts.ts";
import type { World } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const patience = { timeout: 180_000 };

/** One worker after another dies, each at the next step of what the next of `people` says and then sees. */
async function killThrough(
  world: World,
  steps: readonly FatalStep[],
  people: readonly Person[],
  begin: (person: Person) => void,
  seen: string,
): Promise<void> {
  let worker = await world.start("worker");
  for (const [index, step] of steps.entries()) {
    const person = people[index] as Person;
    worker = await killAt(world, worker, step, () => begin(person));
    await sees(person, seen);
    // The next trap is for the next question.
    await world.turnsAreOver();
  }
  await world.isQuiet();
  expect(people.map((person) => person.answers())).toEqual(people.map(() => [seen]));
  await world.hasWaiting(0);
}

const ends: readonly FatalStep[] = (["take-turn", "finish-turn"] as const).flatMap((name) =>
  (["before", "after"] as const).map((when) => ({ name, at: isCallOf(name), when })),
);

test.concurrent(
  "a text in three parts is asked whole and once, wherever in taking or ending it its worker dies",
  patience,
  async () => {
    await using world = await worlds.withGateway({ platforms: ["telegram"] });
    world.model.answerWith("Read.");
    // So long that an app sends it as three messages.
    const long = Array.from({ length: 180 }, (_, line) => `Line ${line}: what somebody has pasted.`).join(
      "\n",
    );
    const people = ends.map(() => world.telegramPerson());
    await killThrough(world, ends, people, (person) => person.says(long), "Read.");
    const asked = world.model.requests.map(({ messages }) => messages.at(-1)?.content);
    expect(asked).toEqual(ends.map(() => long));
  },
);

const noticeSteps: readonly FatalStep[] = [
  { name: "take", at: isCallOf("take-turn"), when: "after" },
  { name: "writing", at: isCallOf("generate-answer"), when: "before" },
  { name: "writing", at: isCallOf("generate-answer"), when: "after" },
  { name: "leave to post", at: asksToPost, when: "before" },
  { name: "leave to post", at: asksToPost, when: "after" },
  { name: "record the post", at: isCallOf("record-page"), when: "before" },
  { name: "finish", at: isCallOf("finish-turn"), when: "after" },
];

test.concurrent(
  "who asked while the bot was away is asked once whether it still matters, wherever the worker that asks dies",
  patience,
  async () => {
    await using world = await worlds.withGateway({ platforms: ["slack"] });
    const people = noticeSteps.map(() => world.slackPerson());
    const longAgo = Math.floor(Date.now() / 1_000) - 3_600;
    const begin = (person: Person) => {
      const number = people.indexOf(person as (typeof people)[number]);
      people[number]?.says("Still there?", `${longAgo}.${String(number).padStart(6, "0")}`);
    };
    await killThrough(world, noticeSteps, people, begin, words.away(1));
    expect(world.model.received()).toBe(0);
  },
);
