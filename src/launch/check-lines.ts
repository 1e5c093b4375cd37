/** What `npm run check` says: one line per thing that was tried. */

import { styleText } from "node:util";
import type { Secret } from "../config/secret.ts";

/** `ok`: as it has to be. `note`: works, but somebody has to know. `bad`: does not work. */
export interface CheckLine {
  readonly mark: "ok" | "note" | "bad";
  /** A sentence; where something is to be done, it says what. */
  readonly text: string;
}

const colours = new Map<string, "green" | "yellow" | "red">([
  ["✓", "green"],
  ["!", "yellow"],
  ["✗", "red"],
]);

const marks = { ok: "✓", note: "!", bad: "✗" } as const;

/** All fine. */
export const ok = (text: string): CheckLine => ({ mark: "ok", text });
/** Worth knowing. */
export const note = (text: string): CheckLine => ({ mark: "note", text });
/** Has to be mended. */
export const bad = (text: string): CheckLine => ({ mark: "bad", text });

/** Said where a party was reached through its proxy. The address is shown without credentials. */
export function proxyWorks(party: string, proxyUrl: Secret | undefined): readonly CheckLine[] {
  return proxyUrl === undefined ? [] : [ok(`${party}: the proxy ${new URL(proxyUrl.reveal()).host} works.`)];
}

/** The line as it stands in the terminal; further lines of its text are set in. */
export function formatLine({ mark, text }: CheckLine): string {
  return `${marks[mark]} ${text.replaceAll("\n", "\n  ")}`;
}

/** The same line with its mark in colour, where a person reads it at a terminal that has some. */
export function withColour(line: string): string {
  return line.replace(/^[✓!✗]/u, (mark) => styleText(colours.get(mark) ?? "bold", mark));
}
