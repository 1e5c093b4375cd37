/** Who the bot is. Asked until there is an answer; a failure is never remembered. */

import { z } from "zod";
import { type Connection, forGrammy } from "./connection.ts";
import { toTelegramError } from "./errors.ts";

const identity = z.object({
  id: z.number().int(),
  username: z.string(),
  first_name: z.string(),
  can_read_all_group_messages: z.boolean().optional(),
});

/** The bot as the platform knows it. */
export interface BotIdentity {
  readonly id: number;
  /** Without the @. */
  readonly username: string;
  readonly name: string;
  /** True when privacy mode is off. Admins of a group see everything regardless. */
  readonly seesAllGroupMessages: boolean;
}

/** Asks getMe once. @throws TelegramError */
export async function identify({ api }: Connection, signal: AbortSignal): Promise<BotIdentity> {
  const me = await api.getMe(forGrammy(signal)).catch((error: unknown) => {
    throw toTelegramError(error, "getMe");
  });
  const { id, username, first_name: name, can_read_all_group_messages } = identity.parse(me);
  return { id, username, name, seesAllGroupMessages: can_read_all_group_messages === true };
}
