/** From a stored message to what may be answered: its readable words and names, and whether its author may ask. */

import { ParleyError } from "./errors.ts";
import { causeOf } from "./events.ts";
import type { IncomingMessage } from "./message.ts";
import type { ReadMessage } from "./platform/platform.ts";
import { type Refusal, toRefusal } from "./refusal.ts";
import { noStanding } from "./standing.ts";
import type { Generated, Run } from "./turn.ts";
import { waitForOperator } from "./wait-for-operator.ts";

/** What reading came to. `unread`: how the run ends without it; `silent` when it can never be read. */
export type FoundMessage =
  | { readonly kind: "readable"; readonly read: ReadMessage }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "unread"; readonly end: Exclude<Generated, { kind: "answer" }> };

/** Reads one message of the run's turn for names and rights. @throws for a defect */
export async function readMessage(run: Run, message: IncomingMessage): Promise<FoundMessage> {
  let read: ReadMessage;
  try {
    read = await run.platform.read(message, run.signals.handBack);
  } catch (error) {
    return { kind: "unread", end: readFailed(run, error) };
  }
  const { platform, scope, chat } = run.target.address;
  const { membership } = read;
  const { id: author, isChat } = message.author;
  const asker = {
    platform,
    scope,
    chat,
    author,
    place: message.place,
    membership,
    ...(isChat && { isChat }),
  };
  const standing = run.turn.standings.get(author) ?? noStanding;
  const decision = run.dependencies.mayUse(asker, standing);
  if (decision.allowed) return { kind: "readable", read };
  return { kind: "refused", refusal: toRefusal(asker, decision, read.authorName) };
}

/** Without names and rights there is no answer: the turn waits, and the try does not count. */
function readFailed(run: Run, error: unknown): Exclude<Generated, { kind: "answer" }> {
  if (run.signals.handBack.aborted) return { kind: "handedBack" };
  if (!(error instanceof ParleyError)) throw error;
  const { events, timing } = run.dependencies;
  const { retry } = error;
  if (retry === "operator") return { kind: "later", waitMs: waitForOperator(run, error) };
  events.messageUnread({ message: run.turn.message.id, cause: causeOf(error) });
  // It will never be readable: its chat or author is gone.
  if (retry === "never") return { kind: "silent", entries: [] };
  return { kind: "later", waitMs: typeof retry === "object" ? retry.afterMs : timing.backoffMaxMs };
}
