/** What people ask where a limit is short: the question says who asked it, and when. */

import { z } from "zod";

const question = z.object({ user: z.coerce.number(), askedAtMs: z.coerce.number() });

/** One question. */
export type LimitedQuestion = z.output<typeof question>;

/** As a person types it. */
export function toText({ user, askedAtMs }: LimitedQuestion): string {
  return `Please tell me something of ${user} at ${askedAtMs}`;
}

/** @throws ZodError when `text` was not made by {@link toText} */
export function parseText(text: string): LimitedQuestion {
  const [user, , askedAtMs] = text.split(" ").slice(-3);
  return question.parse({ user, askedAtMs });
}

/** What the model is told before. */
export const systemPrompt =
  "You are a helpful assistant in a chat. Answer to the point, in Markdown where it helps.";

/** Who asks, and how often. */
export interface Demand {
  readonly seconds: number;
  /** Questions a second, by user. */
  readonly perSecond: readonly number[];
}

/** Asks by `ask` as often as `demand` says, evenly; resolves when the time is over. */
export async function askByPlan(
  { seconds, perSecond }: Demand,
  ask: (question: LimitedQuestion) => void,
): Promise<void> {
  const plan = perSecond
    .flatMap((rate, user) =>
      Array.from({ length: Math.floor(rate * seconds) }, (_, turn) => ({
        user,
        // So that not everybody asks at the same moment.
        atMs: ((turn + ((user * 0.618) % 1)) * 1_000) / rate,
      })),
    )
    .toSorted((a, b) => a.atMs - b.atMs);
  const startedAt = performance.now();
  for (const { user, atMs } of plan) {
    const waitMs = atMs - (performance.now() - startedAt);
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    ask({ user, askedAtMs: Date.now() });
  }
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000 - (performance.now() - startedAt)));
}
