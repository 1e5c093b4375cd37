/** Slack's text on the way in: mentions in it, and its markup as readable text. */

/** Takes back the three escapes that Slack uses. */
export function unescapeText(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Escapes what Slack reads as markup. */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The ids of all people mentioned in `text`. */
export function mentionedUsers(text: string): readonly string[] {
  return [...text.matchAll(/<@([A-Z0-9]+)(?:\|[^>]*)?>/g)].map((match) => match[1] ?? "");
}

/** True when `text` calls others than `userId`: people, groups, or everybody. */
export function callsOthers(text: string, userId: string): boolean {
  if (/<!(?:subteam\^|here|channel|everyone)/.test(text)) return true;
  return mentionedUsers(text).some((id) => id !== userId);
}

/** `text` without the mention of `userId` at its start; unchanged when nothing else is in it. */
export function withoutLeadingMention(text: string, userId: string): string {
  const rest = text.replace(new RegExp(`^\\s*<@${userId}(?:\\|[^>]*)?>[\\s,:]*`), "");
  return rest === "" ? text : rest;
}

/** How ids become names. */
export interface MarkupNames {
  user(id: string): Promise<string>;
  channel(id: string): Promise<string>;
}

/** `text` as a person reads it: names for ids, links as text, nothing escaped. */
export async function readMarkup(text: string, names: MarkupNames): Promise<string> {
  const pieces = text.split(/<([^<>]*)>/);
  // Splitting by one group alternates: text, what stood in <…>, text, …
  const read = pieces.map((piece, index) => (index % 2 === 0 ? piece : readTag(piece, names)));
  return unescapeText((await Promise.all(read)).join(""));
}

async function readTag(tag: string, names: MarkupNames): Promise<string> {
  const bar = tag.indexOf("|");
  const target = bar < 0 ? tag : tag.slice(0, bar);
  const label = bar < 0 ? "" : tag.slice(bar + 1);
  if (target.startsWith("@")) return `@${await names.user(target.slice(1))}`;
  if (target.startsWith("#")) return `#${label || (await names.channel(target.slice(1)))}`;
  if (target.startsWith("!subteam^")) return `@${label.replace(/^@/, "") || "group"}`;
  if (target.startsWith("!date^")) return label;
  if (target.startsWith("!")) return `@${target.slice(1)}`;
  return readLink(target, label);
}

function readLink(url: string, label: string): string {
  if (label === "" || label === url) return url;
  const isSame = [`http://${label}`, `https://${label}`, `mailto:${label}`, `tel:${label}`].includes(url);
  return isSame ? label : `${label} (${url})`;
}
