/** Part of the composition: what is said outside of turns, to commands and to whoever opens the app. */

import type { Parts } from "./connected.ts";
import { answerCommand } from "./core/commands/answer.ts";
import { showHome } from "./core/commands/home.ts";
import type { CommandDependencies } from "./core/commands/run.ts";
import { parseConversationId } from "./core/conversation.ts";
import { offerPrompts } from "./core/offer-prompts.ts";
import type { Work } from "./queue/queue.ts";

/** Makes it. */
export function createAnswering(
  { queue, adapters, timing, events }: Parts,
  commands: CommandDependencies,
): Pick<Work, "answer" | "opened"> {
  const { store, buttons } = queue;
  const { callMs } = timing;
  return {
    answer: async (command, answer) => {
      const { conversation, author, button } = command;
      const adapter = adapters.get(parseConversationId(conversation).platform);
      if (!adapter) return timing.brokenMs;
      if (button?.isHome !== true)
        return await answerCommand({ ...adapter, store, buttons, timing }, command, answer);
      const home = { conversation, author: author.id };
      return await showHome({ ...adapter, store, buttons, commands, timing, events }, home, answer);
    },
    opened: async (chat) => {
      const adapter = adapters.get(parseConversationId(chat.conversation).platform);
      if (!adapter) return 0;
      if (chat.isHome === true)
        return await showHome({ ...adapter, store, buttons, commands, timing, events }, chat);
      await offerPrompts({ ...adapter, store, access: commands.access, callMs }, chat);
      return 0;
    },
  };
}
