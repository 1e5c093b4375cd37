/** What the Telegram adapter is told. */

import type { FloodRate } from "../core/platform/flood-budget.ts";
import type { Secret } from "./secret.ts";
import type { Settings } from "./settings.ts";

/** Its part of the configuration. */
export interface TelegramConfig {
  readonly botToken: Secret;
  /** Without a trailing slash. */
  readonly apiRoot: string;
  readonly proxyUrl: Secret | undefined;
  /** Undefined: long polling. */
  readonly webhook: { readonly url: string; readonly secret: Secret } | undefined;
  readonly streaming: "edit" | "draft";
  readonly rich: "off" | "on";
  readonly rates: { readonly global: FloodRate; readonly chat: FloodRate; readonly group: FloodRate };
}

/** @returns undefined when Telegram is not connected */
export function toTelegram(values: Settings): TelegramConfig | undefined {
  if (values.TELEGRAM_BOT_TOKEN === undefined) return undefined;
  return {
    botToken: values.TELEGRAM_BOT_TOKEN,
    apiRoot: values.TELEGRAM_API_ROOT,
    proxyUrl: values.TELEGRAM_PROXY_URL,
    webhook: toWebhook(values),
    streaming: values.TELEGRAM_STREAMING,
    rich: values.TELEGRAM_RICH,
    rates: {
      global: values.TELEGRAM_RATE_GLOBAL,
      chat: values.TELEGRAM_RATE_CHAT,
      group: values.TELEGRAM_RATE_GROUP,
    },
  };
}

function toWebhook(values: Settings): TelegramConfig["webhook"] {
  const { TELEGRAM_WEBHOOK_URL: url, TELEGRAM_WEBHOOK_SECRET: secret } = values;
  return url === undefined || secret === undefined ? undefined : { url, secret };
}
