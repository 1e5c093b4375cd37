/** Texts that say when they were written: what a person sees of such an answer tells how old it is. */

import { z } from "zod";

/** Stamps count ms and begin anew after 28 minutes: longer than any answer, and four characters at most. */
const wrapMs = 36 ** 4;

/** One question of a bench of streams. */
export interface StreamQuestion {
  readonly id: string;
  /** How long the model speaks, in ms. */
  readonly forMs: number;
}

const question = z.tuple([z.string(), z.coerce.number()]);

/** The question as a person types it. */
export function toText({ id, forMs }: StreamQuestion): string {
  return `Please speak: ${id} ${forMs}`;
}

/** @throws ZodError when `text` was not made by {@link toText} */
export function parseQuestion(text: string): StreamQuestion {
  const [id, forMs] = question.parse(text.split(" ").slice(-2));
  return { id, forMs };
}

/** The tokens of the answer, each made when it is asked for. */
export function* stampedTokens({ id, forMs }: StreamQuestion): Generator<string> {
  const startedAt = Date.now();
  yield `${id}: ${stamp()}`;
  while (Date.now() - startedAt < forMs) yield ` ${stamp()}`;
  yield ` ${stamp()} end-${id}`;
}

function stamp(): string {
  return (Date.now() % wrapMs).toString(36);
}

/** What is visible of an answer. */
export interface Visible {
  readonly id: string;
  /** When its first and its newest visible token were written, in ms since the epoch. */
  readonly firstAtMs: number;
  readonly newestAtMs: number;
  readonly isWhole: boolean;
}

/** Reads what {@link stampedTokens} wrote; undefined for any other text. */
export function readVisible(text: string): Visible | undefined {
  const match = /^(\w+): ([\da-z]+)(?:.*?([\da-z]+))?(?: end-(\w+))?\W*$/s.exec(text);
  if (match === null) return undefined;
  const [, id = "", first = "", newest = first, end] = match;
  return { id, firstAtMs: toMs(first), newestAtMs: toMs(newest), isWhole: end === id };
}

/** The moment before now that `stamp` means. */
function toMs(written: string): number {
  const now = Date.now();
  return now - ((now - Number.parseInt(written, 36)) % wrapMs);
}
