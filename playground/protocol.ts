/** What page and playground say to each other over the WebSocket. The page reads it as plain JSON. */

import { z } from "zod";
import { type Ways, waysSchema } from "./ways.ts";

/** One span of Telegram formatting; UTF-16 offsets. */
export interface EntityView {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  readonly url?: string | undefined;
  readonly language?: string | undefined;
}

/** A file under a message. */
export interface FileView {
  readonly name: string;
  readonly text: string;
}

/** A Telegram message as its chat shows it now. */
export interface TelegramMessageView {
  readonly chat: number;
  readonly id: number;
  readonly from: number;
  readonly author: string;
  readonly isBot: boolean;
  readonly sentAtMs: number;
  readonly text: string;
  readonly entities: readonly EntityView[];
  readonly edits: number;
  readonly replyTo?: number;
  readonly file?: FileView;
  /** Buttons under it, row by row. */
  readonly buttons?: readonly (readonly { readonly text: string; readonly data: string }[])[];
  /** The app opens the reply to it. */
  readonly forcesReply?: boolean;
}

/** A Slack message as people see it now. */
export interface SlackMessageView {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string;
  readonly from: string;
  readonly author: string;
  readonly isBot: boolean;
  readonly text: string;
  /** As Slack has them; a markdown block comes as `nodes`, read already. */
  readonly blocks: readonly unknown[];
  readonly edits: number;
  /** It is a stream that is open. */
  readonly isStream: boolean;
  /** Only one person sees it. */
  readonly ephemeral: boolean;
  /** The name of that person. */
  readonly onlyFor?: string;
  readonly files: readonly FileView[];
}

/** Someone whom the person at the page can type as. */
export interface PersonView<Id> {
  readonly id: Id;
  readonly name: string;
  /** Settings obey this person. */
  readonly isAdmin: boolean;
}

/** One Telegram chat on the page. */
export interface TelegramChatView {
  readonly key: "private" | "group";
  readonly id: number;
  readonly title: string;
  readonly people: readonly PersonView<number>[];
}

/** One Slack room on the page. */
export interface SlackRoomView {
  readonly key: "channel" | "dm";
  readonly id: string;
  readonly title: string;
  readonly people: readonly PersonView<string>[];
}

/** A form that stands before somebody on Slack, or the app's home that they look at. */
export interface SlackViewView {
  readonly person: string;
  readonly kind: "modal" | "home";
  readonly title: string;
  readonly blocks: readonly unknown[];
  /** What the app said beside the fields. */
  readonly errors: readonly string[];
}

/** A busy sign in a Slack thread; empty text: none. */
export interface SlackStatusView {
  readonly channel: string;
  readonly threadTs: string;
  readonly text: string;
  readonly untilMs: number;
}

/** What the bot shows in a Telegram chat without having sent it; no text: nothing. */
export interface TelegramDraftView {
  readonly chat: number;
  readonly text: string;
  readonly entities: readonly EntityView[];
  readonly canStop: boolean;
}

/** How service and platforms talk with each other. */
export interface WaysView {
  readonly ways: Ways;
  /** The service is being started anew. */
  readonly isSwitching: boolean;
}

/** How many calls the service has made, and how many were refused by flood control. */
export interface MetersView {
  readonly telegram: { readonly calls: number; readonly limited: number };
  readonly slack: { readonly calls: number; readonly limited: number };
}

/** Everything, once per connection. */
export interface PageState {
  readonly type: "state";
  /** Another value than before: the playground was started anew. */
  readonly run: string;
  readonly model: string;
  readonly isDemo: boolean;
  readonly telegram: {
    readonly bot: { readonly id: number; readonly name: string; readonly username: string };
    readonly chats: readonly TelegramChatView[];
    readonly messages: readonly TelegramMessageView[];
    readonly drafts: readonly TelegramDraftView[];
  };
  readonly slack: {
    readonly bot: { readonly id: string; readonly name: string };
    /** Names of people and rooms by id, for mentions. */
    readonly names: Readonly<Record<string, string>>;
    readonly rooms: readonly SlackRoomView[];
    readonly messages: readonly SlackMessageView[];
    readonly statuses: readonly SlackStatusView[];
    readonly views: readonly SlackViewView[];
  };
  readonly meters: MetersView;
  readonly ways: WaysView;
}

/** What has changed since. */
export type PageChange =
  | { readonly type: "telegram"; readonly message: TelegramMessageView }
  | { readonly type: "telegram-gone"; readonly chat: number; readonly id: number }
  | { readonly type: "telegram-typing"; readonly chat: number; readonly forMs: number }
  | { readonly type: "telegram-draft"; readonly draft: TelegramDraftView }
  /** A window that only who pressed a button sees. */
  | { readonly type: "telegram-alert"; readonly person: string; readonly text: string }
  /** All that stand now. */
  | { readonly type: "slack-views"; readonly views: readonly SlackViewView[] }
  | { readonly type: "slack"; readonly message: SlackMessageView }
  | { readonly type: "slack-gone"; readonly channel: string; readonly ts: string }
  | { readonly type: "slack-status"; readonly status: SlackStatusView }
  | { readonly type: "meters"; readonly meters: MetersView }
  | { readonly type: "ways"; readonly ways: WaysView };

const id = z.string().max(64);
const label = z.string().max(100);
const text = z.string().trim().min(1).max(40_000);

/** What a person does on the page. */
export const pageAct = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("telegram-says"),
    as: z.number().int(),
    chat: z.number().int(),
    text,
    replyTo: z.number().int().optional(),
  }),
  z.object({ type: z.literal("telegram-stop"), as: z.number().int(), chat: z.number().int() }),
  z.object({
    type: z.literal("slack-says"),
    as: z.string().max(64),
    channel: z.string().max(64),
    text,
    thread: z.string().max(64).optional(),
  }),
  z.object({
    type: z.literal("slack-stop"),
    as: z.string().max(64),
    channel: z.string().max(64),
    thread: z.string().max(64),
  }),
  z.object({
    type: z.literal("telegram-press"),
    as: z.number().int(),
    chat: z.number().int(),
    id: z.number().int(),
    data: z.string().max(64),
  }),
  z.object({ type: z.literal("slack-press"), as: id, channel: id, ts: id, label }),
  z.object({ type: z.literal("slack-home"), as: id }),
  z.object({ type: z.literal("slack-home-press"), as: id, label, index: z.number().int().min(0).max(100) }),
  z.object({ type: z.literal("slack-submit"), as: id, text: z.string().max(3_000) }),
  z.object({ type: z.literal("slack-cancel"), as: id }),
  z.object({ type: z.literal("switch"), ways: waysSchema }),
]);

/** One act, parsed. */
export type PageAct = z.output<typeof pageAct>;
