/** The port through which core asks a platform for people: their roles, their menus, where they read alone. */

import type { PlaceRole } from "../access-check.ts";
import type { Address } from "../conversation.ts";
import type { ReplyTarget } from "./reply-target.ts";

/** What a platform itself says of people, outside of turns. */
export interface PlatformPeople {
  /**
   * How far somebody's own role on the platform reaches from a chat, as it is now; undefined: they have none.
   * @throws ParleyError when the platform does not say
   */
  roleOf(address: Address, person: string, signal: AbortSignal): Promise<PlaceRole | undefined>;
  /** The scope of people whose entries name none; undefined where every entry names one. */
  readonly scope: string | undefined;
  /**
   * Offers somebody the commands that they may give, where the platform has a menu of their own for that. Repeating it is
   * harmless. @throws ParleyError when the platform does not take it
   */
  offerCommands(person: string, isAdmin: boolean, signal: AbortSignal): Promise<void>;
  /** Where somebody reads what they alone are told, without having asked. It may be `closed`. */
  directChat(scope: string, person: string): ReplyTarget;
}
