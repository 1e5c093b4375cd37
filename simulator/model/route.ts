/** The simulator's HTTP side: reads a request, records it, chooses its answer. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { promptTokensOf } from "./envelope.ts";
import type { Gate } from "./gate.ts";
import { Limiter, type SimulatedLimits, type Verdict } from "./limits.ts";
import type { Record, Recording } from "./record.ts";
import type { Answer, Fault, Pace, ScriptedAnswer, SimulatedRequest } from "./script.ts";
import { writeAnswer } from "./stream.ts";

/** A model that is listed: its id, or id and the day on which it is said to end. */
export type OfferedModel = string | { readonly id: string; readonly shutdown_date: string };

/** What all requests of one simulator share. */
export interface ServerState {
  readonly gate: Gate;
  readonly record: Record;
  readonly script: { answer: Answer; pace: Pace };
  readonly models: readonly OfferedModel[];
  /** Undefined: nothing is limited, and no header says anything of it. */
  limits: SimulatedLimits | undefined;
  /** By key and model. */
  readonly limiters: Map<string, Limiter>;
  modelListings: number;
}

const chatBody = z.looseObject({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
});

/** Answers one HTTP request; never rejects. */
export async function route(
  state: ServerState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = `${request.method} ${request.url}`;
  if (path === "GET /v1/models") {
    state.modelListings += 1;
    const data = state.models.map((model) => ({
      ...(typeof model === "string" ? { id: model } : model),
      object: "model",
      created: 0,
      owned_by: "simulator",
    }));
    return sendJson(response, 200, { object: "list", data });
  }
  if (path !== "POST /v1/chat/completions") {
    return sendJson(response, 404, { error: { message: `Unknown request URL: ${path}` } });
  }
  const text = await readText(request);
  // Without a text the client went away before it had sent its question.
  if (text !== undefined) await chat(state, text, request, response);
}

async function chat(
  state: ServerState,
  text: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parsed = chatBody.safeParse(parseJson(text));
  if (!parsed.success) return sendJson(response, 400, { error: { message: parsed.error.message } });
  const { record, gate, script } = state;
  const { model, messages } = parsed.data;
  const key = keyOf(request);
  const limiter = limiterOf(state, `${key} ${model}`);
  const most = parsed.data.max_completion_tokens;
  const prompt = promptTokensOf({ messages });
  const reserved = prompt + (typeof most === "number" ? most : 0);
  const verdict = limiter?.ask(reserved, Date.now());
  for (const [name, value] of Object.entries(verdict?.headers ?? {})) response.setHeader(name, value);
  if (verdict?.admitted === false) return refuse(record, verdict, response);
  const recording = record.add({ model, messages, body: parsed.data, headers: request.headers, key });
  response.on("close", () => limiter?.settle(prompt + recording.sentTokens - reserved, Date.now()));
  response.on("finish", () => over(record, recording, "endedAtMs"));
  response.on("close", () => over(record, recording, "abortedAtMs"));
  const answer = toAnswer(script.answer, recording);
  await writeAnswer({ response, answer, pace: answer.pace ?? script.pace, recording, record, gate });
}

function limiterOf(state: ServerState, account: string): Limiter | undefined {
  if (state.limits === undefined) return undefined;
  const limiter = state.limiters.get(account) ?? new Limiter(state.limits, Date.now());
  state.limiters.set(account, limiter);
  return limiter;
}

/** In OpenAI's words. */
function refuse(record: Record, { retryAfterMs }: Verdict, response: ServerResponse): void {
  record.refused += 1;
  response.setHeader("retry-after-ms", Math.ceil(retryAfterMs));
  response.setHeader("retry-after", Math.ceil(retryAfterMs / 1_000));
  const error = { message: "Rate limit reached", type: "requests", param: null, code: "rate_limit_exceeded" };
  sendJson(response, 429, { error });
}

function over(record: Record, recording: Recording, how: "endedAtMs" | "abortedAtMs"): void {
  if (recording.endedAtMs !== undefined || recording.abortedAtMs !== undefined) return;
  recording[how] = Date.now();
  if (how === "endedAtMs") record.answered += 1;
  record.changed(recording);
}

function toAnswer(answer: Answer, request: SimulatedRequest): ScriptedAnswer {
  const given = typeof answer === "function" ? answer(request) : answer;
  const scripted = typeof given === "string" ? { text: given } : given;
  const refused = scripted.habits?.refuses?.find((name) => name in request.body);
  return refused === undefined ? scripted : { ...scripted, fault: refusal(refused) };
}

function refusal(param: string): Fault {
  const message = `Unsupported parameter: '${param}' is not supported with this model.`;
  const error = { message, type: "invalid_request_error", param, code: "unsupported_parameter" };
  return { kind: "status", status: 400, body: { error } };
}

function keyOf(request: IncomingMessage): string | undefined {
  const apiKey = request.headers["api-key"];
  if (typeof apiKey === "string") return apiKey;
  return request.headers.authorization?.replace(/^Bearer /iu, "");
}

async function readText(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of request) pieces.push(piece);
  } catch {
    return undefined;
  }
  return Buffer.concat(pieces).toString();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
