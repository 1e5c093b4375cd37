/** Tries out the Telegram bot: who it is, what it may see, whether another delivery is in the way. */

import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Api, GrammyError, HttpError } from "grammy";
import type { Secret } from "../config/secret.ts";
import type { TelegramConfig } from "../config/telegram.ts";
import { createProxy, leadThrough, proxyFault } from "../core/proxy.ts";
import { bad, type CheckLine, note, ok, proxyWorks } from "./check-lines.ts";

type WebhookInfo = Awaited<ReturnType<Api["getWebhookInfo"]>>;

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
      ...describeWebhook(webhook, config.webhook?.url),
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

/**
 * How updates come. Addresses are not shown: people put secrets into them.
 * @param wanted undefined: long polling
 */
function describeWebhook(found: WebhookInfo, wanted: string | undefined): readonly CheckLine[] {
  const isSet = found.url !== undefined && found.url !== "";
  if (wanted === undefined) {
    const whose = "a webhook is set, by Parley before or by another program that uses this bot";
    return isSet
      ? [note(`Telegram: ${whose}. While it is, long polling gets nothing: a start removes it.`)]
      : [];
  }
  if (!isSet) return [note("Telegram: the webhook is not set yet; a start sets it.")];
  if (found.url !== wanted) {
    const what = "it delivers to another address than TELEGRAM_WEBHOOK_URL, perhaps another program's";
    return [note(`Telegram: ${what}. A start takes its place.`)];
  }
  const { pending_update_count: waiting, last_error_message: error, last_error_date: errorS = 0 } = found;
  return [
    ok("Telegram: it delivers to TELEGRAM_WEBHOOK_URL."),
    ...(waiting > 0
      ? [note(`Telegram: ${waiting} ${waiting === 1 ? "update waits" : "updates wait"}.`)]
      : []),
    ...(error === undefined
      ? []
      : [note(`Telegram: a delivery failed at ${new Date(errorS * 1_000).toISOString()}: ${error}.`)]),
  ];
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
