import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import type { Fault } from "../../simulator/model/script.ts";
import { createChatApi } from "../../src/adapters/openai/index.ts";
import { gather, key, question, shrunk, startWorld } from "./world.ts";

const never: readonly [string, Fault, string, "never"][] = [
  ["a wrong key", faults.keyRefused(), "key-refused", "never"],
  ["a used-up quota", faults.quotaUsedUp(), "quota-used-up", "never"],
  ["a spending limit", faults.spendLimit(), "quota-used-up", "never"],
  ["LiteLLM's used-up budget", faults.liteLlm.budget(), "quota-used-up", "never"],
  ["an unknown model", faults.modelNotFound(), "model-not-found", "never"],
  ["an unknown model without a code", faults.modelNotFoundPlain(), "model-not-found", "never"],
  ["LiteLLM's model that the key may not use", faults.liteLlm.modelDenied(), "model-not-found", "never"],
  ["a context too long for OpenAI", faults.contextTooLong.openai(), "context-too-long", "never"],
  ["a context too long for llama.cpp", faults.contextTooLong.llamaCpp(), "context-too-long", "never"],
  ["a context too long for LiteLLM", faults.contextTooLong.liteLlm(), "context-too-long", "never"],
  ["a context too long for vLLM", faults.contextTooLong.vllm(), "context-too-long", "never"],
  ["an invalid value", faults.badRequest(), "refused", "never"],
  ["a content policy", faults.contentPolicy(), "refused", "never"],
  ["a region", faults.regionRefused(), "refused", "never"],
  [
    "a wrong key told within the stream, by a number as text",
    faults.errorEvent({ tokens: 0 }, { message: "no", code: "401" }),
    "key-refused",
    "never",
  ],
  ["a redirect, which is not followed", faults.redirect("http://127.0.0.1:1/v1"), "unreachable", "never"],
  ["a web page with status 200", faults.html(), "unreachable", "never"],
  [
    "a rate limit that outlasts our patience",
    faults.rateLimit({ "retry-after": "3600" }),
    "overloaded",
    expect.objectContaining({ afterMs: 3_600_000 }) as never,
  ],
];

describe("asked once and told at once", () => {
  test.each(never)("%s", async (_, fault, problem, retry) => {
    await using world = await startWorld({ answer: { fault } });
    await expect(world.ask()).rejects.toMatchObject({ name: "ChatApiError", problem, retry });
    expect(world.model.received()).toBe(1);
  });

  test("silence before the headers", async () => {
    await using world = await startWorld({ answer: { fault: faults.silentBeforeHeaders() } });
    await expect(world.ask()).rejects.toMatchObject({ problem: "silent" });
    await world.model.hasAborted();
    expect(world.model.received()).toBe(1);
  });

  test("silence after the headers", async () => {
    await using world = await startWorld({ answer: { fault: faults.silentBeforeFirstByte() } });
    await expect(world.ask()).rejects.toMatchObject({ problem: "silent" });
    await world.model.hasAborted();
    expect(world.model.received()).toBe(1);
  });

  test("empty deltas without an end count as silence", async () => {
    await using world = await startWorld({ answer: { fault: faults.endlessEmptyDeltas() } });
    await expect(world.ask()).rejects.toMatchObject({ problem: "silent" });
    await world.model.hasAborted();
  });
});

describe("asked again until our patience ends", () => {
  test.each([
    ["a rate limit", faults.rateLimit(), "overloaded"],
    ["LiteLLM's rate limit with a code that is text", faults.liteLlm.rateLimit(), "overloaded"],
    ["slow_down", faults.slowDown(), "overloaded"],
    ["a server error", faults.serverError(), "overloaded"],
    ["an overloaded server", faults.overloaded(), "overloaded"],
    ["a gateway's page", faults.badGateway(), "overloaded"],
    ["an error event before the first token", faults.errorEvent({ tokens: 0 }), "overloaded"],
    ["a reset before the headers", faults.resetBeforeHeaders(), "unreachable"],
  ] as const)("%s", async (_, fault, problem) => {
    await using world = await startWorld({ answer: { text: "never seen", fault } });
    await expect(world.ask()).rejects.toMatchObject({ problem, retry: "backoff" });
    expect(world.model.received()).toBeGreaterThan(5);
  });

  test("nobody listening", async () => {
    await using closed = await startWorld();
    await closed.model.close();
    await expect(closed.ask()).rejects.toMatchObject({ problem: "unreachable", retry: "backoff" });
  });
});

describe("asked three times, for each may cost money", () => {
  test.each([
    ["a stream that ends before its first token", faults.cleanEnd({ tokens: 0 })],
    ["a socket closed before the first token", faults.fin({ tokens: 0 })],
    ["a line of 30 MB", faults.longLine()],
  ])("%s", async (_, fault) => {
    await using world = await startWorld({ answer: { text: "never seen", fault } });
    await expect(world.ask()).rejects.toMatchObject({ problem: "unreachable" });
    expect(world.model.received()).toBe(3);
  });
});

describe("an outage that passes is not seen by anybody", () => {
  test.each([
    ["a server error", faults.serverError(), 0],
    ["a reset", faults.resetBeforeHeaders(), 0],
    ["Retry-After in seconds", faults.rateLimit({ "retry-after": "0.1" }), 100],
    [
      "retry-after-ms, which goes first",
      faults.rateLimit({ "retry-after-ms": "120", "retry-after": "30" }),
      120,
    ],
    ["Retry-After that is nonsense", faults.rateLimit({ "retry-after": "soon" }), 0],
  ] as const)("%s", async (_, fault, waitMs) => {
    await using world = await startWorld({
      answer: ({ number }) => (number === 1 ? { fault } : "All is well."),
    });
    expect(await world.ask()).toMatchObject({ text: "All is well.", finish: "stop" });
    const [first, second] = world.model.requests;
    expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(waitMs);
    expect(world.model.received()).toBe(2);
  });

  test("Retry-After as a date is waited for", async () => {
    const fault = () => faults.rateLimit({ "retry-after": new Date(Date.now() + 2_000).toUTCString() });
    await using world = await startWorld({
      answer: ({ number }) => (number === 1 ? { fault: fault() } : "All is well."),
      client: { timing: { ...shrunk, chatRetryMs: 2_500 } },
    });
    expect(await world.ask()).toMatchObject({ text: "All is well." });
    const [first, second] = world.model.requests;
    // Dates have whole seconds.
    expect(second!.atMs - first!.atMs).toBeGreaterThanOrEqual(900);
  });

  test.each(["9".repeat(30), "9".repeat(400)])(
    "Retry-After: %s is a day, which everybody obeys",
    async (seconds) => {
      await using world = await startWorld({
        answer: { fault: faults.rateLimit({ "retry-after": seconds }) },
      });
      await expect(world.ask()).rejects.toMatchObject({ retry: { afterMs: 86_400_000 } });
    },
  );

  test("a server that says not to ask again is obeyed", async () => {
    await using world = await startWorld({
      answer: { fault: faults.serverError({ "x-should-retry": "false" }) },
    });
    await expect(world.ask()).rejects.toMatchObject({ retry: "never" });
    expect(world.model.received()).toBe(1);
  });
});

describe("what an error says", () => {
  const quoting = (status: number): Fault => ({
    kind: "status",
    status,
    body: {
      error: {
        message: `Bad prompt-canary for ${key}`,
        type: `type ${key}`,
        code: `code of ${question.messages[0]!.content}`,
        param: "prompt-canary ",
      },
    },
    headers: { "x-request-id": "req_7", "set-cookie": "cookie-canary=1" },
  });

  test.each([400, 401, 404, 422, 429, 500])(
    "with status %i holds no key, no text and no cookie, to its last cause",
    async (status) => {
      await using world = await startWorld({
        answer: { fault: quoting(status) },
        client: { timing: { ...shrunk, chatRetryMs: 20 } },
      });
      const error: unknown = await world.ask().catch((thrown: unknown) => thrown);
      const everything = inspect(error, { depth: 30, showHidden: true, getters: true });
      expect(everything).not.toContain("canary");
      expect(everything).toContain(`HTTP ${status}`);
      expect(everything).toContain("req_7");
    },
  );

  test("names the server and the model, and what to check", async () => {
    await using world = await startWorld({ answer: { fault: faults.keyRefused() } });
    await expect(world.ask()).rejects.toThrow(
      /^The chat API at http:\/\/127\.0\.0\.1:\d+ did not answer for model test-model: key-refused \(HTTP 401 invalid_api_key invalid_request_error\)\. Check OPENAI_API_KEY/u,
    );
  });

  test("of a connection holds its code and no more", async () => {
    await using world = await startWorld({ answer: { fault: faults.resetBeforeHeaders() } });
    const error: unknown = await world.ask().catch((thrown: unknown) => thrown);
    const everything = inspect(error, { depth: 30, showHidden: true });
    expect(everything).toContain("ECONNRESET");
    expect(everything).not.toContain("canary");
  });
});

describe("the account", () => {
  test("is sent with every call, organisation and project too", async () => {
    await using world = await startWorld({ client: { organization: "org-1", project: "proj-1" } });
    await world.ask();
    expect(world.model.requests[0]).toMatchObject({
      key,
      headers: { "openai-organization": "org-1", "openai-project": "proj-1" },
    });
  });

  test("may be without a key: then none is sent", async () => {
    await using world = await startWorld({ client: { apiKey: "" } });
    await world.ask();
    expect(world.model.requests[0]!.headers).not.toHaveProperty("authorization");
  });

  test("is not taken from the environment", async () => {
    process.env.OPENAI_ORG_ID = "org-env";
    process.env.OPENAI_CUSTOM_HEADERS = "";
    await using world = await startWorld();
    await world.ask();
    delete process.env.OPENAI_ORG_ID;
    delete process.env.OPENAI_CUSTOM_HEADERS;
    expect(world.model.requests[0]!.headers).not.toHaveProperty("openai-organization");
  });
});

describe("the list of models", () => {
  test("has ids that can be shown, in the server's order, and the day on which a model ends", async () => {
    const ending = { id: "gpt-5", shutdown_date: "2026-12-11T00:00:00Z" };
    await using world = await startWorld({ models: ["vendor/b:free", ending, "a", "no\nid", ""] });
    expect(await world.api.models(new AbortController().signal)).toEqual([
      { id: "vendor/b:free" },
      { id: "gpt-5", shutdownDate: "2026-12-11" },
      { id: "a" },
    ]);
  });

  test("is asked for once, however many people look", async () => {
    await using world = await startWorld({ models: ["a"] });
    const look = () => world.api.models(new AbortController().signal);
    await Promise.all([look(), look()]);
    await look();
    expect(world.model.modelListings()).toBe(1);
  });

  test("fails as a call does, at once", async () => {
    await using world = await startWorld();
    const api = createChatApi({
      apiKey: key,
      baseUrl: "http://127.0.0.1:1/v1",
      firstTokenMs: 400,
      timing: shrunk,
    });
    await expect(api.models(new AbortController().signal)).rejects.toMatchObject({
      problem: "unreachable",
    });
    await api[Symbol.asyncDispose]();
    expect(world.model.modelListings()).toBe(0);
  });

  test.each([
    ["gpt-5.4", 1_050_000],
    ["gpt-5.4-2026-03-05", 1_050_000],
    ["openai/gpt-5-mini", 272_000],
    ["gpt-6.2-sol", 922_000],
    ["openai/gpt-6-luna:free", 922_000],
    ["gpt-4", 8_192],
    ["something-nobody-knows", 8_192],
    ["constructor", 8_192],
  ])("knows that %s takes %i tokens", async (model, tokens) => {
    await using world = await startWorld();
    expect(world.api.contextWindow(model)).toBe(tokens);
  });
});

test("gathering fails when a stream has no end", async () => {
  async function* endless() {
    yield { kind: "text", text: "a" } as const;
  }
  await expect(gather(endless())).rejects.toThrow("end event");
});
