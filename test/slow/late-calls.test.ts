/** Calls that reach the platform after newer ones: an older text never has the last word. */

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { wordsOf } from "../world/growing.ts";
import { type Person, sees, seesPart } from "../world/person.ts";
import { startWorld, type World } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const platforms = ["telegram", "slack"] as const;
type Platform = (typeof platforms)[number];
const patience = { timeout: 180_000 };
const text = numberedText(40);
/** Calls are given up after this long, so a call held for longer lands late. */
const timing = { callMs: 1_000, settleMs: 3_000 };

/** The next edit does not reach the platform. @returns what lets it get there after all */
function holdNextEdit(world: World, platform: Platform): () => void {
  const { promise: until, resolve } = Promise.withResolvers<void>();
  if (platform === "telegram") world.telegram.inject({ kind: "hold", until }, { method: "editMessageText" });
  else world.slack.faults.next("chat.update", { kind: "held", until });
  return resolve;
}

async function streamTo(world: World, person: Person, tokens: number): Promise<void> {
  world.model.answerWith(text);
  world.model.hold(tokens);
  person.says("Hello");
  await seesPart(person, `word${tokens}`);
  await world.hasRecorded(1);
}

/** The final text was visible, then an older one, then the final one again. */
async function seesOlderThenWhole(person: Person): Promise<void> {
  const seen = () => person.looks()[0]?.map((look) => look.text) ?? [];
  const isOld = () => {
    const looks = seen();
    const final = looks.indexOf(text);
    return final >= 0 && looks.slice(final).some((look) => look !== text);
  };
  await person.until(isOld, 60_000);
  await person.until(() => seen().at(-1) === text, 60_000);
}

test.concurrent.for(platforms)(
  "on %s, a preview that lands after the final is put right",
  patience,
  async (platform) => {
    await using world = await startWorld({ platforms: [platform], timing });
    const person = world.person(platform);
    await streamTo(world, person, 15);
    const land = holdNextEdit(world, platform);
    world.model.hold(25);
    await editsBegun(world, platform, 1);
    world.model.release();
    await sees(person, text);
    land();
    await seesOlderThenWhole(person);
    await world.isQuiet();
    expect(person.answers()).toEqual([text]);
    expect(world.model.received()).toBe(1);
  },
);

test.concurrent.for(platforms)(
  "on %s, a late preview is put right also when the final had to wait",
  patience,
  async (platform) => {
    await using world = await startWorld({ platforms: [platform], timing });
    const person = world.person(platform);
    await streamTo(world, person, 15);
    const land = holdNextEdit(world, platform);
    if (platform === "telegram")
      world.telegram.inject({ kind: "limit", retryAfterS: 1 }, { method: "editMessageText" });
    else world.slack.faults.next("chat.update", { kind: "limited", retryAfterS: 1 });
    world.model.hold(25);
    await editsBegun(world, platform, 1);
    world.model.release();
    await sees(person, text);
    land();
    await seesOlderThenWhole(person);
    await world.isQuiet();
    expect(person.answers()).toEqual([text]);
  },
);

test.concurrent.for(platforms)(
  "on %s, a dead worker's edit that lands late is put right",
  patience,
  async (platform) => {
    await using world = await worlds.withGateway({
      platforms: [platform],
      timing: { settleMs: 3_000 },
    });
    const victim = await world.start("worker");
    const person = world.person(platform);
    await streamTo(world, person, 15);
    const land = holdNextEdit(world, platform);
    world.model.hold(25);
    await editsBegun(world, platform, 1);
    await victim.process.kill();
    world.model.release();
    await world.start("worker");
    await sees(person, text);
    land();
    await seesOlderThenWhole(person);
    await world.isQuiet();
    expect(person.answers()).toEqual([text]);
  },
);

async function editsBegun(world: World, platform: Platform, count: number): Promise<void> {
  if (platform === "telegram")
    await world.telegram.until(() => world.telegram.callsOf("editMessageText").length >= count);
  else await world.slack.until(() => world.slack.callsOf("chat.update").length >= count);
}

test.concurrent.for(platforms)(
  "on %s, a second text that is shorter and different replaces all pages",
  patience,
  async (platform) => {
    await using world = await worlds.withGateway({ platforms: [platform] });
    const victim = await world.start("worker");
    const person = world.person(platform);
    const second = numberedText(600).replaceAll("word", "other");
    world.model.answerWith(({ number }) => (number === 1 ? numberedText(2_000) : second));
    world.model.hold(1_500);
    person.says("Hello");
    await person.until(() => person.answers().length >= 4, 60_000);
    await world.hasRecorded(4);
    await victim.process.kill();
    world.model.release();
    await world.start("worker");
    await seesPart(person, "other600");
    await world.isQuiet();
    expect(person.answers()).toHaveLength(2);
    expect(wordsOf(person.answers())).toEqual(second.split(" "));
  },
);

test.concurrent(
  "a page whose post was lost, and which the second text does not need, is removed on Slack",
  patience,
  async () => {
    await using world = await worlds.withGateway({ platforms: ["slack"] });
    const victim = await world.start("worker");
    const person = world.slackPerson();
    world.model.answerWith(({ number }) => (number === 1 ? numberedText(1_200) : text));
    world.model.hold(400);
    person.says("Hello");
    await seesPart(person, "word400");
    await world.hasRecorded(1);
    world.slack.faults.next("chat.postMessage", { kind: "applied-hang" });
    world.model.hold(800);
    await person.until(() => person.answers().length === 2, 60_000);
    await victim.process.kill();
    world.model.release();
    await world.start("worker");
    await sees(person, text);
    await world.isQuiet();
    expect(person.answers()).toEqual([text]);
  },
);

test.concurrent.for(platforms)(
  "on %s, a second run shows its text as soon as it is as long as the first one's",
  patience,
  async (platform) => {
    await using world = await worlds.withGateway({
      platforms: [platform],
      timing: { regrowMs: 60_000 },
    });
    const victim = await world.start("worker");
    const person = world.person(platform);
    await streamTo(world, person, 15);
    await victim.process.kill();
    world.model.hold(8);
    await world.start("worker");
    await world.model.hasSent(8, ({ number }) => number === 2);
    // Long enough for the second run to look at its short text and to wait.
    await sleep(300);
    world.model.hold(30);
    await seesPart(person, "word30");
    world.model.release();
    await sees(person, text);
  },
);
