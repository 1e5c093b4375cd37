/** The files of a message in words: what they are, since they cannot be read yet. */

import { words } from "../../core/words.ts";
import type { SlackFile } from "./event-shapes.ts";

const { content } = words;

/** Files in words for a person; undefined when there are none. */
export function describeFiles(files: readonly SlackFile[]): string | undefined {
  const kinds = [...new Set(files.map(describeFile))];
  if (kinds.length === 0) return undefined;
  if (kinds.length === 1 && files.length > 1) return content.files(files.length);
  return kinds.join(content.and);
}

function describeFile({ mimetype = "", subtype }: SlackFile): string {
  if (subtype === "slack_audio") return content.voice;
  if (mimetype.startsWith("image/")) return content.image;
  if (mimetype.startsWith("audio/")) return content.audio;
  if (mimetype.startsWith("video/")) return content.video;
  return content.document;
}
