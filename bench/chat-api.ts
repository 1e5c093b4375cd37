/**
 * What the chat API client costs: CPU per instant answer of 200 tokens, beside the openai package's own streaming, and
 * memory per slow stream at 1,000 at once. About 15 s: `node --expose-gc bench/chat-api.ts`.
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import OpenAI from "openai";
import { Agent, fetch } from "undici";
import { createChatApi, type OpenAiChatApi } from "../src/adapters/openai/index.ts";
import { timing } from "../src/core/timing.ts";

const streams = 1_000;
const calls = 2_000;
const atOnce = 50;

const server = fork(new URL("./model-server.ts", import.meta.url));
const [url] = (await once(server, "message")) as [string];
const api = createChatApi({ apiKey: "key", baseUrl: url, firstTokenMs: 60_000, timing });
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}`);
try {
  // First, for memory that a busier time has left behind would hide what streams need.
  await measureStreams();
  await measureCalls("Parley's client", () => readAll(api, "instant"));
  await measurePackage();
} finally {
  await api[Symbol.asyncDispose]();
  server.disconnect();
}

async function measureCalls(name: string, call: () => Promise<unknown>): Promise<void> {
  const run = async (count: number) => {
    for (let done = 0; done < count; done += atOnce) await Promise.all(Array.from({ length: atOnce }, call));
  };
  await run(calls / 4);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run(calls);
  const { user, system } = process.cpuUsage(cpu);
  const perCall = ((user + system) / 1_000 / calls).toFixed(2);
  const rate = Math.round((calls / (performance.now() - start)) * 1_000);
  console.log(`${name}: ${perCall} ms of CPU per answer of 200 tokens, ${rate} answers/s`);
}

/** The same with `create({ stream: true })`, to see whether reading the stream ourselves is still worth it. */
async function measurePackage(): Promise<void> {
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, allowH2: false });
  const through = (...[input, init]: Parameters<typeof fetch>) => fetch(input, { ...init, dispatcher });
  const client = new OpenAI({
    apiKey: "key",
    baseURL: url,
    maxRetries: 0,
    fetch: through as unknown as typeof globalThis.fetch,
  });
  await measureCalls("openai's own streaming", async () => {
    const messages = [{ role: "user", content: "Hi" } as const];
    for await (const chunk of await client.chat.completions.create({
      model: "instant",
      stream: true,
      messages,
    })) {
      chunk.choices[0]?.delta.content?.slice();
    }
  });
  await dispatcher.destroy();
}

async function measureStreams(): Promise<void> {
  await Promise.all(Array.from({ length: 20 }, () => readAll(api, "instant")));
  collect();
  const idle = process.memoryUsage();
  const stop = new AbortController();
  const running = Array.from({ length: streams }, () => readAll(api, "slow", stop.signal));
  await sleep(5_000);
  const cpu = process.cpuUsage();
  await sleep(3_000);
  const { user, system } = process.cpuUsage(cpu);
  const busy = process.memoryUsage();
  collect();
  const kept = process.memoryUsage();
  const kB = (bytes: number) => Math.round(bytes / streams / 1_000);
  console.log(
    `${streams} slow streams: ${kB(busy.rss - idle.rss)} kB of RSS each, ` +
      `of which ${kB(kept.heapUsed + kept.external - idle.heapUsed - idle.external)} kB in use; ` +
      `${((user + system) / 1_000 / (streams * 6)).toFixed(3)} ms of CPU per token`,
  );
  stop.abort();
  await Promise.all(running);
}

async function readAll(
  from: OpenAiChatApi,
  model: string,
  signal = new AbortController().signal,
): Promise<string> {
  let text = "";
  for await (const event of from.stream({ model, messages: [{ role: "user", content: "Hi" }] }, signal)) {
    if (event.kind === "text") text += event.text;
  }
  return text;
}

function collect(): void {
  globalThis.gc?.();
}
