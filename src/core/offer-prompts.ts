/** Somebody opened the bot's private chat: it offers what could be asked. Nobody waits for it, so nothing is tried again. */

import type { Access, Asker } from "./access.ts";
import { type ConversationId, parseConversationId, toMessageId } from "./conversation.ts";
import { ParleyError } from "./errors.ts";
import type { CommandResponder } from "./platform/command-responder.ts";
import type { Platform } from "./platform/platform.ts";
import type { TurnStore } from "./turn-store.ts";
import { words } from "./words.ts";

/** What offering needs of the platform and the store. */
export interface OfferDependencies {
  readonly platform: Platform;
  readonly responder: CommandResponder;
  readonly store: Pick<TurnStore, "permit" | "block">;
  readonly access: (asker: Asker) => Promise<Access>;
  readonly callMs: number;
}

/** Who opened which chat. */
export interface OpenedChat {
  readonly conversation: ConversationId;
  readonly author: string;
}

/** Offers the prompts to whoever may use the bot, if the platform's limits have room. @throws when the store is out of reach */
export async function offerPrompts(dependencies: OfferDependencies, chat: OpenedChat): Promise<void> {
  const { platform, responder, store, callMs } = dependencies;
  const address = parseConversationId(chat.conversation);
  if (!(await mayUse(dependencies, chat))) return;
  const target = { address, place: "private", question: "" } as const;
  const budgets = platform.limits.budgets(target, "prompts");
  const permit = await store.permit(undefined, { kind: "status", budgets, shownUtf16: 0 });
  if (permit.kind !== "granted") return;
  const outcome = await responder.offerPrompts(target, words.prompts, AbortSignal.timeout(callMs));
  if (outcome.kind === "limited") await store.block(outcome);
}

/** False also while the platform does not say who it is. */
async function mayUse(
  { platform, access, callMs }: OfferDependencies,
  { conversation, author }: OpenedChat,
): Promise<boolean> {
  const address = parseConversationId(conversation);
  const opening = {
    v: 1,
    id: toMessageId(address, "opened"),
    conversation,
    nativeId: "",
    order: 0,
    author: { id: author, name: "" },
    place: "private",
    text: "",
    answer: false,
    sentAtMs: 0,
  } as const;
  try {
    const { membership } = await platform.read(opening, AbortSignal.timeout(callMs));
    return (await access({ ...address, author, place: "private", membership })).allowed;
  } catch (error) {
    if (error instanceof ParleyError) return false;
    throw error;
  }
}
