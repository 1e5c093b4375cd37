/** Slack's text: what typing turns into, what pings, what a person sees. */

import type { SlackBlock, SlackChannel, SlackUser } from "./workspace.ts";

/** Escapes the three characters that Slack escapes. */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Takes the escapes back. */
export function unescapeText(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** Turns what a person typed into what Slack delivers: `@name` → `<@U…>`, `#name` → `<#C…|name>`, links in `<…>`. */
export function typedText(
  typed: string,
  users: Iterable<SlackUser>,
  channels: Iterable<SlackChannel>,
): string {
  const byName = new Map([...users].map((user) => [user.name.toLowerCase(), user]));
  const rooms = new Map([...channels].map((channel) => [channel.name.toLowerCase(), channel]));
  return typed.replace(/https?:\/\/\S+|[@#][\p{L}\p{N}._-]+|[&<>]/gu, (found) => {
    if (found.startsWith("http")) return `<${escapeText(found)}>`;
    const name = found.slice(1).toLowerCase();
    if (found.startsWith("#")) {
      const room = rooms.get(name);
      return room ? `<#${room.id}|${room.name}>` : found;
    }
    if (!found.startsWith("@")) return escapeText(found);
    if (["channel", "here", "everyone"].includes(name)) return `<!${name}>`;
    return mention(found.slice(1), byName);
  });
}

/** The longest known name at the start of `word` becomes a mention: "@Ann," and "@ann." both reach Ann. */
function mention(word: string, users: ReadonlyMap<string, SlackUser>): string {
  for (let end = word.length; end > 0; end -= 1) {
    const user = users.get(word.slice(0, end).toLowerCase());
    if (user) return `<@${user.id}>${word.slice(end)}`;
  }
  return `@${word}`;
}

const markupPing = /<!(?:channel|here|everyone)(?:\|[^>]*)?>|<!subteam\^[^>]+>|<@[UW][^>]+>/g;
const barePing = /(?<![\p{L}\p{N}])@(?:channel|here|everyone)\b/gu;

/**
 * What would ping in a message. Markup pings everywhere; a bare `@channel` only where Slack looks for names itself:
 * `parse` client or full, `link_names`, and (unverified, so taken as pinging) mrkdwn without `verbatim` and markdown blocks.
 */
export function pingsIn(
  text: string,
  blocks: readonly SlackBlock[],
  options: { readonly looksForNames: boolean },
): string[] {
  const found = [...(text.match(markupPing) ?? [])];
  if (options.looksForNames) found.push(...(text.match(barePing) ?? []));
  walk(blocks, (node) => found.push(...pingsOfNode(node)));
  return found;
}

function pingsOfNode(node: Readonly<Record<string, unknown>>): string[] {
  if (node.type === "user") return [`<@${String(node.user_id)}>`];
  if (node.type === "usergroup") return [`<!subteam^${String(node.usergroup_id)}>`];
  if (node.type === "broadcast") return [`<!${String(node.range)}>`];
  if (node.type !== "mrkdwn" && node.type !== "markdown") return [];
  const text = String(node.text ?? "");
  const bare = node.verbatim === true ? [] : (text.match(barePing) ?? []);
  return [...(text.match(markupPing) ?? []), ...bare];
}

/** Visits every object in `value`, parents first. */
export function walk(value: unknown, visit: (node: Readonly<Record<string, unknown>>) => void): void {
  if (Array.isArray(value)) for (const item of value) walk(item, visit);
  else if (typeof value === "object" && value !== null) {
    visit(value as Readonly<Record<string, unknown>>);
    for (const item of Object.values(value)) walk(item, visit);
  }
}
