/** A worker is killed while a stop button stands under its answer: the next one's last state has none. */

import { expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { buttonsOf } from "../world/buttons.ts";
import { readsUpTo } from "../world/growing.ts";
import { sees, seesPart } from "../world/person.ts";
import { platforms } from "../world/stage.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import type { World } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const text = numberedText(20);

test("the whole text was visible, and only the button is left to remove", { timeout: 180_000 }, async () => {
  await using world = await worlds.withGateway({ platforms: ["telegram"] });
  const victim = await world.start("worker");
  const person = world.telegramPerson();
  await readsUpTo(world, person, text, 20);
  await world.hasRecorded(1);
  expect(person.messages().at(-1)?.buttons).toHaveLength(1);
  await victim.process.kill();
  world.model.release();
  await world.start("worker");
  await sees(person, text);
  // Not later, by the repair that follows a takeover.
  await world.turnsAreOver();
  expect(person.messages().map(({ buttons }) => buttons)).toEqual([undefined]);
});

/** Somebody who has read twelve words of an answer whose worker is dead. */
async function seesWordsOfDeadWorker(world: World, platform: (typeof platforms)[number]) {
  const victim = await world.start("worker");
  const person = world.person(platform);
  await readsUpTo(world, person, text, 12);
  await world.hasRecorded(1);
  await victim.process.kill();
  return person;
}

test.for(
  platforms.flatMap((platform) => [
    { platform, heldAt: 12, when: "while its worker is dead" },
    { platform, heldAt: 4, when: "before the next worker has as many words" },
  ]),
)(
  "stopped $when, an answer keeps its words and loses its button on $platform",
  { timeout: 180_000 },
  async ({ platform, heldAt }) => {
    await using world = await worlds.withGateway({ platforms: [platform] });
    const person = await seesWordsOfDeadWorker(world, platform);
    expect(buttonsOf(world, person)).toContain(words.stopButton);
    const stops = () => person.says(person instanceof TelegramPerson ? "/stop" : "!stop");
    world.model.hold(heldAt);
    const isDead = heldAt === 12;
    if (isDead) stops();
    await world.start("worker");
    if (!isDead) {
      await world.model.hasSent(heldAt, ({ number }) => number === 2);
      stops();
    }
    await seesPart(person, "[stopped]");
    // Not later, by the repair that follows a takeover.
    await world.turnsAreOver();
    expect(person.answers()[0]).toMatch(/word1 .*word12/s);
    expect(buttonsOf(world, person)).not.toContain(words.stopButton);
  },
);

test.for(platforms)(
  "a sentence of the bot's own takes the place of what a dead worker had shown, and has no button on %s",
  { timeout: 180_000 },
  async (platform) => {
    await using world = await worlds.withGateway({ platforms: [platform] });
    const person = await seesWordsOfDeadWorker(world, platform);
    world.model.answerWith({ fault: faults.contentPolicy() });
    world.model.release();
    await world.start("worker");
    await sees(person, words.chatApi.refused);
    // Not later, by the repair that follows a takeover.
    await world.turnsAreOver();
    expect(buttonsOf(world, person)).not.toContain(words.stopButton);
  },
);
