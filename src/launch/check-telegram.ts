/** Tries out the Telegram bot: who it is, what it may see, whether another delivery is in the way. */

import { Api, GrammyError, HttpError } from "grammy";
import type { TelegramConfig } from "../config.ts";
import { bad, type CheckLine, note, ok } from "./check-lines.ts";

/** How long one question may take, in seconds. */
const timeoutSeconds = 10;

/** Asks getMe and getWebhookInfo; changes nothing. */
export async function checkTelegram(config: TelegramConfig): Promise<readonly CheckLine[]> {
  const api = new Api(config.botToken.reveal(), { apiRoot: config.apiRoot, timeoutSeconds });
  try {
    const [me, webhook] = [await api.getMe(), await api.getWebhookInfo()];
    return [
      ok(`Telegram: the bot is @${me.username} (${me.id}).`),
      ...(me.can_join_groups
        ? []
        : [note("Telegram: it cannot be added to groups (BotFather, /setjoingroups).")]),
      me.can_read_all_group_messages
        ? note(
            "Telegram: privacy mode is off, so Telegram sends it every message of its groups. " +
              "It needs only those addressed to it: BotFather, /setprivacy, Enable.",
          )
        : ok("Telegram: privacy mode is on: in groups it sees only what is addressed to it."),
      ...(webhook.url === undefined || webhook.url === ""
        ? []
        : [
            note(
              "Telegram: a webhook is set, perhaps by another program that uses this bot. While it is, long polling gets nothing.",
            ),
          ]),
    ];
  } catch (error) {
    return [bad(`Telegram: ${explain(error, config.apiRoot)}`)];
  }
}

/** The errors' own objects hold the token; only their codes are shown. */
function explain(error: unknown, apiRoot: string): string {
  if (error instanceof GrammyError) {
    if (error.error_code === 401 || error.error_code === 404) {
      return "TELEGRAM_BOT_TOKEN is refused. Copy it again from BotFather (/mybots, API Token).";
    }
    return `${error.method} was refused: ${error.error_code} ${error.description}`;
  }
  if (error instanceof HttpError) {
    const cause: unknown = error.error;
    const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    return `${new URL(apiRoot).host} cannot be reached${code}.`;
  }
  return "the answer could not be understood.";
}
