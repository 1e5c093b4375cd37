/** A text file that came with a command: is it one, is it small enough, what does it say. */

import { parseConversationId } from "../conversation.ts";
import { PlatformError } from "../errors.ts";
import type { IncomingCommand, IncomingFile } from "../message.ts";
import type { CommandResponder } from "../platform/command-responder.ts";
import { systemPromptBytes } from "../settings/declarations.ts";
import { words } from "../words.ts";

/** What a file says, or what to tell the person who sent it. */
export type ReadFile = { readonly text: string } | { readonly fault: string };

/**
 * Fetches and reads a file.
 * @throws PlatformError when it may be there later
 */
export async function readTextFile(
  responder: CommandResponder,
  command: IncomingCommand,
  file: IncomingFile,
  signal: AbortSignal,
): Promise<ReadFile> {
  if (!isText(file)) return { fault: words.settings.notATextFile };
  const tooLarge = { fault: words.settings.fileTooLarge(systemPromptBytes) };
  if (file.bytes > systemPromptBytes) return tooLarge;
  const address = parseConversationId(command.conversation);
  const target = { address, place: command.place, question: command.nativeId };
  const fetched = await responder.fetchFile(target, file, systemPromptBytes + 1, signal);
  if (fetched.kind === "unapplied" || fetched.kind === "unknown" || fetched.kind === "limited") {
    const retry = fetched.kind === "limited" ? { afterMs: fetched.retryAfterMs } : "backoff";
    throw new PlatformError("A file could not be fetched", retry, { cause: fetched.cause });
  }
  if (fetched.kind !== "done") return { fault: words.settings.fileGone };
  if (fetched.value.length > systemPromptBytes) return tooLarge;
  return decode(fetched.value);
}

/** By its name, or by what the platform takes it for. */
function isText({ name, mimeType }: IncomingFile): boolean {
  return /\.(txt|md|markdown)$/i.test(name) || /^text\/(plain|markdown)\b/.test(mimeType);
}

function decode(bytes: Uint8Array): ReadFile {
  try {
    // A mark of the byte order at the beginning is none of the text.
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { fault: words.settings.fileUnreadable };
  }
}
