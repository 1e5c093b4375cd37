/** Gateways that Telegram delivers to: they die, leave, change to polling and back, and wait for Redis. */

import { expect, test } from "vitest";
import { everyAnswerOnce } from "../world/every-answer-once.ts";
import { sees } from "../world/person.ts";
import { byWebhook } from "../world/ways-in.ts";
import { answerToText } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const patience = { timeout: 180_000 };

test.concurrent.for(["killed", "told to leave"] as const)(
  "of two gateways that Telegram delivers to, one is %s: the other one goes on alone",
  patience,
  async (how) => {
    await using world = await worlds.withWorker({ platforms: ["telegram"], telegramBy: "webhook" });
    const leaving = await world.start("gateway");
    await world.start("gateway");
    await world.isConnected();
    const people = Array.from({ length: 6 }, () => world.telegramPerson());
    for (const person of people) person.says("one");
    if (how === "killed") await leaving.process.kill();
    else await leaving.process.terminate();
    for (const person of people) person.says("two");
    await everyAnswerOnce(world, people, ["one", "two"]);
    expect(leaving.process.exitCode).toBe(how === "killed" ? null : 0);
  },
);

test.concurrent.for(["polling", "webhook"] as const)(
  "gateways change to %s one after the other, and nothing is lost or answered twice",
  patience,
  async (way) => {
    const [before, after] = way === "webhook" ? [{}, byWebhook] : [byWebhook, {}];
    await using world = await worlds.withWorker({ platforms: ["telegram"] });
    const [first, second] = [await world.start("gateway", before), await world.start("gateway", before)];
    const person = world.telegramPerson();
    const asked: string[] = [];
    const asks = async (question: string) => {
      asked.push(question);
      person.says(question);
      await sees(person, ...asked.map(answerToText));
    };
    await asks("in the old way");
    await world.start("gateway", after);
    await asks("before the first one leaves");
    await first.process.terminate();
    await asks("while one is left");
    await world.start("gateway", after);
    await second.process.terminate();
    await asks("in the new way");
    await everyAnswerOnce(world, [person], asked);
    expect(world.telegram.webhook.info().url).toBe(way === "webhook" ? byWebhook.TELEGRAM_WEBHOOK_URL : "");
  },
);

test.concurrent(
  "while Redis hangs Telegram's deliveries are put off, and taken as soon as it goes on",
  patience,
  async () => {
    await using world = await worlds.withWorker({ platforms: ["telegram"], telegramBy: "webhook" });
    await world.start("gateway");
    await world.isConnected();
    const people = [world.telegramPerson(), world.telegramPerson()];
    const statuses = () => world.telegram.webhook.deliveries.map(({ status }) => status);
    world.redis.freeze();
    for (const person of people) person.says("one");
    await world.telegram.until(() => statuses().filter((status) => status === 503).length >= 4);
    expect(statuses()).not.toContain(200);
    world.redis.thaw();
    await everyAnswerOnce(world, people, ["one"]);
    expect(statuses().filter((status) => status === 200)).toHaveLength(2);
  },
);
