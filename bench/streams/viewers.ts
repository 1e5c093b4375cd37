/** The people of a bench of streams: each asks once and looks at its answer until that is whole. */

import type { Conversations } from "../people.ts";
import { readVisible, type StreamQuestion, toText } from "./stamped.ts";

/** One answer as it was seen; all times in ms since the epoch. */
export interface SeenStream {
  /** When its first and last token were written. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** Each state that was shown: when, and when its newest token was written. */
  readonly shown: readonly (readonly [atMs: number, newestAtMs: number])[];
}

/** What the process of a platform can be asked. */
export type ViewerCalls = ReturnType<typeof createViewers>;

/** Makes the people of `conversations`. */
export function createViewers(conversations: Conversations) {
  const listeners = new Map<number, (text: string) => void>();
  conversations.onShown((conversation, text) => listeners.get(conversation)?.(text));

  return {
    /** A person asks. @returns what was seen, when it is whole */
    watch: ({ conversation, ...question }: StreamQuestion & { readonly conversation: number }) =>
      new Promise<SeenStream>((resolve) => {
        const shown: [number, number][] = [];
        listeners.set(conversation, (text) => {
          const visible = readVisible(text);
          if (visible?.id !== question.id) return;
          shown.push([Date.now(), visible.newestAtMs]);
          if (!visible.isWhole) return;
          listeners.delete(conversation);
          resolve({ firstAtMs: visible.firstAtMs, lastAtMs: visible.newestAtMs, shown });
        });
        conversations.says(conversation, toText(question));
      }),
  };
}
