/** True timing: freezes, lost networks, Redis away, calls that land late, limits that bite. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { timing } from "../../src/core/timing.ts";
import { print } from "../world/figures.ts";
import { type Person, sees, seesPart } from "../world/person.ts";
import {
  allSee,
  cutOffAndHeal,
  firstText,
  freezeAndThaw,
  halfOpen,
  killAtRandom,
  redisAway,
  secondText,
  streamTo,
} from "../world/scenarios.ts";
import { type Role, startWorld, type World, type WorldOptions } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const startGateway = (options: WorldOptions = {}) => worlds.withGateway({ timing, ...options });

function people(world: World): readonly Person[] {
  return [world.telegramPerson(), world.telegramPerson(), world.slackPerson(), world.slackPerson()];
}

test.concurrent("a worker is frozen for 15 s and thaws", async () => {
  await using world = await startGateway();
  await freezeAndThaw(world, await world.start("worker"), people(world), 15_000);
});

test.concurrent("a worker is cut off from Redis and comes back", async () => {
  await using world = await startGateway();
  await cutOffAndHeal(world, await world.start("worker"), people(world));
});

test.concurrent("a worker's connections to Redis stay half open", async () => {
  await using world = await startGateway();
  const cut = await world.start("worker");
  const startedAt = Date.now();
  await halfOpen(world, cut, people(world));
  print(
    `a worker with half-open connections has ended ${Date.now() - startedAt} ms after the beginning of the scenario`,
  );
});

test.concurrent("Redis is away for 4 s: the model is not asked twice", async () => {
  await using world = await startGateway();
  await world.start("worker");
  await world.start("worker");
  await redisAway(world, people(world), [world.telegramPerson(), world.slackPerson()], 4_000);
});

test.concurrent("Redis is away for 15 s: those who hold an answer go on with it", async () => {
  await using world = await startGateway();
  await world.start("worker");
  await world.start("worker");
  await redisAway(world, people(world), [world.telegramPerson(), world.slackPerson()], 15_000);
});

/** Keeps a process of this role running, as a supervisor does. */
async function supervise(world: World, role: Role, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { process } = await world.start(role);
    await process.hasEnded();
  }
}

test.concurrent("Redis is away for 30 s: processes end, are started again, and everything is answered", async () => {
  const ending = new AbortController();
  await using world = await worlds.withNothing({ timing });
  const supervised = (["gateway", "worker", "worker"] as const).map((role) =>
    supervise(world, role, ending.signal),
  );
  await world.isConnected();
  const [early, late] = [people(world), people(world)];
  await streamTo(world, early);
  await world.redis.kill();
  for (const person of late) person.says("Hello");
  world.model.release();
  await new Promise((resolve) => setTimeout(resolve, 30_000));
  await world.redis.start();
  const backAt = Date.now();
  await Promise.all([...early, ...late].map((person) => seesPart(person, "other35", 120_000)));
  print(
    `Redis away for 30 s: all ${early.length + late.length} answers stood ${Date.now() - backAt} ms after its return`,
  );
  await allSee(world, [...early, ...late], secondText);
  print(
    `Redis away for 30 s: ${world.members.filter(({ process }) => process.exitCode === 3).length} processes made way`,
  );
  ending.abort();
  await Promise.all(world.members.map(({ process }) => process.kill()));
  await Promise.all(supervised);
});

test.concurrent.for(["telegram", "slack"] as const)("an edit reaches %s 15 s late", async (platform) => {
  await using world = await startGateway({ platforms: [platform] });
  await world.start("worker");
  const person = world.person(platform);
  await streamTo(world, [person]);
  if (platform === "telegram")
    world.telegram.inject({ kind: "hold", until: 15_000 }, { method: "editMessageText" });
  else world.slack.faults.next("chat.update", { kind: "late", ms: 15_000 });
  world.model.hold(20);
  const edits = () => [...world.telegram.callsOf("editMessageText"), ...world.slack.callsOf("chat.update")];
  await person.until(() => edits().length > 0, 20_000);
  const heldAt = Date.now();
  world.model.release();
  await sees(person, firstText);
  const texts = () => person.looks()[0]?.map(({ text }) => text) ?? [];
  await person.until(
    () =>
      texts()
        .slice(texts().indexOf(firstText))
        .some((text) => text !== firstText),
    30_000,
  );
  const olderAt = Date.now();
  await sees(person, firstText);
  print(
    `on ${platform} an edit landed ${olderAt - heldAt} ms late and was put right ${Date.now() - olderAt} ms later`,
  );
  await world.isQuiet(60_000);
  expect(person.answers()).toEqual([firstText]);
});

test("twenty kills at random instants", async () => {
  await using world = await startGateway();
  await killAtRandom(world, { seed: 3, kills: 20, gapMs: 6_000, people: 4, questions: 8 });
});

test("fifty answers at once inside Slack's real limits", async () => {
  const world = await startWorld({
    platforms: ["slack"],
    timing,
    slack: { rates: "real" },
    variables: { SLACK_RATE_UPDATE: "45/min", SLACK_RATE_POST: "1/s" },
  });
  await using _ = world;
  const asking = Array.from({ length: 50 }, () => world.slackPerson());
  world.model.answerWith(numberedText(60), { firstTokenMs: 300, tokenMs: 50 });
  const askedAt = Date.now();
  for (const person of asking) person.says("Hello");
  await Promise.all(asking.map((person) => seesPart(person, "word60", 300_000)));
  print(`fifty answers on Slack at 45 edits a minute are all whole after ${Date.now() - askedAt} ms`);
  const refused = world.slack.calls.filter(({ status }) => status === 429);
  print(`fifty answers on Slack: ${refused.length} calls were refused for their rate`);
  await world.isQuiet(60_000);
  expect(asking.map((person) => person.answers())).toEqual(asking.map(() => [numberedText(60)]));
});
