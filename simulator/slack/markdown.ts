/** What people see of the Markdown that streams and markdown blocks take, and what of it Slack would fetch. */

import MarkdownIt from "markdown-it";

const md = new MarkdownIt({ html: false, linkify: true });
// An address to write to is not fetched.
md.linkify.set({ fuzzyEmail: false });
/** Whatever might be taken for an address, by the strictest reading: nobody has written down what Slack's reads. */
const looksLikeAddress = /\w:\/\/|\bwww\.|[\p{L}\p{N}]\.\p{L}{2,}/u;
const invisible = /[\u200b\u2060]/g;

/** One Markdown text as Slack shows it. */
export interface SeenMarkdown {
  /** Without marks and invisible characters. */
  readonly text: string;
  /** True when something in it would be fetched for a preview. */
  readonly fetches: boolean;
}

/** Reads `markdown` as CommonMark with links found in the text. */
export function readMarkdown(markdown: string): SeenMarkdown {
  const blocks: string[] = [];
  let fetches = false;
  let item = "";
  for (const token of md.parse(markdown, {})) {
    if (token.type === "list_item_open") item = token.info === "" ? "• " : `${token.info}. `;
    if (token.type === "fence" || token.type === "code_block") blocks.push(token.content.trimEnd());
    if (token.type === "hr") blocks.push("———");
    if (token.type !== "inline") continue;
    const inline = readInline(token.children ?? []);
    fetches ||= inline.fetches;
    blocks.push(item + inline.text);
    item = "";
  }
  return { text: blocks.join("\n\n").replace(invisible, ""), fetches };
}

function readInline(tokens: ReturnType<typeof md.parse>): SeenMarkdown {
  let text = "";
  let fetches = false;
  for (const token of tokens) {
    if (token.type === "softbreak" || token.type === "hardbreak") text += "\n";
    if (token.type === "text" || token.type === "code_inline" || token.type === "image")
      text += token.content;
    const isLink = token.type === "link_open" && !String(token.attrGet("href")).startsWith("mailto:");
    if (isLink || token.type === "image") fetches = true;
    if (token.type === "text" && looksLikeAddress.test(token.content)) fetches = true;
  }
  return { text, fetches };
}
