/** An album is several messages with one `media_group_id` and no end mark; it gets one sentence, not one per picture. */

import type { Arrival } from "../../core/inbox.ts";
import { type Self, toArrivals } from "./receive.ts";
import { parseUpdate } from "./update.ts";

/** How many albums are remembered: those of the last minutes. */
const remembered = 1_000;

/** Receives updates as {@link toArrivals} does, but of an album only the message that came first. */
export function createReceiver(): (update: unknown, self: Self) => readonly Arrival[] {
  const firstOf = new Map<string, number>();
  return (update, self) => {
    const arrivals = toArrivals(update, self);
    const album = arrivals.length === 0 ? undefined : parseUpdate(update);
    if (album?.media_group_id === undefined) return arrivals;
    const key = `${album.chat.id} ${album.media_group_id}`;
    const first = firstOf.get(key) ?? album.message_id;
    firstOf.set(key, first);
    for (const oldest of firstOf.keys()) {
      if (firstOf.size <= remembered) break;
      firstOf.delete(oldest);
    }
    return first === album.message_id ? arrivals : [];
  };
}
