/** Slack's ids and Parley's: channel and thread to an address, ts to an order. */

import type { Address } from "../../core/conversation.ts";

/** The adapter's name in every id. */
export const platformName = "slack";

/** The address of a conversation: a thread, or a direct message that is one conversation as a whole. */
export function toAddress(teamId: string, channel: string, threadTs: string | undefined): Address {
  const chat = { platform: platformName, scope: teamId, chat: channel };
  return threadTs === undefined ? chat : { ...chat, thread: threadTs };
}

/** A ts: seconds with six decimals, always. */
export const tsPattern = /^\d+\.\d{6}$/;

/** A ts as microseconds. The digits are read as one integer: a float would lose the last ones. */
export function toMicros(ts: string): number {
  return Number(ts.replace(".", ""));
}

/** The ts of a moment, for `oldest`. */
export function toTs(atMs: number): string {
  const micros = String(Math.max(0, Math.floor(atMs))).padStart(4, "0");
  return `${micros.slice(0, -3)}.${micros.slice(-3)}000`;
}
