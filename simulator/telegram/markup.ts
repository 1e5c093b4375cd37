/** `parse_mode`: HTML and MarkdownV2, as far as telling good from bad and taking the marks out of the text. */

import { badRequest } from "./bot-api-error.ts";
import type { Entity, FormattedText } from "./entities.ts";

/** @throws BotApiError "can't parse entities: …" in the platform's words */
export function parseMarkup(text: string, mode: string): FormattedText {
  switch (mode.toLowerCase()) {
    case "html":
      return parseHtml(text);
    case "markdownv2":
      return parseMarkdownV2(text);
    default:
      throw badRequest("unsupported parse_mode");
  }
}

const htmlTags = new Map([
  ["b", "bold"],
  ["strong", "bold"],
  ["i", "italic"],
  ["em", "italic"],
  ["u", "underline"],
  ["ins", "underline"],
  ["s", "strikethrough"],
  ["strike", "strikethrough"],
  ["del", "strikethrough"],
  ["tg-spoiler", "spoiler"],
  ["span", "spoiler"],
  ["a", "text_link"],
  ["code", "code"],
  ["pre", "pre"],
  ["blockquote", "blockquote"],
]);

const htmlEntities = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
]);

interface OpenTag {
  readonly tag: string;
  readonly type: string;
  readonly offset: number;
  readonly url: string | undefined;
}

function parseHtml(source: string): FormattedText {
  const open: OpenTag[] = [];
  const entities: Entity[] = [];
  let text = "";
  for (const match of source.matchAll(
    /<(\/?)([a-z-]*)([^>]*)(>?)|&(#\d+|#x[\da-f]+|[a-z]+);|[^<&]+|[<&]/gi,
  )) {
    const [whole, slash, tag, attributes, , named] = match;
    const at = Buffer.byteLength(source.slice(0, match.index));
    if (named !== undefined) text += decodeNamed(named, whole);
    else if (tag === undefined) text += whole;
    else if (slash === "/") {
      const last = open.pop();
      if (last === undefined || last.tag !== tag.toLowerCase()) {
        throw cannotParse(`Unmatched end tag at byte offset ${at}`);
      }
      entities.push(closed(last, text.length));
    } else open.push(openTag(tag.toLowerCase(), attributes ?? "", text.length, at));
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined)
    throw cannotParse(`Can't find end tag corresponding to start tag "${unclosed.tag}"`);
  return { text, entities };
}

function openTag(tag: string, attributes: string, offset: number, at: number): OpenTag {
  const type = htmlTags.get(tag);
  if (type === undefined) throw cannotParse(`Unsupported start tag "${tag}" at byte offset ${at}`);
  return { tag, type, offset, url: /href="([^"]*)"/i.exec(attributes)?.[1] };
}

function closed({ type, offset, url }: OpenTag, end: number): Entity {
  return { type, offset, length: end - offset, ...(url === undefined ? {} : { url }) };
}

function decodeNamed(name: string, whole: string): string {
  if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
  if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
  return htmlEntities.get(name) ?? whole;
}

const markdownMarks = new Map([
  ["*", "bold"],
  ["_", "italic"],
  ["__", "underline"],
  ["~", "strikethrough"],
  ["||", "spoiler"],
  ["`", "code"],
  ["```", "pre"],
]);

/** Escapes, marks and reserved characters; links keep their label only. */
function parseMarkdownV2(source: string): FormattedText {
  const open: { readonly mark: string; readonly offset: number; readonly at: number }[] = [];
  const entities: Entity[] = [];
  let text = "";
  for (const match of source.matchAll(/\\([\s\S])|```|\|\||__|\[([^\]]*)\]\(([^)]*)\)|[\s\S]/gu)) {
    const [token, escaped, label, url] = match;
    const last = open.at(-1);
    const inCode = last?.mark === "`" || last?.mark === "```";
    if (escaped !== undefined) text += escaped;
    else if (token === last?.mark) {
      open.pop();
      const type = markdownMarks.get(token) ?? "bold";
      entities.push({ type, offset: last.offset, length: text.length - last.offset });
    } else if (inCode) text += token;
    else if (label !== undefined) {
      entities.push({ type: "text_link", offset: text.length, length: label.length, url: url ?? "" });
      text += label;
    } else if (markdownMarks.has(token)) {
      open.push({ mark: token, offset: text.length, at: Buffer.byteLength(source.slice(0, match.index)) });
    } else if (/[[\]()#+\-=|{}.!]/.test(token)) {
      throw cannotParse(`Character '${token}' is reserved and must be escaped with the preceding '\\'`);
    } else text += token;
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined) {
    throw cannotParse(`Can't find end of the entity starting at byte offset ${unclosed.at}`);
  }
  return { text, entities };
}

function cannotParse(what: string): Error {
  return badRequest(`can't parse entities: ${what}`);
}
