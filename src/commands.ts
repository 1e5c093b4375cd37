/** Part of the composition: what commands, and the buttons that stand for them, need of the rest. */

import type { Config } from "./config.ts";
import type { Parts } from "./connected.ts";
import { type Asker, personEntry } from "./core/access.ts";
import type { AccessCheck } from "./core/access-check.ts";
import { createModelCheck } from "./core/commands/model-check.ts";
import { readTextFile } from "./core/commands/read-file.ts";
import type { CommandDependencies } from "./core/commands/run.ts";
import { parseConversationId, toChatConversation } from "./core/conversation.ts";
import type { Arrival } from "./core/inbox.ts";
import type { TurnDependencies } from "./core/turn.ts";
import { createDecisions } from "./rights.ts";

/** Makes what commands need; what they share with turns comes from there. */
export function createCommandDependencies(
  config: Config,
  { queue, adapters, events, timing }: Parts,
  { endpoints, admission, endUser }: Pick<TurnDependencies, "endpoints" | "admission" | "endUser">,
  configured: TurnDependencies["configured"],
  check: AccessCheck,
): CommandDependencies {
  const { access } = config;
  const personOf = (asker: Asker) => personEntry(asker, access.forms);
  const { right } = check;
  const decisions = createDecisions(config, { queue, adapters, events, timing });
  return {
    conversations: { ...queue.conversations, claimOwnership: decisions.claimOwnership },
    turnAway: queue.requests.turnAway,
    buttons: queue.buttons,
    access: check.mayUse,
    ofAccess: { store: decisions.access, requests: queue.requests, rules: access, right, personOf },
    events,
    contextWindow: (model) => endpoints.contextWindow(model),
    contextTokens: config.context.tokens,
    commandPrefix: (platform) => adapters.get(platform)?.responder.commandPrefix ?? "/",
    read: async (command) => {
      const platform = adapters.get(parseConversationId(command.conversation).platform)?.platform;
      if (!platform) throw new Error(`No adapter for ${command.conversation}`);
      // A command is read like a message without text: for its author's name and membership.
      return await platform.read({ ...command, text: "", answer: true }, AbortSignal.timeout(10_000));
    },
    ofSettings: {
      settings: queue.settings,
      configured,
      catalogue: endpoints,
      checkModel: createModelCheck({ endpoints, admission, waitMs: timing.modelCheckMs }, endpoints),
      endUser,
      right,
      personOf,
      hasWorkspaces: (platform) =>
        access.forms.some((form) => form.platform === platform && form.opensToMembers),
      readFile: async (command, file) => {
        const responder = adapters.get(parseConversationId(command.conversation).platform)?.responder;
        if (!responder) throw new Error(`No adapter for ${command.conversation}`);
        return await readTextFile(responder, command, file, AbortSignal.timeout(timing.callMs * 2));
      },
      modelsWaitMs: timing.callMs,
    },
  };
}

type Pressed = Omit<Extract<Arrival, { readonly kind: "stop" }>, "kind" | "id">;

/** A platform's own stop button: the same as `/stop`, without an answer. */
export async function stopByButton(
  { conversations }: CommandDependencies,
  { conversation, author, atMs, only }: Pressed,
): Promise<void> {
  const chat = toChatConversation(conversation);
  const by = { author, everybodys: false, order: atMs * 1_000 };
  if (only !== undefined) {
    await conversations.stop({ conversation: chat, reach: "chat", ...by, only });
    return;
  }
  const { running } = await conversations.stop({ conversation, reach: "conversation", ...by });
  // A flat direct message shows its sign at the question, which the platform takes for a thread.
  if (!running) await conversations.stop({ conversation: chat, reach: "conversation", ...by });
}
