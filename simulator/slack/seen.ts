/** What a person reads on the screen: blocks and markup as plain text. */

import { readMarkdown } from "./markdown.ts";
import { unescapeText } from "./text.ts";
import type { MessageState, SlackBlock } from "./workspace.ts";

/** Finds the display name behind an id. */
export type Names = (id: string) => string;

/** The plain text that `state` shows; blocks win over text, as on Slack. */
export function seenText(state: MessageState, names: Names): string {
  if (state.blocks.length === 0) return mrkdwn(state.text, names);
  return state.blocks
    .map((block) => seenBlock(block, names))
    .filter((text) => text !== "")
    .join("\n");
}

function seenBlock(block: SlackBlock, names: Names): string {
  switch (block.type) {
    case "section":
      return [block.text, ...list(block.fields)].map((text) => textObject(text, names)).join("\n");
    case "header":
      return textObject(block.text, names);
    case "context":
      return list(block.elements)
        .map((element) => textObject(element, names))
        .join(" ");
    case "markdown":
      return readMarkdown(String(block.text ?? "")).text;
    case "divider":
      return "———";
    case "image":
      return String(block.alt_text ?? "");
    case "table":
      return list(block.rows)
        .map((row) =>
          list(row)
            .map((cell) => richText(cell, names))
            .join(" | "),
        )
        .join("\n");
    default:
      return richText(block, names);
  }
}

/** Rich text: lists get bullets, lines of preformatted text stay. */
function richText(node: unknown, names: Names, indent = 0): string {
  if (!isRecord(node)) return "";
  switch (node.type) {
    case "rich_text":
      return list(node.elements)
        .map((element) => richText(element, names))
        .join("\n");
    case "rich_text_list": {
      const depth = "  ".repeat(Number(node.indent ?? 0));
      const first = Number(node.offset ?? 0) + 1;
      return list(node.elements)
        .map((item, index) => {
          const mark = node.style === "ordered" ? `${first + index}.` : "•";
          return `${depth}${mark} ${richText(item, names, indent + 1)}`;
        })
        .join("\n");
    }
    case "raw_text":
    case "text":
      return String(node.text ?? "");
    case "link":
      return String(node.text ?? node.url ?? "");
    case "emoji":
      return `:${String(node.name)}:`;
    case "user":
      return `@${names(String(node.user_id))}`;
    case "broadcast":
      return `@${String(node.range)}`;
    default:
      return list(node.elements)
        .map((element) => richText(element, names, indent))
        .join("");
  }
}

function textObject(value: unknown, names: Names): string {
  if (!isRecord(value)) return "";
  const text = String(value.text ?? value.alt_text ?? "");
  return value.type === "mrkdwn" ? mrkdwn(text, names) : text;
}

/** Markup of `<…>` and escapes resolved; stars and underscores are left as they are. */
function mrkdwn(text: string, names: Names): string {
  const resolved = text.replace(/<([^>]+)>/g, (_, inner: string) => {
    const [target = "", label] = inner.split("|");
    if (target.startsWith("@")) return `@${names(target.slice(1))}`;
    if (target.startsWith("#")) return `#${label ?? names(target.slice(1))}`;
    if (target.startsWith("!")) return `@${label ?? target.slice(1)}`;
    return label ?? target;
  });
  return unescapeText(resolved);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
