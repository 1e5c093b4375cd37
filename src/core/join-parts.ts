/** Makes one message of parts that belong together: a text that an app has cut, an album. */

import type { IncomingMessage, Part } from "./message.ts";
import { words } from "./words.ts";

/**
 * The message that the parts are together, under the id of the first that is for the bot.
 * @param parts in the platform's order, at least one
 */
export function joinParts(parts: readonly IncomingMessage[]): IncomingMessage {
  const lead = parts.find(({ onlyAsPart }) => onlyAsPart !== true) ?? parts[0];
  if (lead === undefined) throw new Error("A message has at least one part.");
  if (parts.length === 1) return lead;
  const unsupported = [...new Set(parts.flatMap((part) => part.unsupported ?? []))].join(words.content.and);
  const quoted = lead.quoted ?? parts.find((part) => part.quoted !== undefined)?.quoted;
  return {
    ...lead,
    text: joinTexts(parts),
    ...(unsupported === "" ? {} : { unsupported }),
    ...(quoted === undefined ? {} : { quoted }),
  };
}

function joinTexts(parts: readonly IncomingMessage[]): string {
  let joined = "";
  let glue = "";
  for (const { text, part } of parts) {
    if (text === "") continue;
    joined += joined === "" ? text : glue + text;
    glue = glueAfter(part);
  }
  return joined;
}

function glueAfter(part: Part | undefined): string {
  return part?.kind === "cut" ? part.glue : "\n";
}
