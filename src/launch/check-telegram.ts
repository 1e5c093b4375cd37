/** Tries out the Telegram bot: who it is, what it may see, whether another delivery is in the way. */

import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Api, GrammyError, HttpError } from "grammy";
import type { Secret } from "../config/secret.ts";
import type { TelegramConfig } from "../config.ts";
import { createProxy, leadThrough, proxyFault } from "../core/proxy.ts";
import { bad, type CheckLine, note, ok, proxyWorks } from "./check-lines.ts";

/** How long one question may take, in seconds. */
const timeoutSeconds = 10;

/** Asks getMe and getWebhookInfo; changes nothing. */
export async function checkTelegram(config: TelegramConfig): Promise<readonly CheckLine[]> {
  const { apiRoot, proxyUrl } = config;
  const api = new Api(config.botToken.reveal(), { apiRoot, timeoutSeconds, ...through(proxyUrl, apiRoot) });
  try {
    const [me, webhook] = [await api.getMe(), await api.getWebhookInfo()];
    return [
      ...proxyWorks("Telegram", proxyUrl),
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

function through(proxyUrl: Secret | undefined, apiRoot: string) {
  if (proxyUrl === undefined) return {};
  const protocol = apiRoot.startsWith("https:") ? "https:" : "http:";
  const agent = protocol === "https:" ? new HttpsAgent() : new HttpAgent();
  leadThrough(agent, protocol, createProxy(proxyUrl.reveal(), (timeoutSeconds * 1_000) / 2));
  return { baseFetchConfig: { agent, compress: true } };
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
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    const fault = proxyFault(code);
    if (fault !== undefined) return `${fault}. Check TELEGRAM_PROXY_URL.`;
    return `${new URL(apiRoot).host} cannot be reached${code === undefined ? "" : ` (${code})`}.`;
  }
  return "the answer could not be understood.";
}
