import { describe, expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { numberedText, type ScriptedAnswer } from "../../simulator/model/script.ts";
import type { ChatEvent } from "../../src/core/chat-api.ts";
import { question, shrunk, startWorld } from "./world.ts";

const text = "One two three four five — with ümläuts, 漢字 and 👨‍👩‍👧‍👦.";

describe("an answer", () => {
  test("arrives whole, with the API's own count", async () => {
    await using world = await startWorld({ answer: text });
    const answer = await world.ask();
    expect(answer).toMatchObject({ text, finish: "stop" });
    expect(answer.usage?.completionTokens).toBeGreaterThan(5);
  });

  test("arrives piece by piece while the model is still at it", async () => {
    await using world = await startWorld({ answer: text });
    world.model.hold(2);
    const stream = world.api.stream(question, new AbortController().signal);
    let seen = "";
    for await (const event of stream) {
      if (event.kind === "text") seen += event.text;
      if (seen === "One two ") world.model.release();
    }
    expect(seen).toBe(text);
  });

  test("is asked for with system, user and assistant as given, a stream, its usage, and nothing else", async () => {
    await using world = await startWorld();
    await world.ask();
    expect(world.model.requests[0]!.body).toEqual({
      model: "test-model",
      messages: question.messages,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test.each<[string, ScriptedAnswer, { finish: string; text?: string }]>([
    ["cut at the length limit", { finish: "length" }, { finish: "length" }],
    ["cut by the content filter", { finish: "content_filter" }, { finish: "content_filter" }],
    ["that is a refusal", { refusal: true }, { finish: "stop" }],
    ["after reasoning, which is not shown", { reasoning: "Let me think" }, { finish: "stop" }],
    [
      "after reasoning by its older name",
      { reasoning: "Let me think", habits: { reasoningField: "reasoning_content" } },
      { finish: "stop" },
    ],
    ["after a chunk without choices", { habits: { emptyChoices: true } }, { finish: "stop" }],
    ["between comments", { habits: { comments: true } }, { finish: "stop" }],
    ["whose last blank line is missing", { habits: { omitLastBlankLine: true } }, { finish: "stop" }],
    ["without [DONE]", { habits: { omitDone: true } }, { finish: "stop" }],
    ["without a finish_reason but with [DONE]", { habits: { omitFinish: true } }, { finish: "stop" }],
    ["without either", { habits: { omitFinish: true, omitDone: true } }, { finish: "interrupted" }],
    ["as one JSON body", { fault: faults.json() }, { finish: "stop" }],
    ["that is a refusal in JSON", { refusal: true, fault: faults.json() }, { finish: "stop" }],
    [
      "without a finish_reason in JSON",
      { habits: { omitFinish: true }, fault: faults.json() },
      { finish: "stop" },
    ],
    ["cut at the length limit in JSON", { finish: "length", fault: faults.json() }, { finish: "length" }],
    ["with a usage in every chunk", { habits: { usage: "every" } }, { finish: "stop" }],
    ["that is empty", { text: "" }, { finish: "stop", text: "" }],
  ])("%s is understood", async (_, answer, expected) => {
    await using world = await startWorld({ answer: { text, ...answer } });
    expect(await world.ask()).toMatchObject({ text, ...expected });
    expect(world.model.received()).toBe(1);
  });

  test("counted in every chunk is counted once", async () => {
    await using world = await startWorld({ answer: { text: "a b c", habits: { usage: "every" } } });
    expect((await world.ask()).usage?.completionTokens).toBe(3);
  });
});

describe("a stream that breaks after its first token", () => {
  test.each([
    ["ends as if it were whole", faults.cleanEnd({ tokens: 3 })],
    ["loses its socket", faults.fin({ tokens: 3 })],
    ["is reset", faults.reset({ tokens: 3 })],
    ["falls silent", faults.silence({ tokens: 3 })],
    ["reports an error", faults.errorEvent({ tokens: 3 })],
    ["reports an error as a word", faults.errorEvent({ tokens: 3 }, "overloaded")],
  ])("because it %s keeps its text and is marked", async (_, fault) => {
    await using world = await startWorld({ answer: { text, fault } });
    expect(await world.ask()).toMatchObject({ text: "One two three ", finish: "interrupted" });
    expect(world.model.received()).toBe(1);
  });

  test.each([
    ["closed", faults.cleanEnd, 7],
    ["cut off", faults.fin, 29],
    ["reset", faults.reset, 29],
  ])("is never taken for whole, wherever it is %s", async (_, breaks, step) => {
    await using world = await startWorld({
      answer: "a b c",
      client: { timing: { ...shrunk, chatRetryMs: 0 } },
    });
    const whole = await rawAnswer(world.model.url);
    const complete = whole.indexOf('"finish_reason":"stop"}]}') + '"finish_reason":"stop"}]}'.length;
    for (let bytes = 0; bytes < complete; bytes += step) {
      world.model.answerWith({ text: "a b c", fault: breaks({ bytes }) });
      const finish = await world.ask().then(
        (answer) => answer.finish,
        () => "no first token",
      );
      expect([bytes, finish]).not.toEqual([bytes, "stop"]);
    }
    world.model.answerWith({ text: "a b c", fault: faults.cleanEnd({ bytes: complete }) });
    expect(await world.ask()).toMatchObject({ finish: "stop" });
  });

  test("is whole when all that is missing is the count", async () => {
    await using world = await startWorld({ answer: "a b c" });
    const whole = await rawAnswer(world.model.url);
    const complete = whole.indexOf('"finish_reason":"stop"}]}\n\n') + 27;
    for (const fault of [faults.silence, faults.fin, faults.reset]) {
      world.model.answerWith({ text: "a b c", fault: fault({ bytes: complete }) });
      expect(await world.ask()).toMatchObject({ text: "a b c", finish: "stop", usage: undefined });
    }
  });
});

describe("signs of life", () => {
  test("reasoning keeps a slow answer alive for longer than the limit", async () => {
    await using world = await startWorld({
      answer: { text: "a b", reasoning: "r ".repeat(5) },
      pace: { firstTokenMs: 0, tokenMs: 120 },
      client: { timing: { ...shrunk, streamIdleMs: 300 } },
    });
    expect(await world.ask()).toMatchObject({ text: "a b", finish: "stop" });
  });

  test("comments keep a silent answer alive for longer than the limit", async () => {
    await using world = await startWorld({
      answer: { text: "a b", habits: { keepAlive: { afterTokens: 1, comments: 10, everyMs: 60 } } },
      client: { timing: { ...shrunk, streamIdleMs: 300 } },
    });
    expect(await world.ask()).toMatchObject({ text: "a b", finish: "stop" });
  });

  test("a long wait for the first token is within its own limit, not the one between tokens", async () => {
    await using world = await startWorld({
      answer: text,
      pace: { firstTokenMs: 250, tokenMs: 0 },
      client: { firstTokenMs: 20_000, timing: { ...shrunk, streamIdleMs: 50 } },
    });
    expect(await world.ask()).toMatchObject({ text, finish: "stop" });
  });

  test("a reader who takes its time is not the server's silence", async () => {
    await using world = await startWorld({
      answer: { text: numberedText(40) },
      pace: { firstTokenMs: 0, tokenMs: 5 },
      client: { timing: { ...shrunk, streamIdleMs: 60 } },
    });
    const events: ChatEvent[] = [];
    for await (const event of world.api.stream(question, new AbortController().signal)) {
      if (events.length === 0) await new Promise((resolve) => setTimeout(resolve, 120));
      events.push(event);
    }
    expect(events.at(-1)).toMatchObject({ kind: "end", finish: "stop" });
  });
});

describe("the end of a stream", () => {
  const patient = { timing: { ...shrunk, streamIdleMs: 20_000, callMs: 50 } };

  test("is not waited for much longer when the answer is whole and only the count is missing", async () => {
    await using world = await startWorld({ answer: "a b c", client: patient });
    const whole = await rawAnswer(world.model.url);
    world.model.answerWith({
      text: "a b c",
      fault: faults.silence({ bytes: whole.indexOf('"stop"}]}\n\n') + 11 }),
    });
    expect(await world.ask()).toMatchObject({ text: "a b c", finish: "stop" });
  });

  test("that does not come after [DONE] is not waited for at all, and its connection given up", async () => {
    await using world = await startWorld({ answer: "a b c", client: patient });
    const whole = await rawAnswer(world.model.url);
    world.model.answerWith({ text: "a b c", fault: faults.silence({ bytes: whole.length }) });
    expect(await world.ask()).toMatchObject({ text: "a b c", finish: "stop" });
    await world.model.hasAborted();
  });
});

describe("sizes", () => {
  test("of an error's body only the beginning is read", async () => {
    const body = "x".repeat(30_000_000);
    await using world = await startWorld({ answer: { fault: { kind: "status", status: 400, body } } });
    await expect(world.ask()).rejects.toMatchObject({ problem: "refused" });
    await world.model.hasAborted();
  });

  test("an answer without an end is cut at 1 MB and its call ended", async () => {
    await using world = await startWorld({ answer: { fault: faults.endlessText() } });
    const answer = await world.ask();
    expect(answer).toMatchObject({ finish: "interrupted" });
    expect(answer.text).toHaveLength(1_000_000);
    await world.model.hasAborted();
  });
});

describe("stopping", () => {
  test("while it streams keeps what was said and ends the model's call", async () => {
    await using world = await startWorld({ answer: text });
    world.model.hold(2);
    const stop = new AbortController();
    const answer = world.ask({ signal: stop.signal });
    await world.model.hasSent(2);
    stop.abort();
    expect(await answer).toMatchObject({ finish: "stopped" });
    await world.model.hasAborted();
  });

  test.each([
    ["before the headers", faults.silentBeforeHeaders()],
    ["before the first token", faults.silentBeforeFirstByte()],
  ])("%s ends the call as well", async (_, fault) => {
    await using world = await startWorld({ answer: { fault }, client: { firstTokenMs: 20_000 } });
    const stop = new AbortController();
    const answer = world.ask({ signal: stop.signal });
    await world.model.hasReceived(1);
    stop.abort();
    expect(await answer).toMatchObject({ text: "", finish: "stopped" });
    await world.model.hasAborted();
  });

  test("between two tries ends the waiting", async () => {
    const stop = new AbortController();
    await using world = await startWorld({
      answer: { fault: faults.rateLimit({ "retry-after": "60" }) },
      client: {
        timing: { ...shrunk, chatRetryMs: 90_000 },
        // Asked for when a wait is about to begin.
        random() {
          setImmediate(() => stop.abort());
          return 0;
        },
      },
    });
    expect(await world.ask({ signal: stop.signal })).toMatchObject({ text: "", finish: "stopped" });
    expect(world.model.received()).toBe(1);
  });

  test("before the call makes none", async () => {
    await using world = await startWorld();
    expect(await world.ask({ signal: AbortSignal.abort() })).toMatchObject({ text: "", finish: "stopped" });
    expect(world.model.received()).toBe(0);
  });

  test("after the last token changes nothing: the answer is whole", async () => {
    await using world = await startWorld({ answer: text });
    const stop = new AbortController();
    const events: ChatEvent[] = [];
    for await (const event of world.api.stream(question, stop.signal)) events.push(event);
    stop.abort();
    expect(events.at(-1)).toMatchObject({ finish: "stop" });
  });

  test("a reader who leaves ends the call", async () => {
    await using world = await startWorld({ answer: text });
    world.model.hold(2);
    for await (const event of world.api.stream(question, new AbortController().signal)) {
      if (event.kind === "text") break;
    }
    await world.model.hasAborted();
  });
});

describe("many at once", () => {
  test("200 answers stream side by side, each its own", async () => {
    await using world = await startWorld({
      answer: ({ model }) => `${model} says ${text}`,
      // On a busy machine two hundred questions take their time.
      client: { firstTokenMs: 30_000, timing: { ...shrunk, streamIdleMs: 30_000 } },
    });
    world.model.hold(2);
    const asked = Array.from({ length: 200 }, (_, index) => world.ask({ model: `m${index}` }));
    await world.model.hasReceived(200);
    world.model.release();
    const answers = await Promise.all(asked);
    expect(answers.map((answer) => answer.text)).toEqual(answers.map((_, index) => `m${index} says ${text}`));
  });

  test("answers one after the other share connections", async () => {
    await using world = await startWorld({ answer: text });
    for (let index = 0; index < 20; index += 1) await world.ask();
    // Two, when a question follows before the answer's last byte was read.
    expect(world.model.connections()).toBeLessThanOrEqual(2);
  });
});

async function rawAnswer(url: string): Promise<string> {
  const body = JSON.stringify({ ...question, stream: true, stream_options: { include_usage: true } });
  const response = await fetch(`${url}/chat/completions`, { method: "POST", body });
  return await response.text();
}
