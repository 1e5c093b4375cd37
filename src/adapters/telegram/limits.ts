/** Telegram's numbers, each with its source; "facts" is the project's collection of platform facts. */

import type { CallKind, FloodBudget, FloodRate, RefusedBudget } from "../../core/platform/flood-budget.ts";
import type { PlatformLimits } from "../../core/platform/platform.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";

/** The rates to begin with: the settings TELEGRAM_RATE_GLOBAL, _CHAT and _GROUP. */
export interface TelegramRates {
  readonly global: FloodRate;
  /** Each private chat. */
  readonly chat: FloodRate;
  /** Each group. */
  readonly group: FloodRate;
}

/** `getUpdates` gives at most this many at once [Bot API getUpdates]. */
export const updatesPerPoll = 100;

/** What a button carries, in bytes of UTF-8 [facts A2]. */
export const buttonBytes = 64;

/** A button's label is cut to this; Telegram names no limit, phones show about 30 in a row of one. Parley's own choice. */
export const labelUtf16 = 60;

/** The longest alert that answers a press [facts A2]. */
export const alertUtf16 = 200;

/** A display name is told to the model up to this many characters. Parley's own choice. */
export const nameCharacters = 64;

/**
 * Of a message that is answered or quoted so much is kept: a classic one whole (4,096), of a rich one (32,768) the
 * beginning [facts A2, A7]. Parley's own choice.
 */
export const quotedUtf16 = 8_000;

/** A rich message holds at most this much text [facts A7]. */
export const richTextUtf16 = 32_768;

/** A text this long may be one that an app has cut: they look for a good place within the last 300 characters or so [facts A3]. */
export const cutTextUtf16 = 3_800;

/** A text this long was cut where the limit fell, less one where that would have split a surrogate pair. */
export const hardCutUtf16 = 4_095;

/**
 * What else a rich message holds: blocks, those within others included, levels of blocks and formats, columns of a
 * table [facts A7; core.telegram.org/bots/api, Rich Message Limits]. Its text stays far below: a page has to fit into a
 * classic message as well, in which it goes out when the rich one is refused.
 */
export const richLimits = { blocks: 500, levels: 16, columns: 20 } as const;

/** When a 429 names no time: about the least that is seen in practice. */
export const unnamedRetryMs = 3_000;

/** Floors between two previews of one page, which another project found to hold [facts A5]. */
const previewMs = { private: 1_100, group: 3_100 } as const;

/** Drafts are limited too, by numbers that nobody has published: taken as those of edits [facts A5, A6]. */
const draftMs = 1_100;

/** A chat action shows for 5 s or less [Bot API sendChatAction]. */
const typingMs = 4_000;

function chatKey({ address }: ReplyTarget): string {
  return `${botKey(address)}:chat:${address.chat}`;
}

function botKey({ scope }: ReplyTarget["address"]): string {
  return `telegram:${scope}`;
}

function draftKey(target: ReplyTarget): string {
  return `${chatKey(target)}:draft`;
}

/** A 429 names no scope and mostly means the chat; when chats are refused together it was the bot's limit [facts A5]. */
export function refusedBudget(target: ReplyTarget): RefusedBudget {
  return { key: chatKey(target), within: botKey(target.address) };
}

/** A 429 of drafts closes those of its chat, and nothing else. */
export function refusedDrafts(target: ReplyTarget): RefusedBudget {
  return { key: draftKey(target) };
}

/** Declares Telegram's numbers to core. */
export function createLimits(rates: TelegramRates): PlatformLimits {
  return {
    previewIntervalMs: ({ place }, call) => (call === "draft" ? draftMs : previewMs[place]),
    busyIntervalMs: typingMs,
    busyUntilEnd: false,
    budgets: (target, call) => budgets(rates, target, call),
    // The Bot API cannot list a chat's messages.
    canFindPosts: false,
    hasBackground: false,
  };
}

/** Posts and edits share a budget [facts A5]; what shows no text only keeps still while the chat is blocked. */
function budgets(rates: TelegramRates, target: ReplyTarget, call: CallKind): readonly FloodBudget[] {
  const chatRate = target.place === "private" ? rates.chat : rates.group;
  const showsText = call === "post" || call === "edit";
  return [
    { key: chatKey(target), ...(showsText ? chatRate : { ...chatRate, intervalMs: 0 }) },
    ...(call === "draft" ? [{ key: draftKey(target), ...chatRate }] : []),
    { key: botKey(target.address), ...rates.global },
  ];
}
