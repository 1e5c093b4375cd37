/** Reads one chunk of a stream, or a whole answer, from any compatible server: tolerant of what differs (platform-facts C1, C7). */

import { z } from "zod";
import type { ChatFinish, ChatUsage } from "../../core/chat-api.ts";

/** No model's context holds as many; the largest have some millions. */
const mostTokens = 100_000_000;

/** What a chunk says, in our words; what it does not say is empty. */
export interface Chunk {
  /** Text or refusal: a person reads both. */
  readonly text: string;
  /** True when the model is at work, visibly or not: text, refusal or reasoning. */
  readonly isToken: boolean;
  readonly finish: ChatFinish | undefined;
  readonly usage: ChatUsage | undefined;
  /** The body of an error that came with status 200. */
  readonly error: unknown;
}

const text = z.string().nullish().catch(undefined);

const delta = z
  .object({ content: text, refusal: text, reasoning: text, reasoning_content: text })
  .nullish()
  .catch(undefined);

/** `delta` in a stream, `message` in a whole answer. */
const choice = z.object({ delta, message: delta, finish_reason: text });

/** What no answer has counts as not told: everybody's limits are settled by it. */
const tokens = z.int().min(0).max(mostTokens);
const usage = z.object({ prompt_tokens: tokens, completion_tokens: tokens }).nullish().catch(undefined);

const chunk = z.object({
  // Azure and usage chunks come with an empty list, broken ones without.
  choices: z.array(choice).nullish().catch(undefined),
  usage,
  error: z.unknown().optional(),
});

/** What servers call the ways to end; any other word is a plain end (`tool_calls`, `eos`). */
const finishes: ReadonlyMap<string, ChatFinish> = new Map([
  ["length", "length"],
  ["max_tokens", "length"],
  ["model_length", "length"],
  ["content_filter", "content_filter"],
  ["error", "interrupted"],
  ["abort", "interrupted"],
]);

/**
 * @param value parsed JSON
 * @returns undefined when this is not a chunk at all
 */
export function toChunk(value: unknown): Chunk | undefined {
  const parsed = chunk.safeParse(value);
  if (!parsed.success) return undefined;
  const first = parsed.data.choices?.[0];
  const part = first?.delta ?? first?.message;
  const visible = (part?.content ?? "") + (part?.refusal ?? "");
  const hidden = Boolean(part?.reasoning) || Boolean(part?.reasoning_content);
  return {
    text: visible,
    isToken: visible !== "" || hidden,
    finish: toFinish(first?.finish_reason),
    usage: toUsage(parsed.data.usage),
    error: parsed.data.error ?? undefined,
  };
}

/** @returns undefined when `text` is not JSON or no chunk */
export function parseChunk(json: string): Chunk | undefined {
  try {
    return toChunk(JSON.parse(json));
  } catch {
    return undefined;
  }
}

function toFinish(reason: string | null | undefined): ChatFinish | undefined {
  if (reason === null || reason === undefined || reason === "") return undefined;
  return finishes.get(reason) ?? "stop";
}

function toUsage(counted: z.output<typeof usage>): ChatUsage | undefined {
  if (counted === null || counted === undefined) return undefined;
  return { promptTokens: counted.prompt_tokens, completionTokens: counted.completion_tokens };
}
