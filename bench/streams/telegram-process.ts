/** A Telegram with flood control, with private chats and one group with topics. */

import { startTelegramSimulator } from "../../simulator/telegram/index.ts";
import { serve } from "../rpc.ts";
import { createViewers } from "./viewers.ts";

/** A true token bucket per limit, which holds 6 s of it. */
const flood = {
  privateChat: { intervalMs: 1_000, burst: 6 },
  group: { intervalMs: 3_000, burst: 2 },
  global: { intervalMs: 1_000 / 30, burst: 180 },
};

const privateChats = 500;
const topics = 10;

const telegram = await startTelegramSimulator({ flood, keepStates: false });
const people = Array.from({ length: privateChats }, (_, index) => {
  const user = telegram.createUser({ firstName: `Ada${index}` });
  return { user, chat: telegram.createPrivateChat(user), threadId: undefined as number | undefined };
});
const asker = telegram.createUser({ firstName: "Bob" });
const group = telegram.createGroup({ title: "Team", members: [asker], isForum: true });
for (let index = 0; index < topics; index += 1) {
  const threadId = telegram.places.createTopic(group, asker, `Topic ${index}`);
  people.push({ user: asker, chat: group, threadId });
}
const place = (chatId: number, threadId: number | undefined) => `${chatId} ${threadId ?? ""}`;
const indexOf = new Map(people.map(({ chat, threadId }, index) => [place(chat.id, threadId), index]));

const calls = {
  ...createViewers({
    says: (conversation, text) => {
      const { user, chat, threadId } = people[conversation]!;
      telegram.says(user, chat, text, threadId === undefined ? {} : { threadId, mentionBot: true });
    },
    onShown: (listener) => {
      telegram.onChange((change) => {
        if (change.kind !== "message" && change.kind !== "edited") return;
        const { from, chatId, threadId, text } = change.message;
        const conversation = indexOf.get(place(chatId, threadId));
        if (from.isBot && conversation !== undefined)
          listener(conversation, text, change.kind === "message" ? "post" : "edit");
      });
    },
  }),
  /** Private chats come first, then the group's topics. */
  variables: () => ({ TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.url }),
  async connected(): Promise<void> {
    await telegram.until(() => telegram.polled);
  },
  /** How many calls were refused with 429. */
  refusals: () => telegram.calls.filter(({ status }) => status === 429).length,
};

serve(calls);
