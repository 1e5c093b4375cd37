/** How much is taken on before people are told that it is too much; a limit of 0 is none. */

/** Limits on what waits. Nothing beyond them is dropped without a word. */
export interface Patience {
  /** Messages a minute of one person, and in one conversation; as many may come at once after a quiet time. */
  readonly personPerMinute: number;
  readonly conversationPerMinute: number;
  /** Messages of one person that are not answered yet, wherever, and those of one conversation. */
  readonly personWaiting: number;
  readonly conversationWaiting: number;
  /** Conversations in which something waits or runs; a new one is not taken on beyond it. */
  readonly conversationsWaiting: number;
  /** How long what came first may wait for a worker, in ms. */
  readonly waitingMs: number;
  /** Whether other bots are answered at all; what breaks their loops is {@link botLoop}. */
  readonly otherBots: boolean;
}

/** Bots that answer each other never tire: after so many messages of theirs in a conversation within `ms`, they are left alone for as long. */
export const botLoop = { messages: 20, ms: 60_000 } as const;

/** No limits at all. */
export const endlessPatience: Patience = {
  personPerMinute: 0,
  conversationPerMinute: 0,
  personWaiting: 0,
  conversationWaiting: 0,
  conversationsWaiting: 0,
  waitingMs: 0,
  otherBots: false,
};

/** Which limit a message was beyond. `bots`: other bots were answered too often; `everything`: that of all conversations together. */
export const overloads = [
  "person-rate",
  "conversation-rate",
  "person-waiting",
  "conversation-waiting",
  "bots",
  "everything",
] as const;

/** One of {@link overloads}. */
export type Overload = (typeof overloads)[number];
