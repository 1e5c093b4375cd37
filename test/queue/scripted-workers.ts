/** Workers whose turns a test scripts, and a record of what they took. */

import type { TurnEnd, TurnSignals } from "../../src/core/turn.ts";
import type { TakenTurn } from "../../src/core/turn-store.ts";
import type { OpenQueue, Work, Workers } from "../../src/queue/queue.ts";

type Run = (turn: TakenTurn, signals: TurnSignals) => Promise<TurnEnd>;

/** Workers that run `run` for every turn; by default nothing is late, and commands come to nothing. */
export function startWorkers(
  queue: OpenQueue,
  run: Run,
  changes: Partial<Pick<Work, "lateAfterMs" | "answer" | "refuse">> = {},
): Workers & AsyncDisposable {
  const workers = queue.startWorkers({
    concurrency: 10,
    contextTokens: 1_000,
    lateAfterMs: 0,
    run,
    command: async () => undefined,
    refuse: async () => undefined,
    answer: async () => 0,
    stop: async () => undefined,
    opened: async () => 0,
    announce: async (_news, from) => ({ from, againMs: 0 }),
    repair: async (_repair, from) => ({ from, againMs: 0 }),
    ...changes,
  });
  return { ...workers, [Symbol.asyncDispose]: () => workers.stop(0) };
}

/** Finishes a turn with its question and an answer in the history. */
export async function finish(
  queue: OpenQueue,
  turn: TakenTurn,
  text = `answer ${turn.message.order}`,
): Promise<TurnEnd> {
  const { order } = turn.message;
  const entry = { tokens: 10, atMs: Date.now(), order };
  const waiting = await queue.store.finish(turn.fence, {
    entries: [
      { role: "user", text: turn.message.text, ...entry },
      { role: "assistant", text, ...entry },
    ],
    outcome: "answered",
    opensThread: false,
    deadLetter: undefined,
    repair: undefined,
  });
  return waiting === undefined ? { kind: "fenced" } : { kind: "finished", waiting };
}

/** Resolves when `count` turns have been taken; `turns` are what was taken. */
export function recorder(count: number) {
  const turns: TakenTurn[] = [];
  const all = Promise.withResolvers<void>();
  return {
    turns,
    all: all.promise,
    add(turn: TakenTurn) {
      turns.push(turn);
      if (turns.length === count) all.resolve();
    },
  };
}
