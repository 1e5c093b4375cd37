/** What a person wrote, in the one shape that every adapter produces and that Redis holds until it is answered. */

import { z } from "zod";
import type { ConversationId, MessageId } from "./conversation.ts";

const author = z.object({
  /** The platform's own id of the person. */
  id: z.string(),
  /** The display name as the platform sent it; untrusted, never used for rights. Empty when the event has none. */
  name: z.string(),
  /** It speaks in a chat's name (a group's anonymous admin, a channel): several people may be behind it. */
  isChat: z.literal(true).exactOptional(),
  /** Another bot. */
  isBot: z.literal(true).exactOptional(),
});

const quoted = z.object({
  /** The display name of who said it, untrusted; empty when the platform does not tell. */
  speaker: z.string(),
  /** The bot itself said it. */
  own: z.boolean(),
  /** The author picked this part of a message; false: it is all of the message that is answered. */
  chosen: z.boolean(),
  /** Empty when it has no text. */
  text: z.string(),
  /** What it shows besides text, in words for a person. */
  unsupported: z.string().optional(),
});

/** What a message answers or quotes. Said by somebody else: never taken for the author's words, nor for rights. */
export type Quoted = Readonly<z.output<typeof quoted>>;

/** Why several messages may be one thing that was said. */
const part = z.discriminatedUnion("kind", [
  /** So long that the author's app may have cut it off a longer text; `glue` stands between it and what follows. */
  z.object({ kind: z.literal("cut"), glue: z.enum(["", "\n"]) }),
  /** One of several pictures or files with the same key. */
  z.object({ kind: z.literal("album"), key: z.string() }),
]);

/** Says of a message that others may belong to it. */
export type Part = Readonly<z.output<typeof part>>;

/** What every message and command says of where it is from. */
const envelope = {
  v: z.literal(1),
  /** The id of the message; of a command, that of the message, slash command or press that carried it. */
  id: z.string().transform((id) => id as MessageId),
  conversation: z.string().transform((id) => id as ConversationId),
  /** The platform's own message id: `message_id`, `ts`. */
  nativeId: z.string(),
  /** The platform's order within the chat as a safe integer: `message_id`; `ts` in microseconds. */
  order: z.number().int(),
  author,
  /** `private`: one person and the bot. `group`: several people, whose names the model is told. */
  place: z.enum(["private", "group"]),
};

const incomingMessage = z.object({
  ...envelope,
  /** The text for the model; on Slack still in Slack's markup until `Platform.read` has made it readable. */
  text: z.string(),
  /** What came with it that the bot cannot read yet, in words for a person ("a voice message"); gets a sentence. */
  unsupported: z.string().optional(),
  quoted: quoted.optional(),
  /** False: kept as context, never answered (a thread's message that is not for the bot). */
  answer: z.boolean(),
  /** Absent: it is whole, unless it ends a text of which it is the last part. */
  part: part.optional(),
  /** True: not for the bot by itself. It counts together with a part that is; alone it is dropped. */
  onlyAsPart: z.literal(true).optional(),
  /** Said in a group or thread without calling the bot: to `nobody` in particular, or to `others`. */
  unaddressed: z.enum(["nobody", "others"]).exactOptional(),
  /** It stands in a chain of replies, as under a channel's post: only what answers a message of the chain does so too. */
  inChain: z.literal(true).exactOptional(),
  /** When it was written, in ms since 1970. */
  sentAtMs: z.number(),
  /** When it was written into the inbox, by Redis' clock; absent before. */
  acceptedAtMs: z.number().optional(),
});

/** One message of a person, as accepted into a conversation's inbox. */
export type IncomingMessage = Readonly<z.output<typeof incomingMessage>>;

const editedContent = z.object({ v: z.literal(1), text: z.string(), unsupported: z.string().optional() });

/** What a message says after its author changed it. */
export type EditedContent = Readonly<z.output<typeof editedContent>>;

const button = z.object({
  /** The platform's id of the message that carries the button. */
  page: z.string(),
  /** By what the press itself is answered, where the platform has that: for some seconds, seen by who pressed. */
  press: z.string().optional(),
  /** Only who pressed sees that message. */
  isPrivate: z.boolean().default(false),
  /** It stands in the app's home, which shows what comes of it. */
  isHome: z.literal(true).optional(),
});

const file = z.object({
  /** The platform's own id of the file. */
  id: z.string(),
  name: z.string(),
  mimeType: z.string(),
  /** As the platform says; 0 where it does not. */
  bytes: z.number(),
});

/** A file that came with a command. */
export type IncomingFile = Readonly<z.output<typeof file>>;

const incomingCommand = z.object({
  ...envelope,
  /** Lower case, without slash or bang: `stop`, `new`. */
  name: z.string(),
  /** What followed the name, trimmed. */
  argument: z.string(),
  /** `chat`: written where the platform does not say in which of the chat's threads it was meant. */
  reach: z.enum(["conversation", "chat"]).default("conversation"),
  /**
   * A longer text, exactly as it was written, for a command that wants one: never read as anything else. `argument` says
   * what is done with it.
   */
  text: z.string().optional(),
  /** The text may be the beginning of a longer one only. */
  isCut: z.boolean().optional(),
  /** A file that is to be read for such a text. */
  file: file.optional(),
  /** It may be meant for another bot: whoever may not give it hears nothing. */
  isAnyones: z.literal(true).exactOptional(),
  /** The message that it was given in answer to. */
  about: z
    .object({
      id: z.string().transform((id) => id as MessageId),
      /** Of the bot's own. */
      own: z.boolean(),
      sentAtMs: z.number(),
    })
    .exactOptional(),
  /** It was given by pressing a button. */
  button: button.optional(),
  /** Where only the sender sees an answer (Slack: `response_url`); absent: answer in the conversation. */
  respondTo: z.string().optional(),
  sentAtMs: z.number(),
});

/** One command of a person. It never waits behind the model. */
export type IncomingCommand = Readonly<z.output<typeof incomingCommand>>;

/** @throws ZodError when `stored` is not a message of a version this code reads */
export function parseIncomingMessage(stored: unknown): IncomingMessage {
  return incomingMessage.parse(stored);
}

/** @throws ZodError when `stored` is not an edit of a version this code reads */
export function parseEditedContent(stored: unknown): EditedContent {
  return editedContent.parse(stored);
}

/** @throws ZodError when `stored` is not a command of a version this code reads */
export function parseIncomingCommand(stored: unknown): IncomingCommand {
  return incomingCommand.parse(stored);
}
