/** The conversation: the unit of context and of order. Its id is built and read in this file only. */

declare const brand: unique symbol;
/** A string that only its own maker can produce, so that one kind of id cannot pass for another. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `platform:scope:chat` or `platform:scope:chat:thread`; every part percent-encoded where it needs it. */
export type ConversationId = Branded<"ConversationId">;

/** `<conversation>#<the platform's own message id>`: the same for every delivery of one message. */
export type MessageId = Branded<"MessageId">;

/** Where a conversation lives, in the platform's own ids. */
export interface Address {
  /** The adapter's name: `telegram`, `slack`, … */
  readonly platform: string;
  /** What ids are unique within: the bot's id on Telegram, the workspace's on Slack. */
  readonly scope: string;
  readonly chat: string;
  /** The topic or thread; absent where the chat itself is the conversation. */
  readonly thread?: string;
}

/** The id of the conversation at `address`. */
export function toConversationId(address: Address): ConversationId {
  const parts = [address.platform, address.scope, address.chat];
  if (address.thread !== undefined) parts.push(address.thread);
  return parts.map(encodeURIComponent).join(":") as ConversationId;
}

/**
 * The address behind an id made by {@link toConversationId}.
 * @throws Error when `text` was not made by it
 */
export function parseConversationId(text: string): Address {
  const [platform, scope, chat, thread, ...rest] = text.split(":").map(decodeURIComponent);
  if (!platform || !scope || !chat || rest.length > 0) throw new Error(`Not a conversation id: ${text}`);
  return { platform, scope, chat, ...(thread === undefined ? {} : { thread }) };
}

/** The conversation of the whole chat that `conversation` is a thread of; itself when it is none. */
export function toChatConversation(conversation: ConversationId): ConversationId {
  return conversation.split(":").slice(0, 3).join(":") as ConversationId;
}

/** The id under which every delivery of one message is known. Message ids are unique within a chat, not a thread. */
export function toMessageId(address: Address, nativeId: string): MessageId {
  const chat = toConversationId({ platform: address.platform, scope: address.scope, chat: address.chat });
  return `${chat}#${encodeURIComponent(nativeId)}` as MessageId;
}
