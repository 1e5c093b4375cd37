/** A worker is killed while its answer stands in a draft: another one goes on in the same draft and posts once. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { sees } from "../world/person.ts";
import { ProcessPool } from "../world/processes.ts";
import { isCallOf } from "../world/scripts.ts";
import type { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type World } from "../world/world.ts";

let pool: ProcessPool;
beforeAll(() => {
  pool = new ProcessPool(2);
});
afterAll(() => pool[Symbol.asyncDispose]());

const text = numberedText(30);

async function startGateway(): Promise<World> {
  const variables = { TELEGRAM_STREAMING: "draft" };
  const world = await startWorld({ platforms: ["telegram"], processes: pool, variables });
  await world.startInside({ ROLE: "gateway" });
  await world.isConnected();
  return world;
}

async function seesDraft(world: World, person: TelegramPerson, part: string): Promise<void> {
  await person.until(() => world.telegram.drafts.in(person.chat)?.text.includes(part) ?? false);
}

test.concurrent("a worker killed in mid-draft: one draft, one message, nothing left behind", {
  timeout: 180_000,
}, async () => {
  await using world = await startGateway();
  world.model.answerWith(text);
  world.model.hold(20);
  const victim = await world.start("worker");
  const person = world.telegramPerson();
  const question = person.says("Hello");
  await seesDraft(world, person, "word20");
  await victim.process.kill();
  world.model.release();
  await world.start("worker");
  await sees(person, text);
  await world.isQuiet();
  expect(world.telegram.drafts.in(person.chat)).toBeUndefined();
  expect(world.telegram.callsOf("sendMessage")).toHaveLength(1);
  const ids = world.telegram.callsOf("sendMessageDraft").map(({ payload }) => payload.draft_id);
  expect(new Set(ids)).toEqual(new Set([question.id]));
  expect(world.model.received()).toBe(2);
});

test.concurrent("a worker killed when the text is durable: the next one posts it without the model", {
  timeout: 180_000,
}, async () => {
  await using world = await startGateway();
  world.model.answerWith(text);
  world.model.hold(20);
  const victim = await world.start("worker");
  const person = world.telegramPerson();
  person.says("Hello");
  await seesDraft(world, person, "word20");
  const durable = victim.proxy.darkAt(isCallOf("generate-answer"), "after");
  world.model.release();
  await world.within(60_000, "durable", durable);
  await victim.process.kill();
  victim.proxy.reset();
  await world.start("worker");
  await sees(person, text);
  await world.isQuiet();
  expect(world.model.received()).toBe(1);
});

test.concurrent("the final's one window stays what it is: a copy that says so", {
  timeout: 180_000,
}, async () => {
  await using world = await startGateway();
  world.model.answerWith(text);
  world.model.hold(20);
  const victim = await world.start("worker");
  const person = world.telegramPerson();
  person.says("Hello");
  await seesDraft(world, person, "word20");
  const posted = victim.proxy.darkAt(isCallOf("record-page"), "before");
  world.model.release();
  await world.within(60_000, "posted", posted);
  await victim.process.kill();
  victim.proxy.reset();
  await world.start("worker");
  await sees(person, text, `${words.sentAgain}\n${text}`);
  await world.isQuiet();
});

test.concurrent("stopped while its worker is dead: the mark is posted in the faded draft's place", {
  timeout: 180_000,
}, async () => {
  await using world = await startGateway();
  world.model.answerWith(text);
  world.model.hold(20);
  const victim = await world.start("worker");
  const person = world.telegramPerson();
  person.says("Hello");
  await seesDraft(world, person, "word20");
  await victim.process.kill();
  world.telegram.drafts.pressesStop(person.chat);
  await world.telegram.until(() => world.telegram.pendingUpdates.length === 0);
  await world.start("worker");
  // The next run may have begun before the request to stop is carried out: then its words stand before the mark.
  await person.until(() => person.answers().some((answer) => answer.endsWith("[stopped]")), 60_000);
  await world.isQuiet();
  expect(person.answers()).toHaveLength(1);
  expect(world.model.received()).toBeLessThanOrEqual(2);
});
