/**
 * The menus of commands that Telegram shows: one for everybody, one for groups' admins, one for each owner and admin of the
 * bot in their private chat. Set when a process begins to take in, and only where they are not so already; a person's own
 * also when they become an admin or are one no more.
 */

import type { BotCommandScope } from "grammy/types";
import { z } from "zod";
import { type CommandDeclaration, offeredTo } from "../../core/commands/declarations.ts";
import { causeOf, type Events } from "../../core/events.ts";
import type { Timing } from "../../core/timing.ts";
import { platformName } from "./address.ts";
import { Backoff, restFor } from "./backoff.ts";
import { type Connection, forGrammy } from "./connection.ts";
import { TelegramError, toTelegramError } from "./errors.ts";

const menu = z.array(z.object({ command: z.string(), description: z.string() }));

/** What setting menus needs. */
export interface MenuParts {
  readonly connection: Connection;
  readonly events: Events;
  readonly timing: Timing;
  /** Telegram's ids of the bot's owners and admins; nobody unless it is given. */
  readonly admins?: (() => Promise<readonly string[]>) | undefined;
}

interface Menu {
  readonly scope: BotCommandScope;
  readonly who: CommandDeclaration["who"];
}

/** Owners and admins beyond this number see the menu of everybody. */
const mostAdmins = 50;

/** Makes the menus what Parley declares; tries until they are so, are refused for good, or `signal` aborts. Never rejects. */
export async function ensureMenus(parts: MenuParts, signal: AbortSignal): Promise<void> {
  for (const menu of common) await ensure(parts, menu, signal);
  const admins = await adminsOf(parts, signal);
  for (const id of admins.slice(0, mostAdmins)) await ensure(parts, menuOf(id), signal);
}

const menuOf = (id: string): Menu => ({ scope: { type: "chat", chat_id: Number(id) }, who: "bot admins" });

/** Gives somebody the menu of the bot's admins in their private chat, or that of everybody again. @throws TelegramError */
export async function offerCommands(
  connection: Connection,
  person: string,
  isAdmin: boolean,
  signal: AbortSignal,
): Promise<void> {
  const menu = menuOf(person);
  if (isAdmin) return await setMenu(connection, menu, signal);
  await connection.api.deleteMyCommands({ scope: menu.scope }, forGrammy(signal)).catch((error: unknown) => {
    throw toTelegramError(error, "deleteMyCommands");
  });
}

/** Nobody waits for an answer who is told to leave: the store may be out of reach for long. */
async function adminsOf({ admins }: MenuParts, signal: AbortSignal): Promise<readonly string[]> {
  if (admins === undefined || signal.aborted) return [];
  const leaving = Promise.withResolvers<readonly string[]>();
  signal.addEventListener("abort", () => leaving.resolve([]), { once: true });
  return await Promise.race([admins().catch(() => []), leaving.promise]);
}

const common: readonly Menu[] = [
  { scope: { type: "default" }, who: "everyone" },
  { scope: { type: "all_chat_administrators" }, who: "admins" },
];

async function ensure(parts: MenuParts, menu: Menu, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff(parts.timing);
  while (!signal.aborted) {
    try {
      return await setMenu(parts.connection, menu, signal);
    } catch (error) {
      if (signal.aborted) return;
      const cause = causeOf(error);
      // An admin who has never written to the bot has no private chat with it.
      const isRefused = error instanceof TelegramError && error.retry === "never";
      const outcome = isRefused ? "left as it is" : "tried again";
      parts.events.callFailed({ platform: platformName, method: "setMyCommands", outcome, cause });
      if (isRefused) return;
      await restFor(backoff.msAfter(error), signal);
    }
  }
}

async function setMenu({ api }: Connection, { scope, who }: Menu, signal: AbortSignal): Promise<void> {
  const wanted = offeredTo(who).map(({ name, description }) => ({ command: name, description }));
  try {
    const present = menu.safeParse(await api.getMyCommands({ scope }, forGrammy(signal)));
    if (present.success && JSON.stringify(present.data) === JSON.stringify(wanted)) return;
    await api.setMyCommands(wanted, { scope }, forGrammy(signal));
  } catch (error) {
    throw toTelegramError(error, "setMyCommands");
  }
}
