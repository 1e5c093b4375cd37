/** What people write, shown in the bot's own sentences: as code, which nothing in it ends. Pure. */

import { beginningOf } from "./beginning.ts";

/** On one line and short: it is shown as it was written and does nothing. */
export function asCode(text: string): string {
  const line = text.replace(/[`\s\p{C}]+/gu, " ").trim();
  return `\`${beginningOf(line, 80) || " "}\``;
}
