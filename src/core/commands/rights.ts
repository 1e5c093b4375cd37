/** Who may change settings of which scope, and give which commands. Pure. */

import type { ScopeKind } from "../settings/scopes.ts";
import type { CommandDeclaration } from "./declarations.ts";

/**
 * What a person may change. A right belongs to a person, never to a chat.
 * - `owner`: everything.
 * - `admin`: chats and their workspace, and who may use the bot.
 * - `workspace`, `chat`: that is theirs by the platform's own roles, and what lies within.
 * - `none`: nothing; looking is open to everybody.
 */
export type Right = "owner" | "admin" | "workspace" | "chat" | "none";

/** True when somebody with `right` may change settings of a scope. */
export function mayChange(right: Right, scope: ScopeKind): boolean {
  switch (right) {
    case "owner":
      return true;
    case "admin":
    case "workspace":
      return scope !== "default";
    case "chat":
      return scope === "chat" || scope === "conversation";
    case "none":
      return false;
    default:
      return right satisfies never;
  }
}

/** True when a command is not unknown to somebody with `right`. */
export function mayGive(right: Right, who: CommandDeclaration["who"]): boolean {
  switch (who) {
    case "everyone":
      return true;
    case "admins":
      return right !== "none";
    case "bot admins":
      return right === "owner" || right === "admin";
    default:
      return who satisfies never;
  }
}
