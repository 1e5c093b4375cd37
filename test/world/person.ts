/** A person who talks to the bot, in words that fit every platform. */

import { expect } from "vitest";

/** What one message of the bot looked like, and when. */
export interface Look {
  readonly atMs: number;
  readonly text: string;
}

/** One conversation between a person and the bot, seen with the person's eyes. */
export interface Person {
  /** Writes to the bot in the one conversation that they have. */
  says(text: string): void;
  /** The bot's messages in the conversation as they stand now, oldest first. */
  answers(): readonly string[];
  /** Every look of every message of the bot's, deleted ones too, in order of the messages. */
  looks(): readonly (readonly Look[])[];
  /** The busy sign is shown. */
  isBusy(): boolean;
  /** Resolves as soon as `holds`; looks after every change of the platform. */
  until(holds: () => boolean, deadlineMs?: number): Promise<void>;
}

/** How long a person waits before a test counts as failed, in ms. */
export const patienceMs = 60_000;

/** Resolves when exactly these messages of the bot's are visible; fails with both lists when they do not come. */
export async function sees(person: Person, ...texts: readonly string[]): Promise<void> {
  const isSo = () => {
    const answers = person.answers();
    return answers.length === texts.length && answers.every((answer, index) => answer === texts[index]);
  };
  await person.until(isSo, patienceMs).catch(() => undefined);
  expect(person.answers()).toEqual(texts);
}

/** Resolves when a message of the bot's holds `part`. */
export async function seesPart(person: Person, part: string, deadlineMs = patienceMs): Promise<void> {
  const isSo = () => person.answers().some((answer) => answer.includes(part));
  await person.until(isSo, deadlineMs).catch(() => undefined);
  expect(person.answers().join("\n---\n")).toContain(part);
}
