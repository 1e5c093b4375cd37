/** Shows what a command came to: one call, and one more where the place it was given in is gone. */

import { parseConversationId, toConversationId } from "../conversation.ts";
import type { IncomingCommand } from "../message.ts";
import type { CallOutcome, CommandResponder, Platform, ReplyTarget } from "../platform.ts";
import type { Timing } from "../timing.ts";
import type { TurnStore } from "../turn-store.ts";
import { words } from "../words.ts";

/** What answering a command needs. */
export interface AnswerDependencies {
  readonly platform: Platform;
  readonly responder: CommandResponder;
  readonly store: Pick<TurnStore, "permit" | "block" | "move">;
  readonly timing: Timing;
}

/** @returns the ms after which to come again, 0 when done */
export async function answerCommand(
  dependencies: AnswerDependencies,
  command: IncomingCommand,
  answer: string,
): Promise<number> {
  const address = parseConversationId(command.conversation);
  const target: ReplyTarget = { address, place: command.place, question: command.nativeId };
  const said = await respond(dependencies, target, command, answer);
  if (typeof said === "number" || said.kind !== "elsewhere") return await settle(dependencies, said);
  const elsewhere = { ...target, address: said.address, detached: true } as const;
  const isMoved = said.why === "moved";
  if (isMoved) await dependencies.store.move(command.conversation, toConversationId(said.address));
  const text = isMoved ? answer : `${words.topicGone}\n\n${answer}`;
  return await settle(dependencies, await respond(dependencies, elsewhere, command, text));
}

/** @returns how the call ended; the ms until there is leave for it, when it was not made */
async function respond(
  { platform, responder, store, timing }: AnswerDependencies,
  target: ReplyTarget,
  { respondTo }: IncomingCommand,
  answer: string,
): Promise<CallOutcome<void> | number> {
  const budgets = platform.limits.budgets(target, "post");
  const permit = await store.permit(undefined, { kind: "final", budgets, shownUtf16: 0 });
  if (permit.kind === "wait") return permit.waitMs;
  return await responder.respond(target, respondTo, answer, AbortSignal.timeout(timing.callMs));
}

async function settle(
  { store, timing }: AnswerDependencies,
  said: CallOutcome<void> | number,
): Promise<number> {
  if (typeof said === "number") return said;
  if (said.kind === "limited") {
    await store.block(said.budgets, said.retryAfterMs);
    return said.retryAfterMs;
  }
  return said.kind === "unapplied" ? timing.backoffMaxMs : 0;
}
