/**
 * An OpenAI-compatible chat API on loopback whose every byte a test decides: scripted answers, pace, faults, and a
 * record of what came in. It stands on `node:http` and not on `@copilotkit/aimock` (which serves the playground's demo
 * model): tests need streams that halt after the n-th token until released, breaks at any byte (FIN, RST, silence), malformed
 * answers, and an instant mode that costs next to nothing; aimock offers fixed latencies and well-formed answers.
 */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Gate } from "./gate.ts";
import type { SimulatedLimits } from "./limits.ts";
import { type Chooses, Record, type RecordedRequest } from "./record.ts";
import { type OfferedModel, route, type ServerState } from "./route.ts";
import type { Answer, Pace } from "./script.ts";

/** How a simulator starts; everything may change while it runs, but the port. */
export interface ModelSimulatorOptions {
  /** 0, the default, lets the OS choose. */
  readonly port?: number;
  /** What `GET /v1/models` lists. */
  readonly models?: readonly OfferedModel[];
  readonly answer?: Answer;
  readonly pace?: Pace;
  readonly limits?: SimulatedLimits;
  /** How many recorded requests are kept, newest first to stay; 10,000 by default, small for long benches. */
  readonly keep?: number;
}

/** A running simulator. */
export interface ModelSimulator extends AsyncDisposable {
  /** The base URL that a client is configured with: `http://127.0.0.1:…/v1`. */
  readonly url: string;
  /** Chat requests in order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** How many chat requests ever came. */
  received(): number;
  /** How many chat requests a rate limit refused; they count nowhere else. */
  refused(): number;
  /** How many answers were ended by the simulator (whole or broken as scripted), not by the client. */
  answered(): number;
  /** How many requests for the list of models came. */
  modelListings(): number;
  /** How many TCP connections were ever accepted. */
  connections(): number;
  /** Decides all answers from now on. */
  answerWith(answer: Answer, pace?: Pace): void;
  /** Limits from now on, with full buckets; undefined: none. */
  limit(limits: SimulatedLimits | undefined): void;
  /** Streams stop after this many tokens until {@link release} or a higher `hold`; 0: before the first. */
  hold(afterTokens: number): void;
  release(): void;
  /** Resolves when a request (that `chooses` holds for) has been sent `tokens` tokens of its answer. */
  hasSent(tokens: number, chooses?: Chooses): Promise<RecordedRequest>;
  /** Resolves with the `number`-th chat request when it has come. */
  hasReceived(number: number): Promise<RecordedRequest>;
  /** Resolves when the client has ended a request before its answer was over. */
  hasAborted(chooses?: Chooses): Promise<RecordedRequest>;
  /** Ends every connection at once. */
  close(): Promise<void>;
}

/** Starts a simulator on 127.0.0.1; resolves when it listens. */
export async function startModelSimulator(options: ModelSimulatorOptions = {}): Promise<ModelSimulator> {
  const gate = new Gate();
  const record = new Record(options.keep ?? 10_000);
  const script = {
    answer: options.answer ?? "Hello, this is the simulated model.",
    pace: options.pace ?? { firstTokenMs: 0, tokenMs: 0 },
  };
  const { models = ["test-model"], limits } = options;
  const state: ServerState = { gate, record, script, models, limits, limiters: new Map(), modelListings: 0 };
  const server = createServer((request, response) => void route(state, request, response));
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  // Longer than any client keeps an idle connection, so that a reused one is never closed under its request.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));

  async function close(): Promise<void> {
    gate.release();
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  }

  return {
    ...controls(state),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests: record.requests,
    received: () => record.received,
    refused: () => record.refused,
    answered: () => record.answered,
    modelListings: () => state.modelListings,
    connections: () => connections,
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Controls = "answerWith" | "limit" | "hold" | "release" | "hasSent" | "hasReceived" | "hasAborted";

function controls(state: ServerState): Pick<ModelSimulator, Controls> {
  const { gate, record, script } = state;
  return {
    limit(limits) {
      state.limits = limits;
      state.limiters.clear();
    },
    answerWith(answer, pace) {
      script.answer = answer;
      if (pace !== undefined) script.pace = pace;
    },
    hold: (afterTokens) => gate.hold(afterTokens),
    release: () => gate.release(),
    hasSent: (tokens, chooses = () => true) =>
      record.until((request) => request.sentTokens >= tokens && chooses(request)),
    hasReceived: (number) => record.until((request) => request.number === number),
    hasAborted: (chooses = () => true) =>
      record.until((request) => request.abortedAtMs !== undefined && chooses(request)),
  };
}
