/** A list of messages that stays at its end while new text comes, and leaves a reader alone who has scrolled up. */

import { el } from "./dom.js";

/** How near the end counts as at the end, in pixels. */
const nearPx = 48;

/** Nodes by key, in the order in which they first came. */
export class MessageList {
  #nodes = new Map();
  #isPinned = true;
  #lastTop = 0;
  #content;
  #list;
  #button;

  /**
   * @param {string} label what a screen reader calls it
   * @param {string} contentClass
   */
  constructor(label, contentClass) {
    this.#content = el("div", { class: contentClass });
    this.#list = el("div", { class: "list", role: "log", "aria-label": label, tabindex: "0" }, this.#content);
    this.#button = el("button", { class: "to-end", type: "button", hidden: true, text: "↓ Newest" });
    this.#button.addEventListener("click", () => this.toEnd());
    this.#list.addEventListener("scroll", () => this.#scrolled());
    const observer = new ResizeObserver(() => this.#settle());
    observer.observe(this.#content);
    observer.observe(this.#list);
    this.element = el("div", { class: "list-frame" }, this.#list, this.#button);
  }

  /** Draws a message: anew in its place, or at the end. */
  put(key, node) {
    const old = this.#nodes.get(key);
    // What looks the same stays: a reader's focus, selection and sideways scrolling are in it.
    if (old?.isEqualNode(node)) return;
    if (this.#nodes.size === 0) this.#content.replaceChildren();
    this.#nodes.set(key, node);
    if (old === undefined) this.#content.append(node);
    else old.replaceWith(node);
  }

  /** Moves a node to the end. */
  lastly(key) {
    const node = this.#nodes.get(key);
    if (node !== undefined && node !== this.#content.lastElementChild) this.#content.append(node);
  }

  remove(key) {
    this.#nodes.get(key)?.remove();
    this.#nodes.delete(key);
  }

  has(key) {
    return this.#nodes.has(key);
  }

  /** @param {Node} [placeholder] stands there until the first message */
  clear(placeholder) {
    this.#nodes.clear();
    this.#content.replaceChildren(...(placeholder === undefined ? [] : [placeholder]));
    this.toEnd();
  }

  /** Marks one message and no other. */
  mark(chosen) {
    for (const [key, node] of this.#nodes) node.classList.toggle("is-open", key === chosen);
  }

  toEnd() {
    this.#isPinned = true;
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#button.hidden = true;
  }

  /** Only a move upwards is a reader's: text that grows while a scroll is under way moves the end, not the reader. */
  #scrolled() {
    const { scrollTop } = this.#list;
    if (this.#isNearEnd()) this.#isPinned = true;
    else if (scrollTop < this.#lastTop) this.#isPinned = false;
    this.#lastTop = scrollTop;
    if (this.#isPinned) this.#button.hidden = true;
  }

  #settle() {
    if (this.#isPinned) this.toEnd();
    else this.#button.hidden = this.#isNearEnd();
  }

  #isNearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#list;
    return scrollHeight - scrollTop - clientHeight < nearPx;
  }
}

/** What stands in an empty list: a word and things to say by one click. */
export function emptyList(words, suggestions, say) {
  const buttons = suggestions.map((text) =>
    el("button", { class: "suggestion", type: "button", text, on: { click: () => say(text) } }),
  );
  return el("div", { class: "empty" }, el("p", { text: words }), ...buttons);
}
