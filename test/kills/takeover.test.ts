/** Workers that die, freeze, leave or lose the network in the midst of answers: another one goes on, each question has one answer. */

import { test } from "vitest";
import {
  cutOffAndHeal,
  freezeAndThaw,
  halfOpen,
  handBack,
  killMidStream,
  redisAway,
} from "../world/scenarios.ts";
import type { World } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const patience = { timeout: 180_000 };

/** Nobody is to be overtaken, however busy the machine is. */
const sureOfLife = { aliveForMs: 10_000, reconnectGraceMs: 2_500 };

/** Two on each platform. */
function people(world: World) {
  return [world.telegramPerson(), world.telegramPerson(), world.slackPerson(), world.slackPerson()];
}

test.concurrent("answers go on in the same messages when their worker is killed", patience, async () => {
  await using world = await worlds.withGateway();
  const afterMs = await killMidStream(world, await world.start("worker"), people(world));
  process.stdout.write(`with shrunk timing an answer went on ${afterMs} ms after kill -9\n`);
});

test.concurrent("a worker told to leave hands its answers to another one", patience, async () => {
  await using world = await worlds.withGateway();
  const afterMs = await handBack(world, await world.start("worker"), people(world), 300);
  process.stdout.write(`with shrunk timing all answers went on ${afterMs} ms after a hand-back\n`);
});

test.concurrent("a frozen worker that thaws has nothing to say any more", patience, async () => {
  await using world = await worlds.withGateway();
  await freezeAndThaw(world, await world.start("worker"), people(world), 2_000);
});

test.concurrent("a worker that was cut off from Redis has nothing to say any more", patience, async () => {
  await using world = await worlds.withGateway();
  await cutOffAndHeal(world, await world.start("worker"), people(world));
});

test.concurrent("a worker whose connections to Redis stay half open ends itself", patience, async () => {
  // On a busy machine, the other worker is not to give Redis up as well.
  await using world = await worlds.withGateway({ timing: { redisGoneMs: 8_000 } });
  await halfOpen(world, await world.start("worker"), people(world));
});

test.concurrent(
  "Redis dies and comes back: answers go on, the model is not asked twice",
  patience,
  async () => {
    await using world = await worlds.withGateway({ timing: sureOfLife });
    await world.start("worker");
    await world.start("worker");
    await redisAway(world, people(world), [world.telegramPerson(), world.slackPerson()], 0);
  },
);

test.concurrent(
  "Redis is away for a while: answers go on, what is asked meanwhile is answered",
  patience,
  async () => {
    await using world = await worlds.withGateway({ timing: sureOfLife });
    await world.start("worker");
    await world.start("worker");
    await redisAway(world, people(world), [world.telegramPerson(), world.slackPerson()], 4_000);
  },
);
