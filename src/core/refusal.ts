/** What somebody is told who may not use the bot: which entry would allow it, once a day in each chat. Pure. */

import type { Access, Asker } from "./access.ts";
import type { AccessRequest } from "./access-requests.ts";
import { words } from "./words.ts";

type Refused = Extract<Access, { readonly allowed: false }>;

/** A notice, and the key under which it is claimed: nobody else's notice in the chat stands in its way. */
export interface Refusal {
  readonly key: string;
  readonly text: string;
  /** What they ask for by it; undefined where it is decided that they are not let in. */
  readonly request: AccessRequest | undefined;
}

/** The notice for somebody who is refused. @param name their display name; untrusted */
export function toRefusal(
  { platform, scope, chat }: Asker,
  { refused, entry }: Refused,
  name: string,
): Refusal {
  const request = refused === "denied" ? undefined : { platform, scope, entry, subject: refused, name };
  // Who was told that they are not known yet is told once more that they are denied.
  const kind = refused === "denied" ? "denied" : "refused";
  return { key: `${kind}:${platform}:${scope}:${chat}:${entry}`, text: toText(refused, entry), request };
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
