/** From updates into the inbox, whichever way Telegram delivers them. */

import { causeOf, type Events } from "../../core/events.ts";
import type { Arrival, Inbox } from "../../core/inbox.ts";
import { platformName } from "./address.ts";
import type { PressAnswers } from "./press-answers.ts";
import { promptIn, type Self, toArrivals } from "./receive.ts";

/** An update of which no more is known than its number. */
export interface AnyUpdate {
  readonly update_id: number;
}

/** Reads updates and writes what they mean. */
export interface Acceptance {
  /**
   * Takes updates in. One that cannot be read is set aside, for it would stop every later one, and is logged.
   * @returns false when the write is not known to have happened, which is logged: Telegram must deliver again
   */
  take(updates: readonly AnyUpdate[], self: Self): Promise<boolean>;
}

/** Makes the acceptance of one process. */
export function createAcceptance(inbox: Inbox, events: Events, presses: PressAnswers): Acceptance {
  return {
    async take(updates, self) {
      try {
        const arrivals: Arrival[] = [];
        for (const update of updates) arrivals.push(...(await read(update, self, inbox, events)));
        if (arrivals.length > 0) await inbox.accept(arrivals);
        for (const arrival of arrivals) presses.expect(arrival);
        return true;
      } catch (error) {
        events.arrivalsRefused({ platform: platformName, cause: causeOf(error) });
        return false;
      }
    },
  };
}

/** @throws when Redis does not say whether a message answers a prompt */
async function read(
  update: AnyUpdate,
  self: Self,
  inbox: Inbox,
  events: Events,
): Promise<readonly Arrival[]> {
  const readable = <T>(parse: () => T): T | undefined => {
    try {
      return parse();
    } catch (error) {
      const cause = error instanceof Error ? error.name : "unknown";
      events.updateUnreadable({ platform: platformName, update: String(update.update_id), cause });
      return undefined;
    }
  };
  const prompt = readable(() => ({ id: promptIn(update, self) }));
  if (prompt === undefined) return [];
  const wanted = prompt.id === undefined ? undefined : await inbox.wanted(prompt.id);
  return readable(() => toArrivals(update, self, wanted)) ?? [];
}
