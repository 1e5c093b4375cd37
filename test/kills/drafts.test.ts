/** A worker is killed while its answer stands in a draft: another one goes on in the same draft and posts once. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { killAt } from "../world/kill-at.ts";
import { sees } from "../world/person.ts";
import { isCallOf } from "../world/scripts.ts";
import type { World } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const text = numberedText(30);

async function startGateway(): Promise<World> {
  const variables = { TELEGRAM_STREAMING: "draft" };
  return await worlds.withGateway({ platforms: ["telegram"], variables });
}

/** A worker whose answer has come to its twentieth word, in a draft, and goes no further. */
async function startInDraft(world: World) {
  world.model.answerWith(text);
  world.model.hold(20);
  const victim = await world.start("worker");
  const person = world.telegramPerson();
  const question = person.says("Hello");
  await person.until(() => world.telegram.drafts.in(person.chat)?.text.includes("word20") ?? false);
  return { victim, person, question };
}

test.concurrent("a worker killed in mid-draft: one draft, one message, nothing left behind", {
  timeout: 180_000,
}, async () => {
  await using world = await startGateway();
  const { victim, person, question } = await startInDraft(world);
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
  const { victim, person } = await startInDraft(world);
  const durable = { name: "generate-answer", at: isCallOf("generate-answer"), when: "after" } as const;
  await killAt(world, victim, durable, () => world.model.release());
  await sees(person, text);
  await world.isQuiet();
  expect(world.model.received()).toBe(1);
});

test.concurrent("the final's one window stays what it is: a copy that says so", {
  timeout: 180_000,
}, async () => {
  await using world = await startGateway();
  const { victim, person } = await startInDraft(world);
  const posted = { name: "record-page", at: isCallOf("record-page"), when: "before" } as const;
  await killAt(world, victim, posted, () => world.model.release());
  await sees(person, text, `${words.sentAgain}\n${text}`);
  await world.isQuiet();
});

test.concurrent("stopped while its worker is dead: the mark is posted in the faded draft's place", {
  timeout: 180_000,
}, async () => {
  await using world = await startGateway();
  const { victim, person } = await startInDraft(world);
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
