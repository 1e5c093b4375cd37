/** Streams as compatible servers write them on the wire, byte for byte in form: what a person reads of each. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createChatApi } from "../../src/adapters/openai/index.ts";
import { question, shrunk } from "./world.ts";

/** A server that answers every request with these bytes, cut into pieces of so many. */
async function serve(body: string, pieceBytes: number, type = "text/event-stream; charset=utf-8") {
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    response.writeHead(200, { "content-type": type });
    const bytes = Buffer.from(body);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      response.write(bytes.subarray(at, at + pieceBytes));
      await new Promise(setImmediate);
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const api = createChatApi({
    apiKey: "",
    baseUrl: `http://127.0.0.1:${port}/v1`,
    firstTokenMs: 5_000,
    timing: { ...shrunk, streamIdleMs: 5_000 },
  });
  return {
    async ask() {
      let text = "";
      for await (const event of api.stream(question, new AbortController().signal)) {
        if (event.kind === "text") text += event.text;
        if (event.kind === "end") return { text, finish: event.finish, usage: event.usage };
      }
      return { text };
    },
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const events = (lines: readonly (string | object)[], end = "\n\n") =>
  lines.map((line) => `data: ${typeof line === "string" ? line : JSON.stringify(line)}${end}`).join("");

const head = (model: string) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_768_062_791,
  model,
});
const safe = { hate: { filtered: false, severity: "safe" }, violence: { filtered: false, severity: "safe" } };

const azure = events(
  [
    {
      choices: [],
      created: 0,
      id: "",
      model: "",
      object: "",
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: safe }],
    },
    {
      choices: [
        {
          content_filter_results: {},
          delta: { content: "", refusal: null, role: "assistant" },
          finish_reason: null,
          index: 0,
          logprobs: null,
        },
      ],
      ...head("gpt-5.2-chat-2025-12-11"),
      obfuscation: "70NTC3qxf",
      system_fingerprint: null,
      usage: null,
    },
    ...["Hey", " there"].map((content) => ({
      choices: [{ content_filter_results: safe, delta: { content }, finish_reason: null, index: 0 }],
      ...head("gpt-5.2-chat-2025-12-11"),
      usage: null,
    })),
    { choices: [{ content_filter_results: {}, delta: {}, finish_reason: "stop", index: 0 }], usage: null },
    { choices: [], usage: { prompt_tokens: 425, completion_tokens: 19, total_tokens: 444 } },
    "[DONE]",
  ],
  "\n\n\n",
);

const ollama = (deltas: readonly object[], finish: string | null) =>
  events([
    ...deltas.map((delta) => ({
      ...head("qwen3:32b"),
      system_fingerprint: "fp_ollama",
      choices: [{ index: 0, delta: { role: "assistant", ...delta }, finish_reason: null }],
    })),
    {
      ...head("qwen3:32b"),
      system_fingerprint: "fp_ollama",
      choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: finish }],
    },
    "[DONE]",
  ]);

const openRouter = (last: object) =>
  `: OPENROUTER PROCESSING\r\n\r\n: OPENROUTER PROCESSING\r\n\r\n${events(
    [
      {
        id: "gen-1",
        provider: "Meta",
        model: "meta/llama",
        object: "chat.completion.chunk",
        choices: [
          {
            index: 0,
            delta: { role: "assistant", content: "Hey" },
            finish_reason: null,
            native_finish_reason: null,
          },
        ],
      },
      last,
    ],
    "\r\n\r\n",
  )}`;

const vllm = (field: "reasoning" | "reasoning_content") =>
  events([
    {
      ...head("qwen3"),
      choices: [{ index: 0, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null }],
    },
    { ...head("qwen3"), choices: [{ index: 0, delta: { [field]: "The user greets" }, finish_reason: null }] },
    { ...head("qwen3"), choices: [{ index: 0, delta: { content: "Hey there" }, finish_reason: null }] },
    {
      ...head("qwen3"),
      choices: [{ index: 0, delta: { content: "" }, finish_reason: "stop", stop_reason: null }],
    },
    { ...head("qwen3"), choices: [], usage: { prompt_tokens: 9, total_tokens: 20, completion_tokens: 11 } },
    "[DONE]",
  ]);

const llamaCpp = events([
  {
    choices: [{ finish_reason: null, index: 0, delta: { role: "assistant", content: null } }],
    ...head("gpt-oss"),
  },
  { choices: [{ finish_reason: null, index: 0, delta: { content: "Hey there" } }], ...head("gpt-oss") },
  {
    choices: [{ finish_reason: "stop", index: 0, delta: {} }],
    ...head("gpt-oss"),
    timings: { prompt_n: 1, predicted_ms: 12.5 },
  },
  { choices: [], usage: { completion_tokens: 2, prompt_tokens: 7, total_tokens: 9 }, timings: {} },
  "[DONE]",
]);

/** Usage in every chunk, growing; the last one counts. */
const kubeAi = events([
  {
    ...head("m"),
    choices: [{ index: 0, delta: { content: "Hey" } }],
    usage: { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 },
  },
  {
    ...head("m"),
    choices: [{ index: 0, delta: { content: " there" } }],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  },
  {
    ...head("m"),
    choices: [{ index: 0, delta: {}, finish_reason: "stop" }],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  },
  "[DONE]",
]);

const hey = { text: "Hey there", finish: "stop" };

const streams: readonly (readonly [string, string, object])[] = [
  [
    "Azure's, with filter results first and in every chunk",
    azure,
    { ...hey, usage: { promptTokens: 425, completionTokens: 19 } },
  ],
  [
    "Ollama's, with reasoning in a field",
    ollama([{ content: "", reasoning: "Okay" }, { content: "Hey there" }], "stop"),
    hey,
  ],
  [
    "Ollama's that ends at its length",
    ollama([{ content: "Hey there" }], "length"),
    { ...hey, finish: "length" },
  ],
  [
    "one with thoughts in the text, as reasoning models write them",
    ollama(
      [
        { content: "<think>" },
        { content: "\nOkay, the user" },
        { content: " greets.\n</think>" },
        { content: "\n\nHey" },
        { content: " there" },
      ],
      "stop",
    ),
    hey,
  ],
  [
    "one with nothing but thoughts",
    ollama([{ content: "<think>Okay" }], "length"),
    { text: "", finish: "length" },
  ],
  ["one with empty thoughts", ollama([{ content: "<think>\n\n</think>\n\nHey there" }], "stop"), hey],
  [
    "one that speaks of the tag",
    ollama([{ content: "Write " }, { content: "`<think>`" }, { content: " and `</think>`." }], "stop"),
    { text: "Write `<think>` and `</think>`.", finish: "stop" },
  ],
  [
    "one that begins like the tag",
    ollama([{ content: "<th" }, { content: "is is HTML>" }], "stop"),
    { text: "<this is HTML>", finish: "stop" },
  ],
  [
    "one that ends like the tag begins",
    ollama([{ content: " <thi" }], "stop"),
    { text: " <thi", finish: "stop" },
  ],
  [
    "OpenRouter's, with comments and CRLF",
    openRouter({
      id: "gen-1",
      choices: [
        { index: 0, delta: { content: " there" }, finish_reason: "stop", native_finish_reason: "eos" },
      ],
    }),
    hey,
  ],
  [
    "OpenRouter's that fails midway",
    openRouter({
      id: "gen-1",
      error: { code: 502, message: "Provider returned error" },
      choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }],
    }),
    { text: "Hey", finish: "interrupted" },
  ],
  ["vLLM's, with reasoning", vllm("reasoning"), { ...hey, usage: { promptTokens: 9, completionTokens: 11 } }],
  ["DeepSeek's, with reasoning by its older name", vllm("reasoning_content"), hey],
  [
    "llama.cpp's, with timings and a content of null",
    llamaCpp,
    { ...hey, usage: { promptTokens: 7, completionTokens: 2 } },
  ],
  ["one with its usage in every chunk", kubeAi, { ...hey, usage: { promptTokens: 5, completionTokens: 2 } }],
];

test.each(streams)("%s is read alike, however the network cuts it", async (_, body, expected) => {
  for (const pieceBytes of [1, 7, 100_000]) {
    await using server = await serve(body, pieceBytes);
    expect(await server.ask()).toMatchObject(expected);
  }
});

test.each([-1, 1.5, 1e300, "12"])(
  "an answer that says to have taken %j tokens does not say it",
  async (count) => {
    const usage = { prompt_tokens: 9, completion_tokens: count };
    const choices = [{ index: 0, delta: { content: "Hey there" }, finish_reason: "stop" }];
    const body = `data: ${JSON.stringify({ choices, usage })}\n\ndata: [DONE]\n\n`;
    await using server = await serve(body, 100_000);
    expect(await server.ask()).toMatchObject({ ...hey, usage: undefined });
  },
);

test("thoughts in a whole answer as JSON are left out as well", async () => {
  const message = { role: "assistant", content: "<think>Okay</think>Hey there" };
  const body = JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    choices: [{ index: 0, message, finish_reason: "stop" }],
  });
  await using server = await serve(body, 100_000, "application/json");
  expect(await server.ask()).toMatchObject(hey);
});
