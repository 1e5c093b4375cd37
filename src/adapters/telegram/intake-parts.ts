/** What either way of receiving needs: long polling and the webhook. */

import type { Events } from "../../core/events.ts";
import type { Inbox } from "../../core/inbox.ts";
import type { Timing } from "../../core/timing.ts";
import type { Connection } from "./connection.ts";
import type { BotIdentity } from "./identity.ts";

/** It belongs to the one intake that it is given to, which closes the connection. */
export interface IntakeParts {
  readonly botId: string;
  /** Sockets of its own, so that a poll that is given up takes no answer with it. */
  readonly connection: Connection;
  readonly inbox: Inbox;
  readonly events: Events;
  readonly timing: Timing;
  /** Telegram's ids of the bot's owners and admins, whose menus hold more. */
  readonly admins?: (() => Promise<readonly string[]>) | undefined;
  /** Who the bot is; rejects when Telegram does not say. */
  readonly identify: (signal: AbortSignal) => Promise<BotIdentity>;
}
