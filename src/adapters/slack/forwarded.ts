/** What a message forwards. Slack puts it beside the text, with the name of who had said it; nothing is looked up. */

import type { Quoted } from "../../core/message.ts";
import type { SlackForwarded, SlackMessageEvent } from "./event-shapes.ts";
import { describeFiles } from "./files.ts";
import type { SlackIdentity } from "./identity.ts";
import { forwardedMax, quotedUtf16 } from "./limits.ts";
import { asTyped } from "./typed-text.ts";

/** The forwarded messages as a quote: somebody else's words, never the author's own. Undefined when there are none. */
export function toQuoted(
  { attachments }: Pick<SlackMessageEvent, "attachments">,
  { botUserId }: Pick<SlackIdentity, "botUserId">,
): Quoted | undefined {
  const forwarded = (attachments ?? []).filter(isForwarded).slice(0, forwardedMax);
  const speakers = new Set(forwarded.map(speakerOf));
  const texts = forwarded.map((one) =>
    speakers.size > 1 ? `${speakerOf(one)}: ${textOf(one)}` : textOf(one),
  );
  const text = texts.filter((one) => one !== "").join("\n\n");
  const unsupported = describeFiles(forwarded.flatMap(({ files }) => files ?? []));
  if (text === "" && unsupported === undefined) return undefined;
  return {
    speaker: speakers.size === 1 ? [...speakers].join() : "",
    own: forwarded.every(({ author_id: author }) => author === botUserId),
    chosen: false,
    text: text.slice(0, quotedUtf16),
    ...(unsupported === undefined ? {} : { unsupported }),
  };
}

/** A preview of a link is no message; that of a link to a message shows it. */
function isForwarded({ is_share, is_msg_unfurl }: SlackForwarded): boolean {
  return is_share === true || is_msg_unfurl === true;
}

function speakerOf({ author_name: name, author_subname: nick, author_id: id }: SlackForwarded): string {
  return name || nick || id || "";
}

/** As a person reads it; who is mentioned in it stays an id where Slack sends no name along. */
function textOf({ text, fallback }: SlackForwarded): string {
  return asTyped(text || fallback || "").replace(
    /<([@#])([A-Z0-9]+)(?:\|([^<>]*))?>/g,
    (_, mark, id, name) => mark + (name || id),
  );
}
