/** Who the bot is. Asked until there is an answer; a failure is never remembered. */

import { z } from "zod";
import { type Connection, forGrammy } from "./connection.ts";
import { toTelegramError } from "./errors.ts";

const identity = z.object({
  id: z.number().int(),
  username: z.string(),
});

/** The bot as the platform knows it. */
export interface BotIdentity {
  readonly id: number;
  /** Without the @. */
  readonly username: string;
}

/** Asks getMe once. @throws TelegramError */
export async function identify({ api }: Connection, signal: AbortSignal): Promise<BotIdentity> {
  const me = await api.getMe(forGrammy(signal)).catch((error: unknown) => {
    throw toTelegramError(error, "getMe");
  });
  return identity.parse(me);
}
