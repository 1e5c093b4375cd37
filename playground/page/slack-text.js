/** Slack's mrkdwn and blocks, as elements. */

import { el, link } from "./dom.js";

/**
 * What a message shows: its blocks, or its text where there are none.
 * @param {Record<string, string>} names people and rooms by id
 * @param {(label: string) => void} [onPress]
 * @returns {DocumentFragment}
 */
export function slackContent({ text, blocks }, names, onPress) {
  const fragment = document.createDocumentFragment();
  fragment.append(...blocks.flatMap((block) => blockNodes(block, names, onPress)));
  if (!fragment.hasChildNodes()) fragment.append(...mrkdwn(text, names));
  return fragment;
}

function blockNodes(block, names, onPress = () => undefined) {
  switch (block.type) {
    case "section":
      return [block.text, ...(block.fields ?? [])].flatMap((one) => textObject(one, names));
    case "header":
      return [el("h4", {}, ...textObject(block.text, names))];
    case "context":
      return [
        el("div", { class: "context" }, ...(block.elements ?? []).flatMap((one) => textObject(one, names))),
      ];
    case "actions":
      return [
        el("div", { class: "actions" }, ...(block.elements ?? []).map((one) => actionNode(one, onPress))),
      ];
    case "divider":
      return [el("hr")];
    case "markdown":
      return block.nodes.map(viewed);
    default:
      return [];
  }
}

/** A button, or a select; what it says is in the element, so that two that differ look different. */
function actionNode({ type, text, value, options = [], initial_option: chosen }, onPress) {
  if (type === "button") {
    const on = { click: () => onPress(text.text) };
    return el("button", { class: "action", type: "button", value, text: text.text, on });
  }
  const placeholder =
    chosen === undefined ? [el("option", { value: "", text: "Choose …", selected: true })] : [];
  return el(
    "select",
    {
      class: "action",
      "aria-label": "Choose",
      on: { change: (event) => onPress(event.target.selectedOptions[0].textContent) },
    },
    ...placeholder,
    ...options.map((option) =>
      el("option", { value: option.value, text: option.text.text, selected: option.value === chosen?.value }),
    ),
  );
}

/** A node as the playground read it out of Markdown. */
function viewed(node) {
  if (typeof node === "string") return node;
  const properties = node.tag === "p" ? { class: "line" } : node.tag === "pre" ? { tabindex: "0" } : {};
  return el(node.tag, properties, ...node.children.map(viewed));
}

function textObject(object, names) {
  if (object === undefined || object === null) return [];
  if (object.type === "mrkdwn") return mrkdwn(object.text, names);
  return [el("p", { class: "line", text: object.text ?? "" })];
}

/** @returns {Node[]} paragraphs, lists, quotes and code blocks of `text` */
export function mrkdwn(text, names) {
  return text.split(/(```[\s\S]*?(?:```|$))/).flatMap((part) => {
    if (!part.startsWith("```")) return lines(part.replace(/^\n|\n$/g, ""), names);
    const code = part.replace(/^```\n?/, "").replace(/\n?```$/, "");
    return [el("pre", { tabindex: "0" }, el("code", { text: unescaped(resolved(code, names)) }))];
  });
}

const quoteMark = /^(?:>|&gt;)(?!&gt;|>)\s?/;
const itemMark = /^(\s*)([•◦▪▸‣–-]|\d{1,4}[.)])\s+(.*)$/u;

/** Groups neighbouring lines of one kind. */
function lines(part, names) {
  if (part === "") return [];
  const groups = [];
  for (const line of part.split("\n")) {
    const kind = quoteMark.test(line) ? "quote" : itemMark.test(line) ? "list" : "text";
    const last = groups.at(-1);
    if (last?.kind === kind) last.lines.push(line);
    else groups.push({ kind, lines: [line] });
  }
  return groups.map((group) => groupNode(group, names));
}

function groupNode({ kind, lines: of }, names) {
  if (kind === "quote") {
    const inner = of.map((line) => line.replace(quoteMark, "")).join("\n");
    return el("blockquote", {}, ...lines(inner, names));
  }
  if (kind === "list") return el("ul", {}, ...of.map((line) => item(line, names)));
  return el("p", { class: "line" }, ...inline(of.join("\n"), names));
}

function item(line, names) {
  const [, indent = "", mark = "•", words = ""] = itemMark.exec(line) ?? [];
  const depth = Math.min(4, Math.floor(indent.length / 2));
  const marker = el("span", { class: "marker", text: mark });
  return el("li", { "data-depth": depth }, marker, el("span", {}, ...inline(words, names)));
}

const styles = { "*": "b", _: "i", "~": "s" };
const token =
  /`([^`\n]+)`|<([^>\n]+)>|(?<![\p{L}\p{N}])([*_~])(?=\S)((?:(?!\3).)+?)(?<=\S)\3(?![\p{L}\p{N}])/gu;

/** @returns {(Node | string)[]} */
function inline(text, names) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(token)) {
    const [whole, code, marked, style, styled] = match;
    nodes.push(unescaped(text.slice(at, match.index)));
    at = match.index + whole.length;
    if (code !== undefined) nodes.push(el("code", { text: unescaped(resolved(code, names)) }));
    else if (marked !== undefined) nodes.push(reference(marked, names));
    else nodes.push(el(styles[style], {}, ...inline(styled, names)));
  }
  nodes.push(unescaped(text.slice(at)));
  return nodes.filter((node) => node !== "");
}

/** What stands in angle brackets: a link, a person, a room, a command. */
function reference(inner, names) {
  const { target, shown } = named(inner, names);
  return /^[@#!]/.test(target)
    ? el("span", { class: "mention", text: shown })
    : link(unescaped(target), shown);
}

function named(inner, names) {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? undefined : unescaped(inner.slice(bar + 1));
  const id = target.slice(1);
  if (target.startsWith("@")) return { target, shown: `@${label ?? names[id] ?? id}` };
  if (target.startsWith("#")) return { target, shown: `#${label ?? names[id] ?? id}` };
  if (target.startsWith("!")) return { target, shown: label ?? `@${id}` };
  return { target, shown: label ?? unescaped(target) };
}

/** In code nothing is marked, but references still show their names. */
function resolved(text, names) {
  return text.replace(/<([^>\n]+)>/g, (_, inner) => named(inner, names).shown);
}

function unescaped(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}
