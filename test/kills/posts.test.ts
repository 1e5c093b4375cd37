/** The one window: a post whose answer nobody heard. Slack has no copy, Telegram at most one, which says so. */

import { expect, test } from "vitest";
import { words } from "../../src/core/words.ts";
import { type Person, sees } from "../world/person.ts";
import { asksToPost } from "../world/scripts.ts";
import { startWorld, type World } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const platforms = ["telegram", "slack"] as const;
type Platform = (typeof platforms)[number];
const patience = { timeout: 180_000 };

const text = "A short answer.";
const again = `${words.sentAgain}\n${text}`;
/** What is seen when a post arrived and nobody heard of it. */
const afterLostAnswer = { telegram: [text, again], slack: [text] };
/** How many posts meet the fault. */
const posts = 20;

/** Twenty people whose next post meets the fault, applied or not. */
function peopleWith(world: World, platform: Platform, how: "reset" | "hang" | "status", isApplied = true) {
  return Array.from({ length: posts }, () => {
    if (platform === "telegram") {
      const person = world.telegramPerson();
      const kind = {
        reset: "apply-then-reset",
        hang: "apply-then-hang",
        status: "apply-then-status",
      } as const;
      const fault = { kind: isApplied ? kind[how] : "reset", status: 502 } as const;
      world.telegram.inject(fault as never, { method: "sendMessage", chatId: person.chat.id });
      return person;
    }
    const person = world.slackPerson();
    const kind = { reset: "applied-reset", hang: "applied-hang", status: "applied-http" } as const;
    const fault = { kind: isApplied ? kind[how] : "reset", status: 502 } as const;
    world.slack.faults.next("chat.postMessage", fault as never, { channel: person.channel.id });
    return person;
  });
}

async function allSee(world: World, people: readonly Person[], expected: readonly string[]): Promise<void> {
  await Promise.all(people.map((person) => sees(person, ...expected)));
  await world.isQuiet();
  expect(people.map((person) => person.answers())).toEqual(people.map(() => expected));
}

test.concurrent.for(
  platforms.flatMap((platform) =>
    (["reset", "hang", "status"] as const).map((how) => [platform, how] as const),
  ),
)("on %s, twenty posts that arrive and end in a %s", patience, async ([platform, how]) => {
  await using world = await startWorld({
    platforms: [platform],
    timing: { callMs: how === "hang" ? 6_000 : 15_000 },
  });
  world.model.answerWith(text);
  const people = peopleWith(world, platform, how);
  for (const person of people) person.says("Hello");
  await allSee(world, people, afterLostAnswer[platform]);
  expect(world.model.received()).toBe(posts);
});

test.concurrent.for(platforms)(
  "on %s, a worker is killed inside twenty posts that arrive",
  patience,
  async (platform) => {
    // The calls are to be under way when the worker dies, however long that takes.
    const timing = { callMs: 60_000 };
    await using world = await worlds.withGateway({ platforms: [platform], timing });
    world.model.answerWith(text);
    const victim = await world.start("worker");
    const people = peopleWith(world, platform, "hang");
    for (const person of people) person.says("Hello");
    await Promise.all(people.map((person) => sees(person, text)));
    await victim.process.kill();
    await world.start("worker");
    await allSee(world, people, afterLostAnswer[platform]);
  },
);

test.concurrent.for(platforms)(
  "on %s, posts that never arrived are sent again",
  patience,
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    world.model.answerWith(text);
    const people = peopleWith(world, platform, "reset", false);
    for (const person of people) person.says("Hello");
    await allSee(world, people, platform === "telegram" ? [again] : [text]);
  },
);

test.concurrent.for(platforms)(
  "on %s, a post refused for sure carries no mark",
  patience,
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    world.model.answerWith(text);
    const person = world.person(platform);
    if (platform === "telegram")
      world.telegram.inject({ kind: "limit", retryAfterS: 1 }, { method: "sendMessage" });
    else world.slack.faults.next("chat.postMessage", { kind: "limited", retryAfterS: 1 });
    person.says("Hello");
    await allSee(world, [person], [text]);
  },
);

test.concurrent.for(platforms)(
  "on %s, leave to post that Redis gave unheard is asked for again without a mark",
  patience,
  async (platform) => {
    await using world = await worlds.withGateway({ platforms: [platform] });
    world.model.answerWith(text);
    const worker = await world.start("worker");
    const person = world.person(platform);
    const granted = worker.proxy.darkAt(asksToPost, "after");
    person.says("Hello");
    await world.within(60_000, "leave to post", granted);
    worker.proxy.reset();
    await allSee(world, [person], [text]);
    expect(world.model.received()).toBe(1);
  },
);

test.concurrent.for(platforms)(
  "on %s, leave to post that arrives late is not used",
  patience,
  async (platform) => {
    // No reconnecting in between: the very answer that was held back arrives.
    const timing = { redisSocketMs: 60_000, redisGoneMs: 100_000 };
    await using world = await worlds.withGateway({ platforms: [platform], timing });
    world.model.answerWith(text);
    const late = await world.start("worker");
    const person = world.person(platform);
    const granted = late.proxy.darkAt(asksToPost, "after");
    person.says("Hello");
    await world.within(60_000, "leave to post", granted);
    await world.start("worker");
    const expected = platform === "telegram" ? [again] : [text];
    await sees(person, ...expected);
    await world.turnsAreOver();
    late.proxy.heal();
    await world.within(60_000, "fenced", late.process.hasLogged("a newer run has the turn", 1));
    await allSee(world, [person], expected);
    // Not even for the moment until it is noticed and removed.
    expect(person.looks()).toHaveLength(1);
  },
);
