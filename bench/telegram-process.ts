/** The Telegram of a bench and its people, in private chats. */

import { startTelegramSimulator } from "../simulator/telegram/index.ts";
import { createPeople } from "./people.ts";
import { serve } from "./rpc.ts";

const chatCount = 1_000;

const telegram = await startTelegramSimulator({ flood: "off", keepCalls: 100, keepStates: false });
const chats = Array.from({ length: chatCount }, (_, index) => {
  const user = telegram.createUser({ firstName: `Ada${index}` });
  return { user, chat: telegram.createPrivateChat(user) };
});
const indexOfChat = new Map(chats.map(({ chat }, index) => [chat.id, index]));

const calls = {
  ...createPeople({
    says: (conversation, text) => {
      const { user, chat } = chats[conversation]!;
      telegram.says(user, chat, text);
    },
    onShown: (listener) => {
      telegram.onChange((change) => {
        if (change.kind !== "message" && change.kind !== "edited") return;
        const { from, chatId, text } = change.message;
        const conversation = indexOfChat.get(chatId);
        if (!from.isBot || conversation === undefined) return;
        listener(conversation, text, change.kind === "message" ? "post" : "edit");
      });
    },
  }),
  /** What connects a service to it, without rates: Parley is measured, not its patience. */
  variables: () => ({
    TELEGRAM_BOT_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.url,
    TELEGRAM_RATE_GLOBAL: "off",
    TELEGRAM_RATE_CHAT: "off",
    TELEGRAM_RATE_GROUP: "off",
  }),
  async connected(): Promise<void> {
    await telegram.until(() => telegram.polled);
  },
  /** Measured on Slack only. */
  acknowledgements: (): readonly number[] => [],
};

serve(calls);
