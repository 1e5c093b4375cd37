/** The menu of commands that Telegram shows: set once, and only when it is not so already. */

import { z } from "zod";
import { listedCommands } from "../../core/commands/declarations.ts";
import { type Connection, forGrammy } from "./connection.ts";
import { toTelegramError } from "./errors.ts";

const menu = z.array(z.object({ command: z.string(), description: z.string() }));

/** Makes the menu of the default scope what Parley declares. @throws TelegramError */
export async function setMenu({ api }: Connection, signal: AbortSignal): Promise<void> {
  const wanted = listedCommands.map(({ name, description }) => ({ command: name, description }));
  try {
    const present = menu.safeParse(await api.getMyCommands({}, forGrammy(signal)));
    if (present.success && JSON.stringify(present.data) === JSON.stringify(wanted)) return;
    await api.setMyCommands(wanted, {}, forGrammy(signal));
  } catch (error) {
    throw toTelegramError(error, "setMyCommands");
  }
}
