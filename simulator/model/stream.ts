/** Writes one scripted answer onto a response, as Server-Sent Events or as whatever its fault demands. */

import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Envelope } from "./envelope.ts";
import type { Gate } from "./gate.ts";
import type { Record, Recording } from "./record.ts";
import { type Fault, type Pace, type ScriptedAnswer, tokensOf, wordsOf } from "./script.ts";

/** What writing needs. */
export interface Job {
  readonly response: ServerResponse;
  readonly answer: ScriptedAnswer;
  readonly pace: Pace;
  readonly recording: Recording;
  readonly record: Record;
  readonly gate: Gate;
}

type BreakFault = Extract<Fault, { kind: "break" }>;

/** Writes the answer; resolves when all of it is written, or when it is broken as scripted. */
export async function writeAnswer(job: Job): Promise<void> {
  const { answer, response } = job;
  const fault = answer.fault;
  const envelope = new Envelope(job.recording, answer);
  if (fault !== undefined && fault.kind !== "break") return await writeFault(job, fault, envelope);
  if (job.recording.body.stream !== true) return writeJson(job, envelope);
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
  });
  if (fault?.kind === "break" && "bytes" in fault.after)
    return breakAtByte(job, fault, fault.after.bytes, envelope);
  const instant =
    answer.habits?.keepAlive === undefined &&
    answer.raw === undefined &&
    job.pace.firstTokenMs === 0 &&
    job.pace.tokenMs === 0 &&
    job.gate.open &&
    fault === undefined;
  if (instant) return writeAtOnce(job, envelope);
  await writeTokens(job, envelope, fault);
}

async function writeFault(job: Job, fault: Exclude<Fault, BreakFault>, envelope: Envelope): Promise<void> {
  const { response } = job;
  switch (fault.kind) {
    case "status": {
      const isText = typeof fault.body === "string";
      response.writeHead(fault.status, {
        "content-type": isText ? "text/html" : "application/json",
        ...fault.headers,
      });
      response.end(isText ? fault.body : JSON.stringify(fault.body));
      return;
    }
    case "mute":
      if (fault.headers) response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      return;
    case "refuse":
      ended(job);
      response.socket?.resetAndDestroy();
      return;
    case "json":
      return writeJson(job, envelope);
    case "html":
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end("<!doctype html><title>Sign in</title><p>Please sign in to this network.</p>");
      return;
    case "longLine":
      response.writeHead(200, { "content-type": "text/event-stream" });
      return await flood(
        response,
        "a".repeat(65_536),
        fault.bytes,
        'data: {"choices":[{"delta":{"content":"',
      );
    case "endless":
      response.writeHead(200, { "content-type": "text/event-stream" });
      return await flood(response, envelope.chunk(fault.delta).repeat(64), Number.POSITIVE_INFINITY, "");
    default:
      return fault satisfies never;
  }
}

/** Writes `piece` again and again up to `bytes`, no faster than it is read; stays silent after that. */
async function flood(response: ServerResponse, piece: string, bytes: number, head: string): Promise<void> {
  response.write(head);
  for (let written = 0; written < bytes && !response.destroyed; written += piece.length) {
    if (!response.write(piece)) await drained(response);
  }
}

/** Resolves when the client has read what was written, or has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.off("drain", go).off("close", go);
      resolve();
    };
    response.on("drain", go).on("close", go);
  });
}

function writeJson(job: Job, envelope: Envelope): void {
  const tokens = [...tokensOf(job.answer)];
  const text = tokens.join("");
  sent(job, tokens.length, text);
  job.response.writeHead(200, { "content-type": "application/json" });
  job.response.end(envelope.whole(text));
}

function writeAtOnce(job: Job, envelope: Envelope): void {
  const tokens = [...tokensOf(job.answer)];
  let body = envelope.opening();
  for (const token of tokens) body += envelope.token(token);
  sent(job, tokens.length, tokens.join(""));
  job.response.end(body + envelope.closing());
}

async function writeTokens(job: Job, envelope: Envelope, fault: BreakFault | undefined): Promise<void> {
  const { answer, gate, pace, recording, response } = job;
  response.write(envelope.opening());
  if (pace.firstTokenMs > 0) await sleep(pace.firstTokenMs);
  for (const payload of answer.raw ?? []) {
    if (response.destroyed) return;
    if (!response.write(`data: ${payload}\n\n`)) await drained(response);
  }
  for (const word of answer.reasoning === undefined ? [] : wordsOf(answer.reasoning)) {
    if (response.destroyed) return;
    response.write(envelope.reasoning(word));
    if (pace.tokenMs > 0) await sleep(pace.tokenMs);
  }
  const breakAt =
    fault !== undefined && "tokens" in fault.after ? fault.after.tokens : Number.POSITIVE_INFINITY;
  for (const token of tokensOf(answer)) {
    if (fault !== undefined && recording.sentTokens >= breakAt) return breakOff(job, fault, envelope);
    await keepAlive(job);
    await gate.pass(recording.sentTokens);
    if (response.destroyed) return;
    response.write(envelope.token(token));
    sent(job, 1, token);
    if (pace.tokenMs > 0) await sleep(pace.tokenMs);
  }
  if (fault !== undefined) return breakOff(job, fault, envelope);
  await gate.pass(recording.sentTokens);
  response.end(envelope.closing());
}

async function keepAlive({ answer, recording, response }: Job): Promise<void> {
  const how = answer.habits?.keepAlive;
  if (how === undefined || recording.sentTokens !== how.afterTokens) return;
  for (let sent = 0; sent < how.comments && !response.destroyed; sent += 1) {
    await sleep(how.everyMs);
    response.write(": keep-alive\n\n");
  }
}

function breakAtByte(job: Job, fault: BreakFault, bytes: number, envelope: Envelope): void {
  const tokens = [...tokensOf(job.answer)];
  const whole =
    envelope.opening() + tokens.map((token) => envelope.token(token)).join("") + envelope.closing();
  job.response.write(Buffer.from(whole).subarray(0, bytes), () => breakOff(job, fault, envelope));
}

function breakOff(job: Job, fault: BreakFault, envelope: Envelope): void {
  const { response } = job;
  switch (fault.how) {
    case "end":
      response.end();
      return;
    case "fin":
      ended(job);
      // After the bytes have left, so that the client sees them before the end.
      response.write("", () => response.socket?.end());
      return;
    case "reset":
      ended(job);
      // After the bytes have left, so that the client can read them before the reset.
      response.write("", () => response.socket?.resetAndDestroy());
      return;
    case "error":
      response.end(envelope.error(fault.error));
      return;
    case "silence":
      return;
    default:
      fault.how satisfies never;
  }
}

/** The simulator itself ends it, so that the closing socket does not count as the client's doing. */
function ended(job: Job): void {
  job.recording.endedAtMs = Date.now();
}

function sent(job: Job, tokens: number, text: string): void {
  job.recording.sentTokens += tokens;
  job.recording.sentText += text;
  job.record.changed(job.recording);
}
