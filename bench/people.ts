/** The people of a bench: they write at a rate or one question after the other, and see what is shown to them. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Question, toText } from "./question.ts";

/** Conversations on one platform, whichever it is. */
export interface Conversations {
  /** A person writes into a conversation. */
  says(conversation: number, text: string): void;
  /** Tells `listener` of each text of the bot's that becomes visible, by post or edit. Called once. */
  onShown(listener: (conversation: number, text: string, how: "post" | "edit") => void): void;
}

/** What a person waits for in a conversation. */
interface Waiting {
  readonly id: string;
  readonly saidAt: number;
  /** Called with what is visible of the answer, at each change. */
  readonly seen: (text: string) => void;
}

/** How the platform delivers. */
export interface WayIn {
  /** By requests to Parley; else Parley connects outward. */
  readonly http: boolean;
}

/** What a bench asks of a platform's process. */
export type PeopleCalls = ReturnType<typeof createPeople>;

/** Makes the people of `conversations`. Times are in ms. */
export function createPeople(conversations: Conversations) {
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  let edits = 0;
  conversations.onShown((conversation, text, how) => {
    if (how === "edit") edits += 1;
    const one = waiting.get(conversation);
    if (one !== undefined && text.startsWith(`${one.id}:`)) one.seen(text);
  });

  /** @returns ms until the first words are visible · `whole` resolves when the answer is */
  const ask = (conversation: number, pace: Question["pace"]) => {
    asked += 1;
    const id = `${pace}${asked}`;
    const first = Promise.withResolvers<number>();
    const whole = Promise.withResolvers<void>();
    const saidAt = performance.now();
    const seen = (text: string) => {
      first.resolve(performance.now() - saidAt);
      if (!text.endsWith(`end-${id}`)) return;
      waiting.delete(conversation);
      whole.resolve();
    };
    waiting.set(conversation, { id, saidAt, seen });
    conversations.says(conversation, toText({ pace, id }));
    return { id, first: first.promise, whole: whole.promise };
  };

  return {
    /**
     * `people` in turn ask `questions` questions, `perSecond` a second, of all paces in turn.
     * @returns the ms to the first visible words, by the question's id, when all answers are whole
     */
    async askAtRate({
      perSecond,
      questions,
      paces,
      people,
    }: RateOrder): Promise<Readonly<Record<string, number>>> {
      const answers = [];
      const startedAt = performance.now();
      for (let index = 0; index < questions; index += 1) {
        await sleep(Math.max(0, startedAt + (index * 1_000) / perSecond - performance.now()));
        const pace = paces[index % paces.length] ?? "instant";
        answers.push(ask(index % people, pace));
      }
      const times = answers.map(async ({ id, first, whole }) => {
        await whole;
        return [id, await first] as const;
      });
      return Object.fromEntries(await Promise.all(times));
    },

    /**
     * `people` ask one instant question after the other for `forMs`, each time in the conversation that has rested longest.
     * @returns how many were answered in how long
     */
    async askWithoutPause({ people, conversations: count, forMs }: CrowdOrder) {
      const startedAt = performance.now();
      let answered = 0;
      const resting = Array.from({ length: count }, (_, index) => index);
      const talk = async () => {
        while (performance.now() - startedAt < forMs) {
          const conversation = resting.shift() ?? 0;
          await ask(conversation, "instant").whole;
          resting.push(conversation);
          answered += 1;
        }
      };
      await Promise.all(Array.from({ length: people }, talk));
      return { answered, tookMs: performance.now() - startedAt };
    },

    /** Begins `streams` slow answers, 200 a second. Resolves when something of each is visible. */
    async beginSlow({ streams }: { readonly streams: number }): Promise<void> {
      const begun = [];
      for (let conversation = 0; conversation < streams; conversation += 1) {
        if (conversation % 20 === 0) await sleep(100);
        begun.push(ask(conversation, "slow").first);
      }
      await Promise.all(begun);
    },

    /** Edits since it was last asked. */
    edits: () => {
      const seen = edits;
      edits = 0;
      return seen;
    },

    cpuUsage: () => process.cpuUsage(),
  };
}

interface CrowdOrder {
  readonly people: number;
  readonly conversations: number;
  readonly forMs: number;
}

interface RateOrder {
  readonly perSecond: number;
  readonly questions: number;
  readonly people: number;
  readonly paces: readonly Question["pace"][];
}
