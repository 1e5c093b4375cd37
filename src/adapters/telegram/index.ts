/** Telegram as Parley's core sees it: one factory, which opens nothing before `intake.start()` or the first call. */

import type { Events } from "../../core/events.ts";
import type { Inbox } from "../../core/inbox.ts";
import type { CommandResponder } from "../../core/platform/command-responder.ts";
import type { Intake } from "../../core/platform/intake.ts";
import type { Live } from "../../core/platform/live.ts";
import type { PlatformPeople } from "../../core/platform/people.ts";
import type { Platform } from "../../core/platform/platform.ts";
import type { Timing } from "../../core/timing.ts";
import { platformName, toBotId } from "./address.ts";
import { type Connection, createConnection } from "./connection.ts";
import { createTelegramRenderer } from "./format.ts";
import { type BotIdentity, identify } from "./identity.ts";
import type { IntakeParts } from "./intake-parts.ts";
import { createLimits, type TelegramRates } from "./limits.ts";
import { createPeople } from "./people.ts";
import { Poller } from "./poll.ts";
import { createCommandResponder } from "./respond.ts";
import { RichMessages } from "./rich.ts";
import { attach, edit, post, remove, removeKeyboard, type Sending, showDraft, showTyping } from "./send.ts";
import { Webhook } from "./webhook.ts";
import type { WebhookAddress } from "./webhook-setup.ts";

/** How Telegram is reached. */
export interface TelegramOptions {
  /** From @BotFather: `<bot id>:<secret>`. */
  readonly botToken: string;
  /** `https://api.telegram.org`, or a server that speaks the Bot API; without a trailing slash. */
  readonly apiRoot: string;
  /** `http://` or `https://`, credentials included: every connection goes through this proxy. */
  readonly proxyUrl?: string | undefined;
  readonly rates: TelegramRates;
  /** How an answer is shown in private chats while it is written; default `edit`. */
  readonly streaming?: "edit" | "draft";
  /** `on`: answers are rich messages, with headings and tables that Telegram draws; default `off`. */
  readonly rich?: "off" | "on";
  /** Telegram's ids of the bot's owners and admins, asked for at a start: their menus hold more. */
  readonly admins?: () => Promise<readonly string[]>;
  /** Absent: long polling. */
  readonly webhook?: WebhookAddress | undefined;
}

/** Everything that the rest of the program uses of Telegram. */
export interface Telegram extends Disposable {
  readonly platform: Platform;
  readonly intake: Intake;
  readonly responder: CommandResponder;
  readonly people: PlatformPeople;
  /** Asks Telegram who the bot is, until it is known; then it stays known. @throws TelegramError */
  identity(signal: AbortSignal): Promise<BotIdentity>;
}

/**
 * Joins Parley to one Telegram bot. Calls and intake have sockets of their own; disposing closes those of the calls,
 * `intake.stop()` those of intake.
 * @throws Error when the token has not the form of one
 */
export function createTelegram(
  options: TelegramOptions,
  inbox: Inbox,
  events: Events,
  timing: Timing,
): Telegram {
  const { botToken: token, apiRoot, proxyUrl, webhook } = options;
  const botId = toBotId(token);
  const { callMs, pollDeafMs, keepAliveMs } = timing;
  const common = { token, apiRoot, proxyUrl, keepAliveMs, connectMs: callMs / 2 };
  const calls = createConnection({ ...common, longestCallMs: callMs });
  const longestCallMs = webhook === undefined ? pollDeafMs * 2 : callMs;
  const identity = rememberedIdentity(calls);
  const parts: IntakeParts = {
    botId,
    connection: createConnection({ ...common, longestCallMs }),
    inbox,
    events,
    timing,
    admins: options.admins,
    identify: identity,
  };
  return {
    platform: createPlatform(calls, options),
    intake: webhook === undefined ? new Poller(parts) : new Webhook({ ...parts, address: webhook }),
    responder: createCommandResponder(calls),
    people: createPeople(calls, botId),
    identity,
    [Symbol.dispose]: () => calls[Symbol.dispose](),
  };
}

/** Remembers the answer, never a failure. */
function rememberedIdentity(connection: Connection): (signal: AbortSignal) => Promise<BotIdentity> {
  let known: BotIdentity | undefined;
  return async (signal) => {
    known ??= await identify(connection, signal);
    return known;
  };
}

function createPlatform(connection: Connection, options: TelegramOptions): Platform {
  const { rates } = options;
  const configured = options.streaming === "draft" ? "native" : "edit";
  const rich = options.rich === "on";
  const sending: Sending = { connection, rich: new RichMessages(rich) };
  const edits: Live = { kind: "edits" };
  const drafts: Live = {
    kind: "drafts",
    show: (target, page, signal) => showDraft(sending, target, page, signal),
  };
  return {
    name: platformName,
    limits: createLimits(rates),
    // A Telegram message arrives readable, and a bot's users all are the same to it.
    read: async ({ text, author }) => ({ text, authorName: author.name, membership: "member" }),
    readBackground: async () => ({ kind: "done", value: [] }),
    createRenderer: (place) => createTelegramRenderer({ place, rich }),
    post: (target, page, how, signal) => post(sending, target, page, how, signal),
    edit: (target, id, page, signal) => edit(sending, target, id, page, signal),
    remove: (target, id, signal) => remove(connection, target, id, signal),
    removeButton: (target, id, signal) => removeKeyboard(connection, target, id, signal),
    live: ({ place, streaming = configured }) =>
      streaming === "native" && place === "private" ? drafts : edits,
    showBusy: async (target, busy, signal) =>
      busy ? await showTyping(connection, target, signal) : { kind: "done", value: undefined },
    findPost: async () => ({ kind: "done", value: undefined }),
    attach: (target, file, signal) => attach(connection, target, file, signal),
  };
}
