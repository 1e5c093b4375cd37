/** Inline tree → runs: stretches of text of one look, which is what platforms can show. */

import type { Inline } from "./tree.ts";

/** A stretch of text of one look. Code carries no other style and no link: no platform nests them. */
export interface Run {
  readonly text: string;
  readonly bold: boolean;
  readonly italic: boolean;
  readonly strike: boolean;
  readonly code: boolean;
  readonly url: string | undefined;
}

type Look = Omit<Run, "text">;

export const plainLook: Look = { bold: false, italic: false, strike: false, code: false, url: undefined };
const codeLook: Look = { ...plainLook, code: true };

/** Flattens inlines; line breaks become `\n`. Neighbours of the same look are one run. */
export function toRuns(inlines: readonly Inline[], look: Look = plainLook): Run[] {
  const runs: Run[] = [];
  for (const inline of inlines) for (const run of inlineRuns(inline, look)) append(runs, run);
  return runs;
}

function inlineRuns(inline: Inline, look: Look): Run[] {
  switch (inline.kind) {
    case "text":
      return [{ ...look, text: inline.text }];
    case "break":
      return [{ ...look, text: "\n" }];
    case "code":
      return [{ ...codeLook, text: inline.text }];
    case "strong":
      return toRuns(inline.children, { ...look, bold: true });
    case "emphasis":
      return toRuns(inline.children, { ...look, italic: true });
    case "strike":
      return toRuns(inline.children, { ...look, strike: true });
    case "link":
      return toRuns(inline.children, { ...look, url: inline.url });
    default:
      return inline satisfies never;
  }
}

function append(runs: Run[], run: Run): void {
  const last = runs.at(-1);
  if (last && isSameLook(last, run)) runs.splice(-1, 1, { ...last, text: last.text + run.text });
  else if (run.text !== "") runs.push(run);
}

export function isSameLook(a: Look, b: Look): boolean {
  return (
    a.bold === b.bold &&
    a.italic === b.italic &&
    a.strike === b.strike &&
    a.code === b.code &&
    a.url === b.url
  );
}

/** The text of runs without their looks. */
export function runsText(runs: readonly Run[]): string {
  return runs.map(({ text }) => text).join("");
}
