/** What most checks of the contract begin with: a connected adapter, a message to answer, a page that is posted. */

import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { parseConversationId } from "../../src/core/conversation.ts";
import type { IncomingMessage } from "../../src/core/message.ts";
import type { Page } from "../../src/core/platform/page.ts";
import type { ReplyTarget } from "../../src/core/platform/reply-target.ts";
import type { Subject } from "./subject.ts";

/** Ends a call that takes longer than any test is to wait for. */
export const patience = () => AbortSignal.timeout(5_000);
/** How a reply's first page is posted. */
export const first = { index: 0, token: "token-of-page-0" };
/** What a page says, and what people see of it. */
export const hello = "**Hello**, world";
export const helloSeen = /Hello.*, world$/;

/** A message of the person's has arrived: where to answer it. */
export async function answerable(
  subject: Subject,
): Promise<{ readonly message: IncomingMessage; readonly target: ReplyTarget }> {
  await connected(subject);
  subject.says("Hello?");
  await subject.inbox.until(() => subject.inbox.messages.length > 0);
  const message = subject.inbox.messages[0] as IncomingMessage;
  const address = parseConversationId(message.conversation);
  return { message, target: { address, place: message.place, question: message.nativeId } };
}

/** Being ready is asked for, as `/readyz` does; nobody is told of it. */
export async function connected({ intake }: Subject): Promise<void> {
  await intake.start();
  while (intake.notReady() !== undefined) await sleep(5);
}

/** What is to be shown: `hello`, unless told otherwise. */
export function page({ platform }: Subject, markdown = hello): Page {
  return platform.createRenderer().render(markdown, "final")[0] as Page;
}

/** A page is posted. @returns its id */
export async function posted(subject: Subject, target: ReplyTarget): Promise<string> {
  const outcome = await subject.platform.post(target, page(subject), first, patience());
  expect(outcome).toMatchObject({ kind: "done" });
  return outcome.kind === "done" ? outcome.value : "";
}
