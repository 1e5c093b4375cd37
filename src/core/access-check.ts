/** Who may use the bot and change what: asked at every use, never kept. */

import { type Access, type AccessRules, type Asker, isOwner, mayUse } from "./access.ts";
import type { Right } from "./commands/rights.ts";
import type { AccessStore, Standing } from "./standing.ts";

/** How far the platform's own role of somebody reaches from a chat: over the chat, over its whole workspace. */
export type PlaceRole = "workspace" | "chat";

/** What the decisions rest on. */
export interface AccessCheckOptions {
  /** What is configured. */
  readonly rules: AccessRules;
  readonly store: Pick<AccessStore, "standing">;
  /** Asks the platform what somebody is in the place where they write; not to know means no. */
  readonly placeRole: (asker: Asker) => Promise<PlaceRole | undefined>;
}

/** Decides about people as they ask. */
export interface AccessCheck {
  /** By what is stored now. */
  mayUse(asker: Asker): Promise<Access>;
  /** By what was stored when it was looked up. */
  decide(asker: Asker, standing: Standing): Access;
  /** What they may change now. */
  right(asker: Asker): Promise<Right>;
}

/** Makes the check. */
export function createAccessCheck({ rules, store, placeRole }: AccessCheckOptions): AccessCheck {
  const decide = (asker: Asker, standing: Standing) => mayUse(asker, rules, standing);
  return {
    decide,
    mayUse: async (asker) => decide(asker, await store.standing(asker)),
    right: async (asker) => {
      // A role is a person's: whoever may speak in a chat's name tomorrow would have it.
      if (asker.isChat === true) return "none";
      const standing = await store.standing(asker);
      if (isOwner(asker, rules, standing)) return "owner";
      if (!decide(asker, standing).allowed) return "none";
      if (standing.isAdmin) return "admin";
      return standing.trustsPlaceAdmins ? ((await placeRole(asker)) ?? "none") : "none";
    },
  };
}
