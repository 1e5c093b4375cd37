/** What a button carries: the command's line itself, or a short token for one that is kept. Pure. */

import { createHash } from "node:crypto";
import type { MessageId } from "../conversation.ts";
import { type Choice, parseLine, toLine } from "./command-answer.ts";

/** One button, as an adapter shows it. */
export interface Button {
  readonly label: string;
  /** Comes back when it is pressed; within the adapter's bound. */
  readonly data: string;
  readonly isChosen?: true;
}

/** Keeps the lines that no button can carry. */
export interface ButtonStore {
  /** Keeps lines by their tokens, for a day from now. One round trip. */
  keep(lines: ReadonlyMap<string, string>): Promise<void>;
  /** Notes that what is replied to a message is the text of this line's command, for a day. */
  want(prompt: MessageId, line: string): Promise<void>;
  /** The line behind a token; undefined when it is too old. */
  find(token: string): Promise<string | undefined>;
}

/** What stands before a command's line, and before a token. */
const marks = { line: "/", token: "#" } as const;

/**
 * Makes the buttons of choices.
 * @param maxBytes of UTF-8 that a button of the platform carries; at least 32
 * @returns the buttons, and the lines that have to be kept before they are shown
 */
export function toButtons(
  choices: readonly (readonly Choice[])[],
  maxBytes: number,
): {
  readonly buttons: readonly (readonly Button[])[];
  readonly lines: ReadonlyMap<string, string>;
} {
  const lines = new Map<string, string>();
  const toButton = ({ label, isChosen, ...choice }: Choice): Button => {
    const line = toLine(choice);
    const isShort = Buffer.byteLength(line) < maxBytes;
    if (!isShort) lines.set(tokenOf(line), line);
    const data = isShort ? marks.line + line : marks.token + tokenOf(line);
    return { label, data, ...(isChosen === undefined ? {} : { isChosen }) };
  };
  return { buttons: choices.map((row) => row.map(toButton)), lines };
}

/** What a button of a command carries whose line surely fits. */
export function toButtonData(choice: Pick<Choice, "command" | "argument">): string {
  return marks.line + toLine(choice);
}

/** The name of a press whose line is kept under a token, which is its argument; no command has it. */
export const keptLine = "#";

/** What a pressed button says: a command, or {@link keptLine} and a token; undefined when it is none of ours. */
export function parseButton(data: string): { readonly name: string; readonly argument: string } | undefined {
  const rest = data.slice(1);
  if (/^#[\w-]{22}$/.test(data)) return { name: keptLine, argument: rest };
  const line = data.startsWith(marks.line) ? parseLine(rest) : undefined;
  return line && { name: line.command, argument: line.argument };
}

/** The same line has the same token, so that keeping it again changes nothing but its age. */
function tokenOf(line: string): string {
  return createHash("sha256").update(line).digest("base64url").slice(0, 22);
}
