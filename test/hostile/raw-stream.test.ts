/**
 * What a model's server sends beside text (reliability.md §4 A13, A16), through a whole service: calls of tools that nobody
 * offered, deltas without sense or end. The text is shown, nothing is called, and nothing is asked again.
 */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { ScriptedAnswer } from "../../simulator/model/script.ts";
import { words } from "../../src/core/words.ts";
import { type Person, patienceMs } from "../world/person.ts";
import { startWorld, type World } from "../world/world.ts";
import { harmIn } from "./harm.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** What somebody on each platform is shown in the end, and how often the model was asked for it. */
async function shown(answer: ScriptedAnswer) {
  world.model.answerWith(answer);
  const askers: readonly Person[] = [world.telegramPerson(), world.slackPerson()];
  const before = world.model.received();
  for (const person of askers) person.says("Hello");
  for (const person of askers) await person.until(() => person.answers().length > 0, patienceMs);
  await world.isQuiet();
  expect(harmIn(world)).toEqual([]);
  return {
    answers: askers.map((person) => person.answers().join("\n")),
    asked: world.model.received() - before,
  };
}

const chunk = (choice: unknown) =>
  JSON.stringify({ id: "1", object: "chat.completion.chunk", choices: [choice] });
const delta = (fields: unknown) => chunk({ index: 0, delta: fields, finish_reason: null });
const call = (index: unknown, name: string, argument: string) =>
  delta({
    tool_calls: [
      { index, id: `call_${String(index)}`, type: "function", function: { name, arguments: argument } },
    ],
  });

const toolCalls: Readonly<Record<string, readonly string[]>> = {
  "an unknown tool": [call(0, "launch_missiles", '{"at":"once"}')],
  "names that objects have": ["constructor", "__proto__", "toString"].map((name, at) => call(at, name, "{}")),
  "a megabyte of arguments in pieces": Array.from({ length: 64 }, () => call(0, "x", "a".repeat(16_384))),
  "broken arguments": [call(0, "x", '{"a":[[[')],
  "five hundred calls": Array.from({ length: 500 }, (_, at) => call(at, "x", "{}")),
  "indices that are none": [call(-1, "x", "{}"), call("y", "x", "{}"), call(1e21, "x", "{}")],
  "the old form": [delta({ function_call: { name: "eval", arguments: "process.exit()" } })],
  "a call that is no list": [delta({ tool_calls: "rm -rf" }), delta({ tool_calls: { 0: null } })],
};

test.each(Object.entries(toolCalls))(
  "A13: %s is called by nobody, and the text beside it is shown",
  async (_, raw) => {
    expect(await shown({ raw, text: "Done." })).toEqual({ answers: ["Done.", "Done."], asked: 2 });
  },
);

test("A13: where nothing but a call comes, that is said, and it is not asked for again", async () => {
  const { answers, asked } = await shown({ raw: toolCalls["an unknown tool"] ?? [], text: "" });
  expect(answers).toEqual([words.empty, words.empty]);
  expect(asked).toBe(2);
});

const oddities: Readonly<Record<string, Iterable<string>>> = {
  "a hundred thousand empty deltas": repeated(100_000, delta({})),
  "chunks without choices": [
    "{}",
    '{"choices":null}',
    '{"choices":[]}',
    '{"choices":"none"}',
    '{"usage":null}',
  ],
  "choices without sense": [chunk({}), chunk({ index: -1, delta: {} }), chunk({ index: 0, delta: null })],
  "deltas without sense": [delta("text"), delta(7), delta({ content: null }), delta({ content: "" })],
  "content of another kind": [delta({ content: 7 }), delta({ content: { text: "x" } }), delta({ role: 7 })],
  "a prototype": [
    '{"__proto__":{"choices":[{"delta":{"content":"evil"}}]}}',
    delta({ ["__proto__"]: { content: "x" } }),
  ],
  "deep nesting": [`{"x":${"[".repeat(5_000)}${"]".repeat(5_000)}}`],
};

function* repeated(times: number, text: string): Generator<string> {
  for (let sent = 0; sent < times; sent += 1) yield text;
}

test.each(Object.entries(oddities))("A16: %s change nothing about the text that follows", async (_, raw) => {
  const answer = { raw: [...raw], text: "Done." };
  expect(await shown(answer)).toEqual({ answers: ["Done.", "Done."], asked: 2 });
});

test("A16: a line of 30 MB is not read to its end, and its asker is told", { timeout: 120_000 }, async () => {
  const { answers } = await shown({ fault: { kind: "longLine", bytes: 30_000_000 } });
  expect(answers.map((answer) => answer.length < 500 && !answer.includes("aaaa"))).toEqual([true, true]);
});

test("A16: a text without end is cut, marked, and its call ended", { timeout: 120_000 }, async () => {
  const { answers } = await shown({
    fault: { kind: "endless", delta: { content: "and so on ".repeat(50) } },
  });
  expect(answers.map((answer) => answer.includes("in the attached file"))).toEqual([true, true]);
  for (const file of world.files().slice(-2)) expect(file.length).toBeLessThan(1_100_000);
  expect(world.model.requests.slice(-2).map(({ abortedAtMs }) => abortedAtMs !== undefined)).toEqual([
    true,
    true,
  ]);
});
