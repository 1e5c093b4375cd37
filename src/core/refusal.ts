/** What somebody is told who may not use the bot: which entry would allow it, once a day in each chat. Pure. */

import type { Access, Asker } from "./access.ts";
import { words } from "./words.ts";

type Refused = Extract<Access, { readonly allowed: false }>;

/** A notice, and the key under which it is claimed: nobody else's notice in the chat stands in its way. */
export interface Refusal {
  readonly key: string;
  readonly text: string;
}

/** The notice for `asker`, whom `decision` refuses. */
export function toRefusal({ platform, scope, chat }: Asker, { refused, entry }: Refused): Refusal {
  return { key: `refused:${platform}:${scope}:${chat}:${entry}`, text: toText(refused, entry) };
}

function toText(refused: Refused["refused"], entry: string): string {
  switch (refused) {
    case "person":
      return words.refusedPerson(entry);
    case "place":
      return words.refusedPlace(entry);
    case "denied":
      return words.refusedForGood;
    default:
      return refused satisfies never;
  }
}
