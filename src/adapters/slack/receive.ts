/** What Slack delivers, turned into arrivals: is it for the bot, to which conversation does it belong. */

import { isCommandName } from "../../core/commands/declarations.ts";
import { type Address, type ConversationId, toConversationId, toMessageId } from "../../core/conversation.ts";
import type { Arrival, Customs } from "../../core/inbox.ts";
import type { IncomingCommand, IncomingMessage } from "../../core/message.ts";
import { words } from "../../core/words.ts";
import { toAddress, toMicros } from "./address.ts";
import type {
  SlackFile,
  SlackHomeEvent,
  SlackMessageEvent,
  SlackSlashCommand,
  SlackStopEvent,
} from "./event-shapes.ts";
import { describeFiles } from "./files.ts";
import { toQuoted } from "./forwarded.ts";
import type { SlackIdentity } from "./identity.ts";
import { callsOthers, mentionedUsers, withoutLeadingMention } from "./markup.ts";
import { asTyped } from "./typed-text.ts";

/** How the bot behaves where the operator has a choice. */
export interface ReceiveSettings {
  /** `threads`: every top-level direct message opens a thread; `flat`: the direct message is one conversation. */
  readonly dm: "threads" | "flat";
  /**
   * In threads where the bot takes part it answers: `mention`: only mentions; `threads`: also what calls nobody else;
   * `all`: everything.
   */
  readonly threads: "mention" | "threads" | "all";
}

/** What a decision rests on. */
export interface ReceiveContext {
  readonly identity: SlackIdentity;
  readonly settings: ReceiveSettings;
  /** Asked only for messages of channels that do not mention the bot. */
  readonly customs: (conversation: ConversationId) => Promise<Customs>;
}

const slackbot = "USLACKBOT";

/**
 * The arrivals of a `message` or `app_mention`. Both deliveries of one mention give the same arrival under the same id,
 * so whichever comes first counts.
 */
export async function toArrivals(
  event: SlackMessageEvent,
  context: ReceiveContext,
): Promise<readonly Arrival[]> {
  const { identity, settings } = context;
  if (!isFromOther(event, identity)) return [];
  const address = conversationAddress(event, identity.teamId, settings);
  const text = event.text ?? "";
  const isMentioned = mentionedUsers(text).includes(identity.botUserId);
  const isAddressed = isDirect(event) || isMentioned;
  const command = isAddressed ? toTextCommand(event, event.user, address, identity) : undefined;
  if (event.bot_id && (command !== undefined || !isMentioned)) return [];
  if (command) return [{ kind: "command", command }];
  const answer = isAddressed ? "answer" : await answerUnaddressed(event, address, context);
  if (answer === "ignore") return [];
  const message = toMessage(event, event.user, address, identity, answer === "answer");
  if (isAddressed) return [{ kind: "message", message }];
  const unaddressed = callsOthers(event.text ?? "", identity.botUserId) ? "others" : "nobody";
  return [{ kind: "message", message: { ...message, unaddressed } }];
}

/** The arrival of `/parley <command> <argument>`. A bare `/parley` asks for help. */
export function toSlashArrival(
  command: SlackSlashCommand,
  identity: SlackIdentity,
  { dm }: Pick<ReceiveSettings, "dm">,
  nowMs: number,
): Extract<Arrival, { readonly kind: "command" }> {
  const isDirect = command.channel_id.startsWith("D");
  const isWhole = isDirect && dm === "flat";
  const address = toAddress(identity.teamId, command.channel_id, command.thread_ts);
  const { name, argument } = splitCommand((command.text ?? "").trim());
  return {
    kind: "command",
    command: {
      v: 1,
      id: toMessageId(address, command.trigger_id),
      conversation: toConversationId(address),
      nativeId: command.trigger_id,
      order: nowMs * 1000,
      author: { id: command.user_id, name: command.user_name ?? "" },
      place: isDirect ? "private" : "group",
      // Slash commands carry no thread, from whichever they were written.
      reach: command.thread_ts !== undefined || isWhole ? "conversation" : "chat",
      name: name || "help",
      argument,
      ...aboutIn(argument, address),
      respondTo: command.response_url,
      sentAtMs: nowMs,
    },
  };
}

/** The arrival of Slack's own Stop button. */
export function toStopArrival(event: SlackStopEvent, identity: SlackIdentity, nowMs: number): Arrival {
  const conversation = toConversationId(toAddress(identity.teamId, event.channel, event.thread_ts));
  const { user: author, event_ts: pressed } = event;
  // By Slack's clock where it says so: the question's time is Slack's as well.
  const atMs = pressed === undefined ? nowMs : Math.ceil(toMicros(pressed) / 1000);
  return { kind: "stop", id: pressed ?? String(nowMs), conversation, author, atMs };
}

/** The arrivals of somebody's opening of the app: its private chat, or its home. */
export function toOpenedArrivals(event: SlackHomeEvent, { teamId }: SlackIdentity): readonly Arrival[] {
  const { tab, channel, user: author } = event;
  const conversation = toConversationId(toAddress(teamId, channel, undefined));
  if (tab === "home") return [{ kind: "opened", conversation, author, isHome: true }];
  return tab === "messages" ? [{ kind: "opened", conversation, author }] : [];
}

/** The message that a person's event is, for the bot or not; undefined when it is nobody's or a command. */
export function toAnyMessage(
  event: SlackMessageEvent,
  { identity, settings }: Pick<ReceiveContext, "identity" | "settings">,
): IncomingMessage | undefined {
  if (event.bot_id || !isFromOther(event, identity)) return undefined;
  const address = conversationAddress(event, identity.teamId, settings);
  if (toTextCommand(event, event.user, address, identity) !== undefined) return undefined;
  return toMessage(event, event.user, address, identity, true);
}

function isFromOther(
  event: SlackMessageEvent,
  identity: SlackIdentity,
): event is SlackMessageEvent & { readonly user: string } {
  if (event.user === undefined || (event.bot_id && event.bot_id === identity.botId)) return false;
  return event.user !== identity.botUserId && event.user !== slackbot;
}

function isDirect(event: SlackMessageEvent): boolean {
  return event.channel_type === "im" || event.channel.startsWith("D");
}

/** A thread is a conversation, a top-level message its root; only flat direct messages have none. */
function conversationAddress(event: SlackMessageEvent, teamId: string, settings: ReceiveSettings): Address {
  const isFlat = isDirect(event) && settings.dm === "flat";
  return toAddress(teamId, event.channel, event.thread_ts ?? (isFlat ? undefined : event.ts));
}

/** What to do with a channel message that does not mention the bot. */
async function answerUnaddressed(
  event: SlackMessageEvent,
  address: Address,
  { identity, settings, customs }: ReceiveContext,
): Promise<"answer" | "context" | "ignore"> {
  const { takesPart, groups, threads = settings.threads } = await customs(toConversationId(address));
  if (event.thread_ts === undefined) return groups === "all" ? "answer" : "ignore";
  if (!takesPart) return "ignore";
  if (threads === "all") return "answer";
  const isForOthers = callsOthers(event.text ?? "", identity.botUserId);
  return threads === "threads" && !isForOthers ? "answer" : "context";
}

function toMessage(
  event: SlackMessageEvent,
  author: string,
  address: Address,
  identity: SlackIdentity,
  answer: boolean,
) {
  const text = event.text ?? "";
  const quoted = toQuoted(event, identity);
  // What shows nothing that can be read is no question.
  const nothing = text.trim() === "" && quoted === undefined ? words.content.other : undefined;
  const unsupported = describeFiles(event.files ?? []) ?? nothing;
  return {
    ...commonFields(event, author, address),
    text,
    ...(unsupported === undefined ? {} : { unsupported }),
    ...(quoted === undefined ? {} : { quoted }),
    answer,
  };
}

/** `@bot !new`, in a direct message also `!new`. Unknown words after the bang are ordinary text. */
function toTextCommand(
  event: SlackMessageEvent,
  author: string,
  address: Address,
  identity: SlackIdentity,
): IncomingCommand | undefined {
  const text = withoutLeadingMention(event.text ?? "", identity.botUserId).trim();
  if (!text.startsWith("!")) return undefined;
  const { name, argument } = splitCommand(text.slice(1));
  if (!isCommandName(name)) return undefined;
  const file = toCommandFile(event.files ?? []);
  return {
    ...commonFields(event, author, address),
    reach: "conversation",
    name,
    argument,
    ...(file === undefined ? {} : { file }),
    ...aboutIn(argument, address),
  };
}

/** Slack has no replies outside of threads: a link to a message of the channel, as Slack copies it, says which is meant. */
function aboutIn(argument: string, address: Address): Pick<IncomingCommand, "about"> {
  const [, channel, seconds, micros] = /\/archives\/(\w+)\/p(\d{10})(\d{6})\b/.exec(argument) ?? [];
  if (channel !== address.chat || seconds === undefined) return {};
  const id = toMessageId(address, `${seconds}.${micros}`);
  return { about: { id, own: false, sentAtMs: Number(seconds) * 1_000 } };
}

/** The first file that Slack says enough of to be fetched. */
function toCommandFile(files: readonly SlackFile[]): IncomingCommand["file"] {
  const [file] = files;
  if (file?.id === undefined) return undefined;
  return { id: file.id, name: file.name ?? "", mimeType: file.mimetype ?? "", bytes: file.size ?? 0 };
}

function splitCommand(text: string): { readonly name: string; readonly argument: string } {
  const [, name = "", argument = ""] = /^(\S*)\s*(.*)$/s.exec(text) ?? [];
  return { name: name.toLowerCase(), argument: asTyped(argument).trim() };
}

function commonFields(event: SlackMessageEvent, author: string, address: Address) {
  return {
    v: 1 as const,
    id: toMessageId(address, event.ts),
    conversation: toConversationId(address),
    nativeId: event.ts,
    order: toMicros(event.ts),
    author: { id: author, name: "", ...(event.bot_id ? { isBot: true as const } : {}) },
    place: isDirect(event) ? ("private" as const) : ("group" as const),
    sentAtMs: Math.floor(toMicros(event.ts) / 1000),
  };
}
