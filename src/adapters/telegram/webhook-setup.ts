/** The webhook as Telegram has it: set by us, looked at now and then, never fought over. */

import { z } from "zod";
import type { Events } from "../../core/events.ts";
import { platformName } from "./address.ts";
import { type Connection, forGrammy } from "./connection.ts";
import { toTelegramError } from "./errors.ts";
import { allowedUpdates } from "./update.ts";

/** Where Telegram is to deliver, and by what we know that it is Telegram. */
export interface WebhookAddress {
  /** As Telegram is told it. */
  readonly url: string;
  /** 1–256 of A–Z, a–z, 0–9, _ and -; comes back in a header of every delivery. */
  readonly secret: string;
}

/** Keeps the webhook of one bot. */
export interface WebhookKeeper {
  /**
   * Sets the webhook at the first call, and again when nobody's is set; another one is left alone, for two programs that
   * each set their own would take turns for ever.
   * @returns what is wrong, in a sentence for `/readyz`
   * @throws TelegramError
   */
  look(signal: AbortSignal): Promise<string | undefined>;
}

const info = z.object({
  url: z.string().default(""),
  last_error_date: z.number().optional(),
  last_error_message: z.string().optional(),
});

/** Makes the keeper of one lease: what it sets is set once per lease, for the secret cannot be read back. */
export function keepWebhook(
  { connection, events }: { readonly connection: Connection; readonly events: Events },
  address: WebhookAddress,
): WebhookKeeper {
  let isSet = false;
  let toldErrorS = 0;
  let isForeign = false;
  return {
    async look(signal) {
      if (!isSet) await setWebhook(connection, address, signal);
      isSet = true;
      const found = info.parse(await getWebhookInfo(connection, signal));
      const { last_error_date: errorS = 0, last_error_message: cause = "unknown" } = found;
      if (errorS > toldErrorS) events.deliveryFailed({ platform: platformName, cause });
      toldErrorS = Math.max(errorS, toldErrorS);
      const wasForeign = isForeign;
      isForeign = found.url !== "" && found.url !== address.url;
      if (isForeign && !wasForeign) events.webhookForeign({ platform: platformName });
      if (isForeign) return "Another program has set its own webhook for this bot; Telegram delivers there.";
      if (found.url === address.url) return undefined;
      events.webhookMissing({ platform: platformName });
      await setWebhook(connection, address, signal);
      return undefined;
    },
  };
}

async function setWebhook({ api }: Connection, { url, secret }: WebhookAddress, signal: AbortSignal) {
  const options = { secret_token: secret, allowed_updates: allowedUpdates };
  await api.setWebhook(url, options, forGrammy(signal)).catch((error: unknown) => {
    throw toTelegramError(error, "setWebhook");
  });
}

async function getWebhookInfo({ api }: Connection, signal: AbortSignal): Promise<unknown> {
  return await api.getWebhookInfo(forGrammy(signal)).catch((error: unknown) => {
    throw toTelegramError(error, "getWebhookInfo");
  });
}
