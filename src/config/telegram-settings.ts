/** The settings that connect Telegram, and how answers look there. */

import { optional, withDefault } from "./declare.ts";
import { baseUrl, webhookUrl } from "./urls.ts";
import { oneOf, sealed, secret } from "./values.ts";

const webhookSecret = sealed(webhookSecretFault);

/** What the platform takes, and long enough that nobody guesses it. */
function webhookSecretFault(value: string): string | undefined {
  const wanted = "16 to 256 of the characters A–Z, a–z, 0–9, _ and -";
  if (!/^[\w-]*$/.test(value))
    return `has a character in it that Telegram does not take; it takes ${wanted}.`;
  if (value.length < 16) return `is too short to keep strangers out; it takes ${wanted}.`;
  return value.length > 256 ? `is too long; it takes ${wanted}.` : undefined;
}

/** They stand under Telegram's heading. */
export const telegramSettings = {
  TELEGRAM_BOT_TOKEN: optional(secret("a Telegram bot token", /^\d{6,}:[\w-]{30,}$/), {
    group: "Telegram",
    about: "The bot's token from [@BotFather](https://t.me/BotFather). Setting it connects Telegram.",
    example: "123456789:the-35-characters-that-BotFather-gave",
    secret: true,
  }),
  TELEGRAM_API_ROOT: withDefault(baseUrl(), "https://api.telegram.org", {
    group: "Telegram",
    about: "The Bot API server; change it for a local one.",
    example: "http://127.0.0.1:8081",
  }),
  TELEGRAM_WEBHOOK_URL: optional(webhookUrl, {
    group: "Telegram",
    about:
      "Where Telegram is to deliver: an `https://` address that reaches `PORT` of every gateway, its path unchanged. Parley sets the webhook by itself. Unset: long polling, which needs no address.",
    example: "https://parley.example.org/telegram",
  }),
  TELEGRAM_WEBHOOK_SECRET: optional(webhookSecret, {
    group: "Telegram",
    about:
      "What Telegram proves itself with at every delivery: 16 to 256 of the characters A–Z, a–z, 0–9, `_` and `-`, as `openssl rand -hex 32` prints. Needed with `TELEGRAM_WEBHOOK_URL`.",
    example: "64-characters-that-openssl-rand-hex-32-printed",
    secret: true,
  }),
  TELEGRAM_STREAMING: withDefault(oneOf(["edit", "draft"]), "edit", {
    group: "Telegram",
    about:
      "How an answer is shown in private chats while it is written: `edit`: it is posted at its first words and edited; `draft`: as a draft with Telegram's own stop button, and only the finished answer is posted. Groups have edits only. `mode streaming` sets it for one place.",
    example: "draft",
  }),
  TELEGRAM_RICH: withDefault(oneOf(["off", "on"]), "off", {
    group: "Telegram",
    about:
      "`on`: answers are rich messages, in which Telegram draws headings, lists and tables itself. Off by default, for older apps show only that they cannot show them. What Telegram refuses goes out in the ordinary form.",
    example: "on",
  }),
};
