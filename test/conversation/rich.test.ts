/** Answers as rich messages: how they grow, and what happens where Telegram does not take them. */

import { expect, test } from "vitest";
import { sees, seesPart } from "../world/person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type World, type WorldOptions } from "../world/world.ts";

const answer = [
  "# Fruit",
  "",
  "| Name | Amount |",
  "|------|-------:|",
  "| Pear | 7 |",
  "",
  "That is *all*.",
].join("\n");

/** What a person reads of it as a rich message, and as a classic one. */
const asRich = "Fruit\n\nName | Amount\nPear | 7\n\nThat is all.";
const asClassic = "Fruit\n\nName | Amount\n-----+-------\nPear |      7\n\nThat is all.";

/** A world whose Telegram is given rich messages. */
async function startRichWorld(options: WorldOptions = {}): Promise<World> {
  const variables = { TELEGRAM_RICH: "on", ...options.variables };
  const world = await startWorld({ platforms: ["telegram"], ...options, variables });
  world.model.answerWith(answer);
  return world;
}

function refusals(world: World, part: string): number {
  return world.log.filter((line) => line.includes("platform call failed") && line.includes(part)).length;
}

test.concurrent("a table and a heading are drawn by Telegram, in one message that grows", async () => {
  await using world = await startRichWorld();
  world.model.hold(8);
  const person = world.telegramPerson();
  person.says("Hello");
  await person.until(() => person.answers().length === 1);
  expect(person.messages()[0]?.rich?.[0]).toMatchObject({ type: "heading" });
  world.model.release();
  await sees(person, asRich);
  await world.isQuiet();
  expect(person.messages()[0]?.rich).toMatchObject([
    { type: "heading", size: 1 },
    { type: "table" },
    { type: "paragraph" },
  ]);
  expect(world.telegram.callsOf("sendRichMessage")).toHaveLength(1);
  expect(world.telegram.callsOf("sendMessage")).toEqual([]);
  const forms = world.telegram.callsOf("editMessageText").map(({ payload }) => payload.rich_message);
  expect(forms.length).toBeGreaterThan(0);
  for (const form of forms) expect(form).toMatchObject({ skip_entity_detection: true });
  expect(world.telegram.problems).toEqual([]);
});

test.concurrent("in a group the answer replies to its question", async () => {
  await using world = await startRichWorld();
  const user = world.telegram.createUser({ firstName: "Ada" });
  const group = world.telegram.createGroup({ title: "Tea", members: [user] });
  const person = new TelegramPerson(world.telegram, user, group);
  const question = person.says("Hello");
  await sees(person, asRich);
  expect(person.messages()[0]).toMatchObject({ replyTo: question.id });
});

test.concurrent("an answer that Telegram does not take goes out in the classic form, and the next one as a rich message", async () => {
  await using world = await startRichWorld();
  const refuse = { kind: "refuse", code: 400, description: "Bad Request: RICH_MESSAGE_URL_INVALID" } as const;
  const refused = world.telegram.inject(refuse, { method: "sendRichMessage" });
  const person = world.telegramPerson();
  person.says("Hello");
  await sees(person, asClassic);
  await world.isQuiet();
  expect(refused.hits).toBe(1);
  const [first] = person.messages();
  expect(first?.entities.map(({ type }) => type)).toEqual(["bold", "pre", "italic"]);
  expect(refusals(world, "RICH_MESSAGE_URL_INVALID. This answer goes out in the classic form")).toBe(1);
  person.says("Again");
  await sees(person, asClassic, asRich);
});

test.concurrent("an answer that is refused while it grows goes on in the classic form", async () => {
  await using world = await startRichWorld();
  world.model.hold(4);
  const person = world.telegramPerson();
  person.says("Hello");
  await person.until(() => person.answers().length === 1);
  const description = "Bad Request: RICH_MESSAGE_BLOCKS_TOO_MUCH";
  world.telegram.inject({ kind: "refuse", code: 400, description }, { method: "editMessageText" });
  world.model.release();
  await sees(person, asClassic);
  await world.isQuiet();
  expect(person.messages()).toHaveLength(1);
});

test.concurrent("a server that knows no rich messages is asked once", async () => {
  await using world = await startRichWorld({ telegram: { knowsRich: false } });
  const people = [world.telegramPerson(), world.telegramPerson()] as const;
  for (const person of people) {
    person.says("Hello");
    await sees(person, asClassic);
    person.says("Again");
    await sees(person, asClassic, asClassic);
  }
  expect(world.telegram.callsOf("sendRichMessage")).toHaveLength(1);
  expect(refusals(world, "knows no rich messages: answers go out in the classic form from now on")).toBe(1);
});

test.concurrent("a long answer keeps its order over several rich messages", async () => {
  await using world = await startRichWorld();
  const rows = Array.from({ length: 700 }, (_, index) => `| row ${index} | ${index} |`);
  world.model.answerWith(["| Row | Number |", "|---|---|", ...rows].join("\n"));
  const person = world.telegramPerson();
  person.says("Hello");
  await seesPart(person, "row 699");
  await world.isQuiet();
  const numbers = person
    .answers()
    .flatMap((text) => [...text.matchAll(/^row (\d+)/gm)].map(([, row]) => row));
  expect(numbers).toEqual(rows.map((_, index) => String(index)));
  for (const { rich } of person.messages()) expect(rich).toMatchObject([{ type: "table" }]);
  expect(world.telegram.calls.filter(({ status }) => status === 400)).toEqual([]);
});

test.concurrent("a late edit of a rich message does not have the last word", async () => {
  await using world = await startRichWorld({ timing: { callMs: 500, settleMs: 1_000 } });
  world.model.hold(4);
  const person = world.telegramPerson();
  person.says("Hello");
  await person.until(() => person.answers().length === 1);
  const landing = Promise.withResolvers<void>();
  const late = world.telegram.inject({ kind: "hold", until: landing.promise }, { method: "editMessageText" });
  world.model.hold(12);
  await late.happened;
  world.model.release();
  await sees(person, asRich);
  landing.resolve();
  await person.until(() => person.answers()[0] !== asRich);
  await sees(person, asRich);
  await world.isQuiet();
  expect(person.messages()[0]?.rich).toMatchObject([{ type: "heading" }, { type: "table" }, {}]);
});

test.concurrent("drafts are rich as well, and fall back likewise", async () => {
  await using world = await startRichWorld({
    variables: { TELEGRAM_RICH: "on", TELEGRAM_STREAMING: "draft" },
  });
  world.model.hold(8);
  const person = world.telegramPerson();
  person.says("Hello");
  await person.until(() => world.telegram.drafts.in(person.chat)?.rich !== undefined);
  const description = "Bad Request: RICH_MESSAGE_URL_INVALID";
  world.telegram.inject({ kind: "refuse", code: 400, description }, { method: "sendRichMessageDraft" });
  world.model.hold(16);
  await person.until(() => world.telegram.callsOf("sendMessageDraft").length > 0);
  world.model.release();
  await sees(person, asClassic);
  await world.isQuiet();
  expect(world.telegram.callsOf("sendRichMessage")).toEqual([]);
  person.says("Again");
  await sees(person, asClassic, asRich);
});
