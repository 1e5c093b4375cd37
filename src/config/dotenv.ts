/** The text of `.env` → variables, and the lines that would be passed over in silence. */

import { parse } from "dotenv";
import type { Problem } from "./problems.ts";

/** Reads `.env`. A line that is neither `NAME=value`, comment nor empty is a problem: a typo there is a silent default. */
export function parseDotenv(text: string): {
  readonly variables: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
} {
  return { variables: parse(text), problems: strayLines(text).map(strayLine) };
}

function strayLine(number: number): Problem {
  return { name: `.env, line ${number},`, message: "is not of the form NAME=value, so nothing reads it." };
}

/** The numbers of lines that nobody reads; a value in quotes may go on over several lines. */
function strayLines(text: string): readonly number[] {
  const stray: number[] = [];
  let quote: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (quote !== undefined) {
      if (line.includes(quote)) quote = undefined;
      continue;
    }
    if (/^\s*(#|$)/.test(line)) continue;
    const match = /^\s*(?:export\s+)?[\w.-]+\s*(?:=|:\s)\s*(["'`])?(.*)$/.exec(line.replace(/^\uFEFF/, ""));
    if (match === null) stray.push(index + 1);
    else if (match[1] !== undefined && !match[2]?.includes(match[1])) quote = match[1];
  }
  return stray;
}
