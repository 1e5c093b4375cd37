/** From updates into the inbox, whichever way Telegram delivers them. */

import { causeOf, type Events } from "../../core/events.ts";
import type { Arrival, Inbox } from "../../core/inbox.ts";
import { platformName } from "./address.ts";
import { type Self, toArrivals } from "./receive.ts";

/** An update of which no more is known than its number. */
export interface AnyUpdate {
  readonly update_id: number;
}

/** Reads updates and writes what they mean. */
export interface Acceptance {
  /** What an update means. One that cannot be read is set aside, for it would stop every later one, and is logged. */
  read(update: AnyUpdate, self: Self): readonly Arrival[];
  /** @returns false when the write is not known to have happened, which is logged: Telegram must deliver again */
  write(arrivals: readonly Arrival[]): Promise<boolean>;
}

/** Makes the acceptance of one process. */
export function createAcceptance(inbox: Inbox, events: Events): Acceptance {
  return {
    read(update, self) {
      try {
        return toArrivals(update, self);
      } catch (error) {
        const cause = error instanceof Error ? error.name : "unknown";
        const id = String(update.update_id);
        events.updateUnreadable({ platform: platformName, update: id, cause });
        return [];
      }
    },
    async write(arrivals) {
      if (arrivals.length === 0) return true;
      try {
        await inbox.accept(arrivals);
        return true;
      } catch (error) {
        events.arrivalsRefused({ platform: platformName, cause: causeOf(error) });
        return false;
      }
    },
  };
}
