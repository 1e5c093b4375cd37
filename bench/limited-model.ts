/** A chat API with limits, and what it admitted of whom. */

import { promptTokensOf } from "../simulator/model/envelope.ts";
import { type ModelSimulator, startModelSimulator } from "../simulator/model/index.ts";
import type { SimulatedLimits } from "../simulator/model/limits.ts";
import { parseText } from "./limited-question.ts";
import { words } from "./question.ts";
import { serve } from "./rpc.ts";

/** One request that was admitted. */
export interface AdmittedRequest {
  readonly user: number;
  readonly atMs: number;
  /** Since the person asked. */
  readonly waitMs: number;
  readonly tokens: number;
}

let simulator: ModelSimulator;
let admitted: AdmittedRequest[] = [];

/** Answers of 50 to 150 words. */
function answerWords(number: number): string[] {
  return words(50 + ((number * 37) % 101)).match(/\S+\s*/g) ?? [];
}

const calls = {
  /** @returns the base URL of a server that nobody has called yet */
  async begin(limits: SimulatedLimits): Promise<string> {
    admitted = [];
    simulator = await startModelSimulator({
      keep: 100,
      limits,
      pace: { firstTokenMs: 800, tokenMs: 0 },
      answer: ({ messages, number }) => {
        const tokens = answerWords(number);
        const { user, askedAtMs } = parseText(messages.at(-1)?.content ?? "");
        const atMs = Date.now();
        const all = promptTokensOf({ messages }) + tokens.length;
        admitted.push({ user, atMs, waitMs: atMs - askedAtMs, tokens: all });
        return { tokens };
      },
    });
    return simulator.url;
  },
  /** Ends it. @returns what it has admitted, and how much it has refused */
  async end() {
    const refused = simulator.refused();
    await simulator.close();
    return { admitted, refused };
  },
};

/** What the model's process can be asked. */
export type LimitedModelCalls = typeof calls;

serve(calls);
