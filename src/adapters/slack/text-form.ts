/** The form into which a longer text is written: what it looks like, and the command that it becomes. */

import type { ModalView } from "@slack/types";
import { z } from "zod";
import { parseLine } from "../../core/commands/command-answer.ts";
import { readTextRequest, type SettingsCommandName } from "../../core/commands/settings-request.ts";
import { type ConversationId, parseConversationId, toMessageId } from "../../core/conversation.ts";
import type { IncomingCommand } from "../../core/message.ts";
import { settingOf } from "../../core/settings/declarations.ts";
import { words } from "../../core/words.ts";
import type { SlackSubmission } from "./interaction-shapes.ts";

/** The form's name in Slack's deliveries. */
export const formId = "text";

/** A form's input takes so many characters [facts B11]. */
const textMax = 3_000;

/** What a form has to remember of the command that opened it; it lies with Slack, and comes back signed. */
const memory = z.object({
  v: z.literal(1),
  conversation: z.string().transform((id) => id as ConversationId),
  place: z.enum(["private", "group"]),
  reach: z.enum(["conversation", "chat"]),
  /** The command's line: `system here set`. */
  line: z.string(),
  /** Opened in the app's home, which shows the answer. */
  isHome: z.literal(true).optional(),
  respondTo: z.string().optional(),
});

/** The form that `command` opens. It begins empty: what is set now may be too long for it. */
export function toTextForm(command: IncomingCommand): ModalView {
  const { conversation, place, reach, name, argument, respondTo, button } = command;
  const line = argument === "" ? name : `${name} ${argument}`;
  const { isHome } = button ?? {};
  const remembered = { v: 1, conversation, place, reach, line, isHome, respondTo };
  const plain = (text: string) => ({ type: "plain_text", text, emoji: false }) as const;
  return {
    type: "modal",
    callback_id: formId,
    private_metadata: JSON.stringify(remembered),
    title: plain(words.form.title),
    submit: plain(words.form.submit),
    close: plain(words.form.close),
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: words.form.about(textMax), verbatim: true } },
      {
        type: "input",
        block_id: formId,
        label: plain(words.form.label),
        element: { type: "plain_text_input", action_id: formId, multiline: true, max_length: textMax },
      },
    ],
  };
}

/**
 * The command that a form becomes, or what to say beside its field.
 * @returns undefined when it is none of ours, or of another workspace
 */
export function fromTextForm(
  { user, view }: SlackSubmission,
  teamId: string,
  nowMs: number,
): { readonly command: IncomingCommand } | { readonly fault: string } | undefined {
  const parsed = memory.safeParse(jsonIn(view.private_metadata));
  const line = parsed.success ? parseLine(parsed.data.line) : undefined;
  if (!parsed.success || line === undefined) return undefined;
  const { conversation, place, reach, isHome, respondTo } = parsed.data;
  const address = parseConversationId(conversation);
  if (address.scope !== teamId) return undefined;
  const text = view.state.values[formId]?.[formId]?.value ?? "";
  const fault = faultOf(line, text);
  if (fault !== undefined) return { fault };
  return {
    command: {
      v: 1,
      id: toMessageId(address, `form ${view.id} ${view.hash}`),
      conversation,
      nativeId: view.id,
      order: nowMs * 1_000,
      author: { id: user.id, name: user.name ?? user.username ?? "" },
      place,
      reach,
      name: line.command,
      argument: line.argument,
      text,
      ...(isHome === undefined ? {} : { button: { page: "", isPrivate: true, isHome } }),
      ...(respondTo === undefined ? {} : { respondTo }),
      sentAtMs: nowMs,
    },
  };
}

/** What can be said at once: whether the text can be a value at all. Rights are looked at when it is carried out. */
function faultOf(
  line: { readonly command: string; readonly argument: string },
  text: string,
): string | undefined {
  const request = readTextRequest(line.command as SettingsCommandName, line.argument, text);
  if (request.kind !== "faulty") return undefined;
  return words.form.fault(settingOf(request.name).expected);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
