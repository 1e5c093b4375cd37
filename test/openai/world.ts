/** A simulated chat API and the real client before it, with waits of milliseconds. */

import {
  type ModelSimulator,
  type ModelSimulatorOptions,
  startModelSimulator,
} from "../../simulator/model/index.ts";
import { type ChatApiOptions, createChatApi, type OpenAiChatApi } from "../../src/adapters/openai/index.ts";
import type { ChatEvent, ChatRequest } from "../../src/core/chat-api.ts";
import { timing } from "../../src/core/timing.ts";

export interface World extends AsyncDisposable {
  readonly model: ModelSimulator;
  readonly api: OpenAiChatApi;
  /** Asks the default question and gathers the answer. */
  ask(given?: Partial<ChatRequest> & { readonly signal?: AbortSignal }): Promise<Gathered>;
}

export interface Gathered {
  readonly text: string;
  readonly pieces: number;
  readonly finish: string;
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number } | undefined;
  /** The parameters that the model was told to have refused. */
  readonly leftOut: readonly string[];
}

/** Hundreds of times shorter than the true ones; idle and first-token limits are long beside a busy machine's hiccups. */
export const shrunk = {
  ...timing,
  chatRetryMs: 200,
  backoffMs: 2,
  backoffMaxMs: 25,
  streamIdleMs: 200,
  callMs: 200,
};

export const question: ChatRequest = {
  model: "test-model",
  messages: [{ role: "user", content: "What is the prompt-canary?" }],
};

export const key = "sk-key-canary-0123456789";

export async function startWorld(
  given: ModelSimulatorOptions & { readonly client?: Partial<ChatApiOptions> } = {},
): Promise<World> {
  const model = await startModelSimulator(given);
  const api = createChatApi({
    apiKey: key,
    baseUrl: model.url,
    firstTokenMs: 400,
    timing: shrunk,
    ...given.client,
  });
  return {
    model,
    api,
    ask: ({ signal = new AbortController().signal, ...request } = {}) =>
      gather(api.stream({ ...question, ...request }, signal)),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await model.close();
    },
  };
}

/** Reads a stream to its end; fails unless exactly one `end` comes, and comes last. */
export async function gather(stream: AsyncIterable<ChatEvent>): Promise<Gathered> {
  const events: ChatEvent[] = [];
  for await (const event of stream) events.push(event);
  const end = events.pop();
  if (end?.kind !== "end") throw new Error("The stream did not end with its end event.");
  const texts = events.flatMap((event) => {
    if (event.kind === "end") throw new Error("The stream went on after its end event.");
    return event.kind === "text" ? [event.text] : [];
  });
  const leftOut = events.flatMap((event) => (event.kind === "left-out" ? [event.parameter] : []));
  return { text: texts.join(""), pieces: texts.length, finish: end.finish, usage: end.usage, leftOut };
}
