/** One request to the chat API, from the call to the end of its stream. */

import type { Readable } from "node:stream";
import type { ChatEvent, ChatFinish, ChatUsage } from "../../core/chat-api.ts";
import type { Timing } from "../../core/timing.ts";
import { Answer, noStream } from "./answer.ts";
import { type Failure, toFailure } from "./errors.ts";
import { limits } from "./limits.ts";
import { EventReader, LineTooLong } from "./sse.ts";
import { bodyOf } from "./transport.ts";
import { Watch } from "./watch.ts";

/** How one attempt ended. `failed`: before its first token, so it may be asked again. */
export type AttemptEnd =
  | { readonly kind: "end"; readonly finish: ChatFinish; readonly usage: ChatUsage | undefined }
  | { readonly kind: "failed"; readonly failure: Failure };

/** What an attempt needs. */
export interface AttemptOptions {
  /** Makes the call; resolves when the headers are there, rejects with what the client throws. */
  readonly open: (signal: AbortSignal) => Promise<Response>;
  readonly firstTokenMs: number;
  /** Called at the headers of a response that is no refusal. */
  readonly accepted?: (headers: Headers) => void;
  /** Called once, at the first token. */
  readonly begun?: () => void;
  readonly timing: Pick<Timing, "streamIdleMs" | "callMs">;
  /** Ends the attempt; its end is then `stopped`. */
  readonly signal: AbortSignal;
}

/** Yields text as it comes, one event per piece of the network; returns how it ended. Never throws. */
export async function* attempt(options: AttemptOptions): AsyncGenerator<ChatEvent, AttemptEnd> {
  const { signal } = options;
  const controller = new AbortController();
  const abort = () => controller.abort();
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  using watch = new Watch(options.firstTokenMs, controller);
  const answer = new Answer();
  let answered = false;
  try {
    const response = await watch.during(options.open(controller.signal));
    answered = true;
    options.accepted?.(response.headers);
    for await (const text of readText(response, answer, watch, options)) yield { kind: "text", text };
  } catch (error) {
    answer.failure ??= error instanceof LineTooLong ? noStream : { ...toFailure(error), answered };
  } finally {
    signal.removeEventListener("abort", abort);
    // A whole answer leaves its connection open for the next one; anything else, also a reader who left, ends it.
    if (!answer.done) abort();
  }
  return toEnd(answer, signal, watch);
}

function toEnd(answer: Answer, signal: AbortSignal, watch: Watch): AttemptEnd {
  const { usage } = answer;
  if (signal.aborted && answer.finish === undefined) return { kind: "end", finish: "stopped", usage };
  if (watch.silent && !answer.begun) return { kind: "failed", failure: silence };
  const end = answer.end();
  return typeof end === "string" ? { kind: "end", finish: end, usage } : { kind: "failed", failure: end };
}

const silence: Failure = { problem: "silent", retry: "backoff", facts: "no token came in time" };

/** The answer's text, whichever way the server sends it: by its content type, not by what was asked for. */
async function* readText(
  response: Response,
  answer: Answer,
  watch: Watch,
  options: AttemptOptions,
): AsyncGenerator<string> {
  const type = response.headers.get("content-type") ?? "";
  const body = bodyOf(response);
  if (body === undefined || /html/iu.test(type)) {
    answer.failure = { ...noStream, retry: "never" };
    return;
  }
  if (/json/iu.test(type)) yield* readJson(body, answer, watch, options);
  else yield* readEvents(body, answer, watch, options);
}

async function* readEvents(
  body: Readable,
  answer: Answer,
  watch: Watch,
  { timing, begun }: AttemptOptions,
): AsyncGenerator<string> {
  const events = new EventReader(limits.lineUtf16);
  const pieces = body.iterator();
  let bytes = 0;
  while (!answer.over) {
    const { value, done } = await watch.during(pieces.next());
    bytes += value?.byteLength ?? 0;
    const hadBegun = answer.begun;
    const text = answer.add(done === true ? events.end() : events.read(value));
    if (answer.begun && !hadBegun) begun?.();
    if (answer.begun) watch.begun(timing.streamIdleMs);
    if (answer.finish !== undefined) watch.finished(timing.callMs);
    if (text !== "") yield text;
    if (done || bytes > limits.responseBytes) break;
  }
  const rest = answer.rest();
  if (rest !== "") yield rest;
  if (answer.done) void release(body, pieces);
}

/** `[DONE]` is followed by the end of the body: read, it frees the connection; cancelled, it would close it. */
async function release(body: Readable, pieces: AsyncIterator<Uint8Array>): Promise<void> {
  const late = setTimeout(() => body.destroy(), limits.releaseMs);
  try {
    while ((await pieces.next()).done !== true);
  } catch {
    // The answer is whole already: what happens to its connection now is of no interest.
  } finally {
    clearTimeout(late);
  }
}

/** A whole answer as one JSON body is complete by itself; a `finish_reason` only says more. */
async function* readJson(
  body: Readable,
  answer: Answer,
  watch: Watch,
  { begun }: AttemptOptions,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const pieces = body.iterator();
  let json = "";
  for (let isDone = false; !isDone && json.length <= limits.lineUtf16; ) {
    const { value, done } = await watch.during(pieces.next());
    isDone = done === true;
    json += decoder.decode(value, { stream: !isDone });
  }
  const text = answer.add([{ name: "message", data: json }]) + answer.rest();
  if (answer.begun) begun?.();
  if (answer.failure === undefined && answer.begun) answer.finish ??= "stop";
  if (text !== "") yield text;
}
