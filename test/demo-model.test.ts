import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demoAnswer } from "../playground/demo-answer.ts";
import { type DemoModel, startDemoModel } from "../playground/demo-model.ts";
import { createChatApi, type OpenAiChatApi } from "../src/adapters/openai/index.ts";
import type { ChatEvent } from "../src/core/chat-api.ts";
import { timing } from "../src/core/timing.ts";

const user = (content: string) => ({ role: "user", content }) as const;
const assistant = (content: string) => ({ role: "assistant", content }) as const;
const bread = "How do I bake sourdough bread?";

describe("the demo model over its socket", () => {
  let demo: DemoModel;
  let api: OpenAiChatApi;
  beforeAll(async () => {
    demo = await startDemoModel({ tokensPerSecond: 100_000, firstTokenMs: 0 });
    api = createChatApi({ apiKey: "", baseUrl: demo.url, firstTokenMs: 10_000, timing });
  });
  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await demo.close();
  });

  test("streams to the service's own client in many pieces and ends whole", async () => {
    const events: ChatEvent[] = [];
    const request = { model: demo.model, messages: [user(bread)] };
    for await (const event of api.stream(request, new AbortController().signal)) events.push(event);
    const text = events.map((event) => (event.kind === "text" ? event.text : "")).join("");
    expect(text).toBe(demoAnswer([user(bread)]));
    expect(events.length).toBeGreaterThan(3);
    expect(events.at(-1)).toMatchObject({ kind: "end", finish: "stop" });
  });

  test("is listed under the name it is asked by", async () => {
    expect(await api.models(new AbortController().signal)).toEqual([{ id: demo.model }]);
  });
});

describe("what the demo model says", () => {
  test("takes up the words of the question in paragraphs, a list, a table and a code block", () => {
    const answer = demoAnswer([user(bread)]);
    expect(answer).toContain(`“${bread}”`);
    expect(answer.toLowerCase()).toContain("sourdough");
    expect(answer).toMatch(/^- \*\*Bake\*\*/mu);
    expect(answer).toMatch(/^\| bake \| 4 \|/mu);
    expect(answer.match(/^```/gmu)).toHaveLength(2);
  });

  test("differs from question to question, and is the same for the same one", () => {
    expect(demoAnswer([user("Why is the sky blue?")])).not.toBe(demoAnswer([user(bread)]));
    expect(demoAnswer([user(bread)])).toBe(demoAnswer([user(bread)]));
  });

  test("remembers what was asked before", () => {
    const answer = demoAnswer([user(bread), assistant("…"), user("And what about cheese?")]);
    expect(answer).toContain("sourdough bread");
    expect(
      demoAnswer([user(bread), assistant("…"), user("Hi"), assistant("…"), user("What did I ask?")]),
    ).toContain(`1. “${bread}”`);
  });

  test("names who asked what in a group", () => {
    const answer = demoAnswer([
      user(`Ann: ${bread}\n\nBob: Nice day`),
      assistant("…"),
      user("Bob: do you remember?"),
    ]);
    expect(answer).toContain(`1. Ann: “${bread}”`);
    expect(demoAnswer([user("Ann: Hi")])).toMatch(/^Hello Ann!/u);
  });

  test.each(["Hi", "Hello there", "thanks!", "ok"])("is short when %j is all one says", (text) => {
    expect(demoAnswer([user(bread), assistant("…"), user(text)]).length).toBeLessThan(120);
  });

  test("says once what it is and how to connect a real one", () => {
    expect(demoAnswer([user(bread)])).toContain("npm start -- --model");
    expect(demoAnswer([user(bread), assistant("…"), user("And cheese?")])).not.toContain("npm start");
  });

  test("fills more than one platform message when a long answer is asked for", () => {
    expect(demoAnswer([user("Tell me a long story about dragons")]).length).toBeGreaterThan(5_000);
  });

  test("cannot be broken by marks in the question", () => {
    const answer = demoAnswer([user("```\n| a | b |\n**bold** `code` <b>")]);
    expect(answer.match(/^```/gmu)).toHaveLength(2);
    expect(answer).toContain("“a b bold code b”");
  });
});
