/** What Telegram says of people: who administers a group, and where one reaches them. */

import type { PlatformPeople } from "../../core/platform/people.ts";
import { platformName, toDestination } from "./address.ts";
import { type Connection, forGrammy } from "./connection.ts";
import { toTelegramError } from "./errors.ts";
import { offerCommands } from "./menu.ts";

/** The owner of a group and its administrators [Bot API ChatMember]. */
const administrators: readonly string[] = ["creator", "administrator"];

/** Makes the port. Of other people's roles Telegram tells surely only a bot that administers the group [facts A9, getChatMember]. */
export function createPeople(connection: Connection, botId: string): PlatformPeople {
  const { api } = connection;
  return {
    scope: botId,
    async roleOf(address, person, signal) {
      const { chatId } = toDestination(address);
      const userId = Number(person);
      // In a private chat there is nobody to administer, and who speaks as a chat is no member.
      if (chatId > 0 || userId <= 0) return undefined;
      const member = await api.getChatMember(chatId, userId, forGrammy(signal)).catch((error: unknown) => {
        throw toTelegramError(error, "getChatMember");
      });
      return administrators.includes(member.status) ? "chat" : undefined;
    },
    offerCommands: (person, isAdmin, signal) => offerCommands(connection, person, isAdmin, signal),
    // A person's private chat has the person's id.
    directChat: (scope, person) => ({
      address: { platform: platformName, scope, chat: person },
      place: "private",
      question: "",
      asker: person,
    }),
  };
}
