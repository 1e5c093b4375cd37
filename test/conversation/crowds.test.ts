/** Many people at once, on platforms that refuse whoever is too fast. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { type Person, sees, seesPart } from "../world/person.ts";
import { startWorld, type World } from "../world/world.ts";

test("fifty answers at once inside Telegram's limits all end whole", async () => {
  await using world = await startWorld({
    platforms: ["telegram"],
    telegram: {
      flood: {
        privateChat: { intervalMs: 1_000, burst: 5 },
        group: { intervalMs: 3_000, burst: 20 },
        global: { intervalMs: 1_000 / 30, burst: 30 },
      },
    },
    variables: { TELEGRAM_RATE_GLOBAL: "30/s", TELEGRAM_RATE_CHAT: "off" },
  });
  await allAnswered(
    world,
    Array.from({ length: 50 }, () => world.telegramPerson()),
  );
});

test("fifty answers at once inside Slack's limits all end whole", async () => {
  await using world = await startWorld({
    platforms: ["slack"],
    slack: { rates: { "chat.update": { perMinute: 900, burst: 20 } } },
    variables: { SLACK_RATE_UPDATE: "700/min" },
  });
  await allAnswered(
    world,
    Array.from({ length: 50 }, () => world.slackPerson()),
  );
});

async function allAnswered(world: World, people: readonly Person[]): Promise<void> {
  world.model.answerWith(numberedText(40));
  world.model.hold(20);
  for (const person of people) person.says("Hello");
  await Promise.all(people.map((person) => seesPart(person, "word20")));
  world.model.release();
  await Promise.all(people.map((person) => sees(person, numberedText(40))));
  expect(world.model.received()).toBe(people.length);
}
