/** A worker is killed while a stop button stands under its answer: the next one's last state has none. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { sees, seesPart } from "../world/person.ts";
import { ProcessPool } from "../world/processes.ts";
import { startWorld } from "../world/world.ts";

let pool: ProcessPool;
beforeAll(() => {
  pool = new ProcessPool(2);
});
afterAll(() => pool[Symbol.asyncDispose]());

const text = numberedText(20);

test("the whole text was visible, and only the button is left to remove", { timeout: 180_000 }, async () => {
  await using world = await startWorld({ platforms: ["telegram"], processes: pool });
  await world.startInside({ ROLE: "gateway" });
  await world.isConnected();
  world.model.answerWith(text);
  world.model.hold(20);
  const victim = await world.start("worker");
  const person = world.telegramPerson();
  person.says("Hello");
  await seesPart(person, "word20");
  await world.hasRecorded(1);
  expect(person.messages().at(-1)?.buttons).toHaveLength(1);
  await victim.process.kill();
  world.model.release();
  await world.start("worker");
  await sees(person, text);
  await world.isQuiet();
  expect(person.messages().map(({ buttons }) => buttons)).toEqual([undefined]);
});
