/** A worker is killed while it gives an answer again: another one goes on, on the same page, and the history holds the last. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { sees, seesPart } from "../world/person.ts";
import { isCallOf } from "../world/scripts.ts";
import type { World } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const again = numberedText(30).replaceAll("word", "other");

async function startAnswered() {
  const world = await worlds.withGateway({ platforms: ["slack"] });
  const victim = await world.start("worker");
  const person = world.slackPerson();
  world.model.answerWith(({ number }) => (number === 1 ? "First." : again));
  person.says("One");
  await sees(person, "First.");
  await world.isQuiet();
  return { world, victim, person };
}

const lastTold = (world: World) => world.model.requests.at(-1)?.messages.map(({ content }) => content);

test.concurrent("killed in mid-text, after a restart", { timeout: 180_000 }, async () => {
  const { world, victim, person } = await startAnswered();
  await using _world = world;
  await victim.process.kill();
  const second = await world.start("worker");
  world.model.hold(20);
  person.says("!retry");
  await seesPart(person, "other20");
  await second.process.kill();
  world.model.release();
  await world.start("worker");
  await sees(person, again);
  await world.isQuiet();
  person.says("Two");
  await sees(person, again, again);
  expect(lastTold(world)?.slice(1)).toEqual(["One", again, "Two"]);
  expect(world.slack.callsOf("chat.postMessage")).toHaveLength(2);
});

test.concurrent.for(["before", "after"] as const)(
  "killed %s the answer is begun again: it is given again once",
  { timeout: 180_000 },
  async (when) => {
    const { world, victim, person } = await startAnswered();
    await using _world = world;
    const reached = victim.proxy.darkAt(isCallOf("retry-turn"), when);
    person.says("!retry");
    await world.within(60_000, `${when} the retry`, reached);
    await victim.process.kill();
    victim.proxy.reset();
    await world.start("worker");
    await sees(person, again);
    await world.isQuiet();
    expect(world.model.received()).toBe(2);
  },
);
