/** Telegram's text with entities, as elements. */

import { el, link } from "./dom.js";

/** Blocks take the line break before and after them, as Telegram's own apps draw them. */
const blocks = new Set(["pre", "blockquote", "expandable_blockquote"]);

/** @returns {DocumentFragment} */
export function telegramText(text, entities) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const fragment = document.createDocumentFragment();
  fill(fragment, text, 0, text.length, sorted);
  return fragment;
}

/** Writes `text` from `start` to `end` with those of `entities` that lie in it. */
function fill(parent, text, start, end, entities) {
  let at = start;
  let afterBlock = false;
  const plain = (to, beforeBlock) => {
    let piece = text.slice(at, to);
    if (afterBlock) piece = piece.replace(/^\n/, "");
    if (beforeBlock) piece = piece.replace(/\n$/, "");
    if (piece !== "") parent.append(piece);
  };
  for (const entity of entities) {
    const to = entity.offset + entity.length;
    if (entity.offset < at || to > end || entity.length <= 0) continue;
    const isBlock = blocks.has(entity.type);
    plain(entity.offset, isBlock);
    const inner = entities.filter(
      (one) => one !== entity && isWithin(one, entity) && comesAfter(entities, one, entity),
    );
    parent.append(element(entity, text, inner));
    at = to;
    afterBlock = isBlock;
  }
  plain(end, false);
}

function isWithin(inner, outer) {
  return inner.offset >= outer.offset && inner.offset + inner.length <= outer.offset + outer.length;
}

/** Of two entities over the same span the first is the outer one. */
function comesAfter(entities, inner, outer) {
  return entities.indexOf(inner) > entities.indexOf(outer);
}

const tags = new Map([
  ["bold", "b"],
  ["italic", "i"],
  ["underline", "u"],
  ["strikethrough", "s"],
  ["code", "code"],
  ["blockquote", "blockquote"],
  ["expandable_blockquote", "blockquote"],
]);

function element(entity, text, inner) {
  const { type, offset, length } = entity;
  const words = text.slice(offset, offset + length);
  if (type === "pre") return preformatted(words, entity.language);
  const container = containerOf(entity, words);
  fill(container, text, offset, offset + length, inner);
  return container;
}

function containerOf({ type, url }, words) {
  switch (type) {
    case "text_link":
      return link(url ?? "");
    case "url":
      return link(words);
    case "email":
      return link(`mailto:${words}`);
    case "mention":
    case "text_mention":
    case "bot_command":
    case "hashtag":
      return el("span", { class: "mention" });
    case "spoiler":
      return el("span", { class: "spoiler", tabindex: "0" });
    default:
      return el(tags.get(type) ?? "span");
  }
}

function preformatted(words, language) {
  const code = el("code", { text: words.replace(/\n$/, "") });
  // Long lines are scrolled, with the keyboard too.
  return el("pre", { tabindex: "0", ...(language ? { "data-language": language } : {}) }, code);
}
