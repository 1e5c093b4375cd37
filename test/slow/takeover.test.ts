/** True timing: how long it takes until an answer goes on. Printed, not asserted. */

import { expect, test } from "vitest";
import { timing } from "../../src/core/timing.ts";
import { print, printTimes } from "../world/figures.ts";
import { sees, seesPart } from "../world/person.ts";
import { allSee, handBack, secondText, streamTo } from "../world/scenarios.ts";
import { answerToText, type WorldOptions } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const startGateway = (options: WorldOptions = {}) => worlds.withGateway({ timing, ...options });

test("twelve workers are killed with -9 in the midst of an answer", async () => {
  await using world = await startGateway();
  let victim = await world.start("worker");
  const calledAfterMs: number[] = [];
  const seenAfterMs: number[] = [];
  const people = Array.from({ length: 12 }, (_, index) =>
    world.person(index % 2 === 0 ? "telegram" : "slack"),
  );
  for (const person of people) {
    await streamTo(world, [person]);
    const spare = await world.start("worker");
    const callsBefore = world.model.received();
    const killedAt = Date.now();
    await victim.process.kill();
    world.model.hold(20);
    const { atMs } = await world.model.hasReceived(callsBefore + 1);
    await seesPart(person, "other20");
    seenAfterMs.push(Date.now() - killedAt);
    calledAfterMs.push(atMs - killedAt);
    world.model.release();
    await sees(person, secondText);
    await world.turnsAreOver();
    victim = spare;
  }
  await allSee(world, people, secondText);
  printTimes("kill -9 to the model's next call", calledAfterMs);
  printTimes("kill -9 to the answer's next visible words", seenAfterMs);
});

test("workers are told to leave in the midst of ten answers", async () => {
  const graceMs = 2_000;
  await using world = await startGateway({ variables: { SHUTDOWN_GRACE_MS: String(graceMs) } });
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const leaving = await world.start("worker");
    const people = Array.from({ length: 10 }, (_, index) =>
      world.person(index % 2 === 0 ? "telegram" : "slack"),
    );
    times.push(await handBack(world, leaving, people, graceMs));
    await Promise.all(world.members.map(({ process }) => process.kill()));
  }
  printTimes("end of the grace to the last of ten answers going on elsewhere", times);
});

test("a message wakes an idle worker", async () => {
  await using world = await startGateway();
  await world.start("worker");
  for (const platform of ["telegram", "slack"] as const) {
    const times: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const person = world.person(platform);
      const number = world.model.received() + 1;
      const saidAt = Date.now();
      person.says("Hello");
      const { atMs } = await world.model.hasReceived(number);
      times.push(atMs - saidAt);
      await sees(person, answerToText("Hello"));
    }
    printTimes(`a message on ${platform} to the model's call, idle worker`, times);
  }
});

test("the poller of two gateways is killed", async () => {
  await using world = await worlds.withWorker({ platforms: ["telegram"], timing });
  let polling = await world.start("gateway");
  await world.isConnected();
  const times: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    const standby = await world.start("gateway");
    const person = world.telegramPerson();
    const saidAt = Date.now();
    if (round < 3) await polling.process.kill();
    else await polling.process.terminate();
    person.says("Hello");
    await sees(person, answerToText("Hello"));
    times.push(Date.now() - saidAt);
    polling = standby;
  }
  expect(world.telegram.callsOf("getUpdates").filter(({ status }) => status === 409)).toEqual([]);
  printTimes("poller killed to the next message answered by way of the other gateway", times.slice(0, 3));
  print(`poller told to leave to the next message answered: ${times[3]} ms`);
});
