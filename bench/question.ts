/** What people of a bench ask: how the model is to pace its answer, and which question it is. */

import { z } from "zod";

/** `instant`: all at once · `burst`: the first token is 40 characters · `words`: word by word · `slow`: a word every 5 s. */
const paces = ["instant", "burst", "words", "slow"] as const;

const question = z.object({ pace: z.enum(paces), id: z.string() });

/** One question. Its answer begins with `<id>:` and, but for slow ones, ends with `end-<id>`. */
export type Question = z.output<typeof question>;

/** The question as a person types it. */
export function toText({ pace, id }: Question): string {
  return `Please answer in this manner: ${pace} ${id}`;
}

/** @throws ZodError when `text` was not made by {@link toText} */
export function parseQuestion(text: string): Question {
  const [pace, id] = text.split(" ").slice(-2);
  return question.parse({ pace, id });
}

/** So many words of six letters with a space behind each. */
export function words(count: number): string {
  return "parley"
    .repeat(count)
    .replace(/parley/g, "parley ")
    .trimEnd();
}
