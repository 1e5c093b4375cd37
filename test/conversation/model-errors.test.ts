import { expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { numberedText } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { sees, seesPart } from "../world/person.ts";
import { answerToText, startWorld } from "../world/world.ts";

const telegramOnly = { platforms: ["telegram"] } as const;

test.concurrent.for([
  ["a refused key", faults.keyRefused(), words.chatApi["key-refused"]],
  ["a used-up quota", faults.quotaUsedUp(), words.chatApi["quota-used-up"]],
  ["an unknown model", faults.modelNotFound(), words.chatApi["model-not-found"]],
  ["lasting overload", faults.overloaded(), words.chatApi.overloaded],
] as const)("%s becomes a human sentence", async ([, fault, sentence]) => {
  await using world = await startWorld(telegramOnly);
  world.model.answerWith({ fault });
  const person = world.telegramPerson();
  person.says("Hello");
  await sees(person, sentence);
});

test.concurrent.for([
  ["reaches its length limit", { finish: "length" }, "length limit"],
  ["is cut by the content filter", { finish: "content_filter" }, "content filter"],
  ["breaks off", { fault: faults.reset({ tokens: 20 }) }, "interrupted"],
  ["ends without saying that it is whole", { fault: faults.cleanEnd({ tokens: 20 }) }, "interrupted"],
] as const)("an answer that %s says so at its end", async ([, script, mark]) => {
  await using world = await startWorld(telegramOnly);
  world.model.answerWith({ text: numberedText(40), ...script });
  const person = world.telegramPerson();
  person.says("Hello");
  await seesPart(person, mark);
  await world.isQuiet();
  expect(person.answers()).toHaveLength(1);
  expect(person.answers()[0]).toMatch(/^word1 word2 .*\[.*\]$/s);
  expect(world.model.received()).toBe(1);
});

test.concurrent("a passing error before the first token is noticed by the operator alone", async () => {
  await using world = await startWorld(telegramOnly);
  world.model.answerWith(({ number }) => (number === 1 ? { fault: faults.serverError() } : "Fine."));
  const person = world.telegramPerson();
  person.says("Hello");
  await sees(person, "Fine.");
  const [said, ...more] = world.logged("calls are made again");
  expect(JSON.parse(said ?? "{}")).toMatchObject({ level: 40, problem: "overloaded", times: 1 });
  expect(said).toContain(world.model.url.split("/")[2]);
  expect(more).toEqual([]);
});

test.concurrent("a context that is too long is shortened once", async () => {
  await using world = await startWorld(telegramOnly);
  const person = world.telegramPerson();
  person.says("A long story");
  await sees(person, answerToText("A long story"));
  world.model.answerWith(({ number }) =>
    number === 2 ? { fault: faults.contextTooLong.openai() } : "Fine.",
  );
  person.says("And?");
  await seesPart(person, "Fine.");
  expect(world.model.received()).toBe(3);
});
