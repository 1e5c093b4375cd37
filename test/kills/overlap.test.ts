/** Workers are killed while messages that overlap are answered together, or one is about to give way to the next. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { createKeys } from "../../src/queue/keys.ts";
import { sees, seesPart } from "../world/person.ts";
import { isCallOf } from "../world/scripts.ts";
import type { World } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const text = numberedText(30);
const platforms = ["telegram", "slack"] as const;

async function startGateway(platform: "telegram" | "slack", overlap: "merge" | "interrupt"): Promise<World> {
  const world = await worlds.withGateway({ platforms: [platform] });
  await world.control.hset(createKeys().settings("*"), "overlap", JSON.stringify(overlap));
  return world;
}

const lastOf = (world: World, number: number) => world.model.requests[number - 1]?.messages.at(-1)?.content;

test.concurrent.for(platforms)(
  "a worker killed while it answers two messages as one: the next answers both on the same page, on %s",
  { timeout: 180_000 },
  async (platform) => {
    await using world = await startGateway(platform, "merge");
    world.model.answerWith(text);
    world.model.hold(20);
    const person = world.person(platform);
    person.says("One");
    person.says("Two");
    await world.hasWaiting(2);
    const victim = await world.start("worker");
    await seesPart(person, "word20");
    await world.hasRecorded(1);
    await victim.process.kill();
    person.says("Three");
    await world.hasWaiting(3);
    world.model.release();
    await world.start("worker");
    await sees(person, text, text);
    await world.isQuiet();
    expect([1, 2, 3].map((number) => lastOf(world, number))).toEqual(["One\n\nTwo", "One\n\nTwo", "Three"]);
  },
);

test.concurrent.for(["before", "after"] as const)(
  "a worker killed %s two messages answered as one are finished: neither is asked again",
  { timeout: 180_000 },
  async (when) => {
    await using world = await startGateway("slack", "merge");
    world.model.answerWith("Both.");
    const person = world.slackPerson();
    person.says("One");
    person.says("Two");
    await world.hasWaiting(2);
    const victim = await world.start("worker");
    const reached = victim.proxy.darkAt(isCallOf("finish-turn"), when);
    await world.within(60_000, `${when} finish`, reached);
    await victim.process.kill();
    victim.proxy.reset();
    await world.start("worker");
    await sees(person, "Both.");
    await world.isQuiet();
    expect(world.model.received()).toBe(1);
  },
);

test.concurrent.for(platforms)(
  "an answer interrupted while its worker is dead: it keeps what is visible, marked, and the next knows both, on %s",
  { timeout: 180_000 },
  async (platform) => {
    await using world = await startGateway(platform, "interrupt");
    world.model.answerWith(({ number }) => (number === 1 ? text : "Both."));
    world.model.hold(20);
    const victim = await world.start("worker");
    const person = world.person(platform);
    person.says("One");
    await seesPart(person, "word20");
    await world.hasRecorded(1);
    await victim.process.kill();
    person.says("Two");
    await world.hasWaiting(2);
    await world.start("worker");
    await person.until(() => person.answers().at(-1) === "Both.");
    await world.isQuiet();
    const [first, ...rest] = person.answers();
    expect(rest.at(-1)).toBe("Both.");
    expect(first).toContain("word20");
    expect(person.answers().join("\n")).toContain("[stopped]");
    expect(lastOf(world, 2)).toBe("One\n\nTwo");
    expect(world.model.received()).toBe(2);
  },
);
