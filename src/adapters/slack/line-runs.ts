/** Runs by their lines: a style of Slack's ends with its line, so every line has runs of its own. */

import type { Run } from "../../core/markdown/runs.ts";

/** The runs of each line, at least one line; without the line breaks between them. */
export function lineRuns(runs: readonly Run[]): Run[][] {
  const lines: Run[][] = [[]];
  for (const run of runs) {
    for (const [index, text] of run.text.split("\n").entries()) {
      if (index > 0) lines.push([]);
      if (text !== "") lines.at(-1)?.push({ ...run, text });
    }
  }
  return lines;
}
