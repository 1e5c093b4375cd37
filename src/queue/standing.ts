/** How a standing is asked of Redis and read: the arguments and the reply of `shared/standing.lua`. */

import { z } from "zod";
import { toConversationId } from "../core/conversation.ts";
import type { AskerIds, Decision, Standing } from "../core/standing.ts";
import type { ShardKeys } from "./keys.ts";
import type { ScriptArgument } from "./scripts.ts";

/** What scripts are given to look a standing up: `shared/standing.lua`. */
export function standingArguments(
  keys: ShardKeys,
  { platform, scope, chat }: Omit<AskerIds, "author">,
): { readonly keys: readonly string[]; readonly rest: readonly ScriptArgument[] } {
  const formerly = keys.formerly(toConversationId({ platform, scope, chat }));
  return { keys: [keys.access, keys.admins, keys.owners, formerly], rest: [platform, scope, chat] };
}

const storedStanding = z.tuple([
  z.string(),
  z.number(),
  z.number(),
  z.string(),
  z.string(),
  z.array(z.string()),
]);

/** @returns the author and their standing @throws ZodError when the script's reply is not understood */
export function parseStanding(reply: unknown): readonly [author: string, standing: Standing] {
  const [author, owner, admin, local, formerChat, decided] = storedStanding.parse(reply);
  const standing = {
    isOwner: owner === 1,
    isAdmin: admin === 1,
    trustsPlaceAdmins: local === "true",
    decisions: toDecisions(decided),
    formerChat: formerChat || undefined,
  };
  return [author, standing];
}

function toDecisions(list: readonly string[]): ReadonlyMap<string, Decision> {
  const decisions = new Map<string, Decision>();
  for (let i = 0; i + 1 < list.length; i += 2) {
    // Whatever else a later version may write there: only what is surely an allowance is one.
    decisions.set(list[i] as string, list[i + 1] === '"allow"' ? "allow" : "deny");
  }
  return decisions;
}
