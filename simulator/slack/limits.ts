/** Slack's limits on one message (docs.slack.dev, and what projects have measured). */

import { walk } from "./text.ts";
import type { SlackBlock } from "./workspace.ts";

/** `chat.postMessage` cuts text here without a word. */
export const postTextMax = 40_000;
const updateTextMax = 4_000;
const sectionTextMax = 3_000;
const headerTextMax = 150;
const contextElementsMax = 10;
const blocksMax = 50;
/** All markdown blocks of one message together. */
const markdownMax = 12_000;
/** Undocumented; slackapi/bolt-js#2509. */
const allBlocksMax = 13_200;

/** The error code for `text` in `chat.update`, if it is too long there. */
export function updateTextProblem(text: string): string | undefined {
  return [...text].length > updateTextMax ? "msg_too_long" : undefined;
}

/** The error code for `blocks`, if Slack refuses them. */
export function blocksProblem(blocks: readonly SlackBlock[]): string | undefined {
  if (blocks.length > blocksMax) return "invalid_blocks";
  if (blocks.some((block) => !blockFits(block))) return "invalid_blocks";
  const markdown = blocks.filter((block) => block.type === "markdown");
  if (total(markdown) > markdownMax) return "msg_blocks_too_long";
  return total(blocks) > allBlocksMax ? "msg_blocks_too_long" : undefined;
}

function blockFits(block: SlackBlock): boolean {
  if (typeof block.type !== "string") return false;
  switch (block.type) {
    case "section":
      return fieldLength(block.text) <= sectionTextMax && (block.fields ? true : fieldLength(block.text) > 0);
    case "header":
      return fieldLength(block.text) > 0 && fieldLength(block.text) <= headerTextMax;
    case "context":
      return Array.isArray(block.elements) && block.elements.length <= contextElementsMax;
    case "actions":
      return actionsFit(block);
    case "rich_text":
      return Array.isArray(block.elements);
    case "markdown":
      return typeof block.text === "string" && block.text !== "";
    case "table":
      return tableFits(block);
    default:
      return true;
  }
}

/** 25 elements; a button's text 75 and value 2,000 characters, an option's 75 each; at most 100 options [facts B6]. */
function actionsFit({ elements, block_id }: SlackBlock): boolean {
  if (!Array.isArray(elements) || elements.length === 0 || elements.length > 25) return false;
  const ids = elements.map(({ action_id }) => action_id);
  if (new Set(ids).size !== ids.length || String(block_id ?? "").length > 255) return false;
  return elements.every(({ type, text, value, options = [] }) => {
    if (type === "button") return fits(text) && String(value ?? "").length <= 2_000;
    return (
      options.length >= 1 &&
      options.length <= 100 &&
      options.every(
        (option: { text: unknown; value: unknown }) => fits(option.text) && String(option.value).length <= 75,
      )
    );
  });
}

function fits(label: unknown): boolean {
  return fieldLength(label) > 0 && fieldLength(label) <= 75;
}

function tableFits(block: SlackBlock): boolean {
  if (!Array.isArray(block.rows) || block.rows.length > 100) return false;
  return block.rows.every((row) => Array.isArray(row) && row.length <= 20) && total([block]) <= 10_000;
}

function fieldLength(field: unknown): number {
  if (typeof field !== "object" || field === null || !("text" in field)) return 0;
  return [...String(field.text)].length;
}

function total(blocks: readonly SlackBlock[]): number {
  let characters = 0;
  walk(blocks, (node) => {
    if (typeof node.text === "string") characters += [...node.text].length;
  });
  return characters;
}
