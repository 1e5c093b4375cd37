/** Buttons in Slack's form: rows of buttons, and a select where there are many of the same kind. */

import { createHash } from "node:crypto";
import type { ActionsBlockElement, KnownBlock } from "@slack/types";
import type { Button } from "../../core/commands/button.ts";
import { tsPattern } from "./address.ts";

/** The beginning of every choice's `action_id`. */
export const choicePrefix = "choice";

/** So many rows of one button each become one select. */
const selectFrom = 5;
/** Text of a button and of an option [facts B6, @slack/types]. */
const labelUtf16 = 75;
/** An actions block takes 25 elements; more than five in a row are hard to read. */
const elementsPerRow = 5;

/**
 * The blocks of choices. Slack tells of a press in a message that only one person sees not in which thread it stands, so
 * the blocks carry it. @param thread the thread in which they will stand
 */
export function toChoiceBlocks(
  rows: readonly (readonly Button[])[],
  thread: string | undefined,
): readonly KnownBlock[] {
  const singles = rows.filter((row) => row.length === 1).flat();
  const listed = singles.length >= selectFrom ? singles : [];
  const others = rows.filter((row) => !(row.length === 1 && listed.includes(row[0] as Button)));
  // Under an id that stays, an app would go on showing what was chosen before [api.slack.com/reference/block-kit/blocks].
  const look = createHash("sha256").update(JSON.stringify(rows)).digest("base64url").slice(0, 8);
  const select = listed.length === 0 ? [] : [[toSelect(listed)]];
  const groups = [...select, ...others.map((row) => row.slice(0, elementsPerRow).map(toButton))];
  return groups.map((elements, index) => ({
    type: "actions",
    block_id: [choicePrefix, thread ?? "", index, look].join(" "),
    elements,
  }));
}

/** True for a block of choices of ours. */
export function isChoiceBlock({ type, block_id: id }: KnownBlock): boolean {
  return type === "actions" && id?.split(" ")[0] === choicePrefix;
}

/** The thread that a block's id names; undefined when it names none, or is none of ours. */
export function threadOf(blockId: string): string | undefined {
  const [prefix, thread = ""] = blockId.split(" ");
  return prefix === choicePrefix && tsPattern.test(thread) ? thread : undefined;
}

function toButton({ label, data, isChosen }: Button, index: number): ActionsBlockElement {
  return {
    type: "button",
    action_id: `${choicePrefix} ${index}`,
    text: { type: "plain_text", text: shortened(isChosen ? `✓ ${label}` : label), emoji: false },
    value: data,
  };
}

function toSelect(buttons: readonly Button[]): ActionsBlockElement {
  const options = buttons.map(({ label, data }) => ({
    text: { type: "plain_text" as const, text: shortened(label), emoji: false },
    value: data,
  }));
  const chosen = options[buttons.findIndex(({ isChosen }) => isChosen)];
  return {
    type: "static_select",
    action_id: `${choicePrefix} select`,
    options,
    ...(chosen === undefined ? {} : { initial_option: chosen }),
  };
}

/** Of a long label the end is kept as well: names of models differ there. */
function shortened(label: string): string {
  const letters = [...label];
  if (label.length <= labelUtf16) return label;
  const half = Math.floor((labelUtf16 - 1) / 2);
  const cut = (part: readonly string[]) => part.join("").slice(0, half);
  return `${cut(letters.slice(0, half))}…${letters.slice(-half).join("").slice(-half)}`.toWellFormed();
}
