/** A person chooses by a button under an answer, as core shows it and takes it. */

import { expect } from "vitest";
import { toConversationId } from "../../src/core/conversation.ts";
import type { ReplyTarget } from "../../src/core/platform/reply-target.ts";
import { patience } from "./scene.ts";
import type { Subject } from "./subject.ts";

/** The button is the command that it carries; its answer replaces the message, a refusal leaves it as it is. */
export async function chooses(subject: Subject, target: ReplyTarget): Promise<void> {
  const { responder, inbox } = subject;
  const author = { id: target.asker ?? "", name: "" };
  const buttons = [[{ label: "Choose x", data: "/model gpt-x" }]];
  const question = { markdown: "Which one?", audience: "place", buttons } as const;
  await responder.respond(target, { author }, question, patience());
  await subject.until(() => subject.seen().some((text) => text.includes("Which one?")));
  subject.presses("Choose x");
  const given = () => inbox.accepted.flatMap((one) => (one.kind === "command" ? [one.command] : []));
  await inbox.until(() => given().length === 1);
  const [command] = given();
  if (command === undefined) throw new Error("No command came");
  expect(command).toMatchObject({ name: "model", argument: "gpt-x", place: "private" });
  expect(command.conversation).toBe(toConversationId(target.address));
  const chosen = { markdown: "Chosen.", audience: "place", buttons: [] } as const;
  expect(await responder.respond(target, command, chosen, patience())).toMatchObject({ kind: "done" });
  await subject.until(() => subject.seen().some((text) => text.includes("Chosen.")));
  expect(subject.seen().join()).not.toContain("Which one?");
  const refusal = { markdown: "Not yours.", audience: "person", buttons: [], refused: true } as const;
  expect(await responder.respond(target, command, refusal, patience())).toMatchObject({ kind: "done" });
  expect(subject.seen().some((text) => text.includes("Chosen."))).toBe(true);
}
