/** The chat API of a bench: its pace is in the question, and it notes its own time to the first token of each answer. */

import { startModelSimulator } from "../simulator/model/index.ts";
import type { ScriptedAnswer } from "../simulator/model/script.ts";
import { parseQuestion, type Question, words } from "./question.ts";
import { serve } from "./rpc.ts";

/** About 300 characters. */
const shortAnswer = words(50);
const longAnswer = words(60);
/** Longer than any bench lasts. */
const endlessAnswer = words(2_000);

const answers = {
  instant: (id) => ({ text: `${id}: ${shortAnswer} end-${id}` }),
  // The first token alone is worth a post.
  burst: (id) => paced([`${id}: ${words(6)}`, ...tokens(longAnswer), ` end-${id}`]),
  words: (id) => paced([`${id}: `, ...tokens(longAnswer), ` end-${id}`]),
  slow: (id) => ({ ...paced([`${id}: ${words(8)}`, ...tokens(endlessAnswer)], 5_000) }),
} as const satisfies Record<Question["pace"], (id: string) => ScriptedAnswer>;

function paced(pieces: readonly string[], tokenMs = 20): ScriptedAnswer {
  return { tokens: pieces, pace: { firstTokenMs: 100, tokenMs } };
}

function tokens(text: string): readonly string[] {
  return text.match(/\S+\s*/g) ?? [];
}

const firstTokenMs = new Map<string, number>();

const simulator = await startModelSimulator({
  keep: 5_000,
  answer: ({ messages, number }) => {
    const { pace, id } = parseQuestion(messages.at(-1)?.content ?? "");
    if (pace === "burst" || pace === "words") {
      const askedAt = performance.now();
      const first = simulator.hasSent(1, (request) => request.number === number);
      first.then(() => firstTokenMs.set(id, performance.now() - askedAt)).catch(() => undefined);
    }
    return answers[pace](id);
  },
});

const calls = {
  url: () => simulator.url,
  /** Ms from a question's arrival to its first token, by the question's id; forgotten when told. */
  firstTokens: () => {
    const told = Object.fromEntries(firstTokenMs);
    firstTokenMs.clear();
    return told;
  },
  cpuUsage: () => process.cpuUsage(),
};

/** What the model's process can be asked. */
export type ModelCalls = typeof calls;

serve(calls);
