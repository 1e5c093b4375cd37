/** The buttons that people see under what the bot has written. */

import type { SlackPerson } from "./slack-person.ts";
import { TelegramPerson } from "./telegram-person.ts";
import type { World } from "./world.ts";

/** The buttons under the bot's messages of a chat, as they stand. */
export const keyboards = (person: TelegramPerson) =>
  person.messages().flatMap(({ buttons }) => buttons ?? []);

/** The same on either platform, as JSON. */
export function buttonsOf({ slack }: World, person: TelegramPerson | SlackPerson): string {
  if (person instanceof TelegramPerson) return JSON.stringify(keyboards(person));
  const pages = slack.workspace.messages.filter(({ user }) => user === slack.botUserId);
  const blocks = pages.flatMap(({ states }) => states.at(-1)?.blocks ?? []);
  return JSON.stringify(blocks.filter(({ type }) => type === "actions"));
}
