/** Building the page without ever parsing markup: all text becomes text nodes. */

/**
 * @param {string} tag
 * @param {Record<string, unknown>} [properties] attributes; `class`, `text`, and `on` ({event: listener}) are special
 * @param {(Node | string | undefined)[]} children
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (name === "text") element.textContent = String(value);
    else if (name === "on")
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** A link that leaves the page; plain text where the address is not one of the web's. */
export function link(address, ...children) {
  const target = webAddress(address);
  if (target === undefined) return el("span", {}, ...children);
  return el("a", { href: target, target: "_blank", rel: "noopener noreferrer nofollow" }, ...children);
}

function webAddress(address) {
  const whole = /^[\w.+-]+:/.test(address) ? address : `https://${address}`;
  if (!URL.canParse(whole)) return undefined;
  const { protocol, href } = new URL(whole);
  return ["http:", "https:", "mailto:"].includes(protocol) ? href : undefined;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const wholeDate = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** A time of day that tells the whole date when asked. */
export function time(ms) {
  const date = new Date(ms);
  return el("time", {
    datetime: date.toISOString(),
    title: wholeDate.format(date),
    text: clock.format(date),
  });
}

/** "edited 3 times", and while a message is being written its live counter. */
export function editsText(edits, isLive) {
  if (edits === 0) return "";
  const times = edits === 1 ? "once" : `${edits} times`;
  return isLive ? `writing · ${edits} ${edits === 1 ? "edit" : "edits"}` : `edited ${times}`;
}

/** Who is in a chat, and who of them may change its settings. */
export function peopleText(people) {
  return people.map(({ name, isAdmin }) => (isAdmin ? `${name} (admin)` : name)).join(", ");
}

/** A round or square picture of two letters. */
export function avatar(name, kind) {
  return el("span", { class: `avatar ${kind}`, "aria-hidden": "true", text: name.slice(0, 1).toUpperCase() });
}

/** A file that can be opened in place. */
export function fileView({ name, text }) {
  const size = `${Math.max(1, Math.round(text.length / 1_024))} kB`;
  return el(
    "details",
    { class: "file" },
    el("summary", {}, el("b", { text: name }), ` ${size}`),
    el("pre", { text }),
  );
}
