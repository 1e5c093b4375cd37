/** What somebody is told who may not use the bot: which entry would allow it, once a day in each chat. Pure. */

import type { Access, Asker } from "./access.ts";
import { words } from "./words.ts";

/** A notice, and the key under which it is claimed: nobody else's notice in the chat stands in its way. */
export interface Refusal {
  readonly key: string;
  readonly text: string;
}

/** The notice for `asker`, whom `decision` refuses. */
export function toRefusal(
  { platform, scope, chat }: Asker,
  { refused, entry }: Extract<Access, { readonly allowed: false }>,
): Refusal {
  const text = refused === "person" ? words.refusedPerson(entry) : words.refusedPlace(entry);
  return { key: `refused:${platform}:${scope}:${chat}:${entry}`, text };
}
