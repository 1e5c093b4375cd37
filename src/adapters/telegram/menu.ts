/** The menu of commands that Telegram shows: set once, and only when it is not so already. */

import { z } from "zod";
import { listedCommands } from "../../core/commands/declarations.ts";
import { causeOf, type Events } from "../../core/events.ts";
import type { Timing } from "../../core/timing.ts";
import { platformName } from "./address.ts";
import { Backoff, restFor } from "./backoff.ts";
import { type Connection, forGrammy } from "./connection.ts";
import { toTelegramError } from "./errors.ts";

const menu = z.array(z.object({ command: z.string(), description: z.string() }));

/** What setting the menu needs. */
export interface MenuParts {
  readonly connection: Connection;
  readonly events: Events;
  readonly timing: Timing;
}

/** Makes the menu of the default scope what Parley declares; tries until it is so or `signal` aborts. Never rejects. */
export async function ensureMenu(parts: MenuParts, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff(parts.timing);
  while (!signal.aborted) {
    try {
      return await setMenu(parts.connection, signal);
    } catch (error) {
      if (signal.aborted) return;
      const cause = causeOf(error);
      const outcome = "tried again";
      parts.events.callFailed({ platform: platformName, method: "setMyCommands", outcome, cause });
      await restFor(backoff.msAfter(error), signal);
    }
  }
}

async function setMenu({ api }: Connection, signal: AbortSignal): Promise<void> {
  const wanted = listedCommands.map(({ name, description }) => ({ command: name, description }));
  try {
    const present = menu.safeParse(await api.getMyCommands({}, forGrammy(signal)));
    if (present.success && JSON.stringify(present.data) === JSON.stringify(wanted)) return;
    await api.setMyCommands(wanted, {}, forGrammy(signal));
  } catch (error) {
    throw toTelegramError(error, "setMyCommands");
  }
}
