/** A platform's refusal is everybody's: what one worker is told, all obey. */

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { killAt } from "../world/kill-at.ts";
import { known } from "../world/known.ts";
import { sees, seesPart } from "../world/person.ts";
import { isCallOf } from "../world/scripts.ts";
import { answerToText } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

test("a refusal that one worker met keeps the other one from calling until the time is over", async () => {
  await using world = await worlds.withGateway({
    platforms: ["slack"],
    variables: { CONCURRENCY: "1" },
  });
  await Promise.all([world.start("worker"), world.start("worker")]);
  const [ada, bob] = [world.slackPerson(), world.slackPerson()];
  world.model.answerWith(numberedText(60));
  world.model.hold(20);
  // One turn at a time each: so each worker has one of the two.
  for (const person of [ada, bob]) person.says("Hello");
  await Promise.all([ada, bob].map((person) => seesPart(person, "word20")));
  world.slack.faults.next("chat.update", { kind: "limited", retryAfterS: 2 }, { channel: ada.channel.id });
  world.model.hold(40);
  const edits = () => world.slack.callsOf("chat.update");
  await world.slack.until(() => edits().some(({ status }) => status === 429));
  const refusedAt = known(edits().find(({ status }) => status === 429)).atMs;
  await sleep(400);
  world.model.release();
  await Promise.all([ada, bob].map((person) => sees(person, numberedText(60))));
  // Bob's final has no pace: only the refusal can hold it back. An edit on its way already may still come.
  const during = edits().filter(({ atMs }) => atMs > refusedAt + 200 && atMs < refusedAt + 2_000);
  expect(during).toEqual([]);
});

test.concurrent("the line that says how long it takes becomes the answer although its worker dies meanwhile", async () => {
  await using world = await worlds.withGateway({
    platforms: ["telegram"],
    variables: { OPENAI_RPM: "10" },
    timing: { tellWaitMs: 500 },
  });
  const first = await world.start("worker");
  const [ada, bob] = [world.telegramPerson(), world.telegramPerson()];
  ada.says("first");
  await sees(ada, answerToText("first"));
  bob.says("second");
  await seesPart(bob, "I am busy right now");
  await world.hasRecorded(1);
  await first.process.kill();
  await world.start("worker");
  await sees(bob, answerToText("second"));
  await world.isQuiet();
  expect(bob.answers()).toEqual([answerToText("second")]);
  expect(world.model.received()).toBe(2);
});

test.concurrent.for(["before", "after"] as const)(
  "who waits is answered once, in their turn, although their worker dies %s it has given the turn back",
  { timeout: 180_000 },
  async (when) => {
    await using world = await worlds.withGateway({
      platforms: ["telegram"],
      variables: { OPENAI_RPM: "5" },
      timing: { tellWaitMs: 500, renewWaitMs: 1_000 },
    });
    const victim = await world.start("worker");
    const [ada, bob] = [world.telegramPerson(), world.telegramPerson()];
    ada.says("first");
    await sees(ada, answerToText("first"));
    const step = { name: "release-turn", at: isCallOf("release-turn"), when };
    await killAt(world, victim, step, () => bob.says("second"));
    await sees(bob, answerToText("second"));
    await world.isQuiet();
    expect(world.model.received()).toBe(2);
  },
);
