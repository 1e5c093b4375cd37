/** Fetches a file that somebody sent, no more of it than is wanted. */

import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { IncomingFile } from "../../core/message.ts";
import type { CallOutcome } from "../../core/platform/call-outcome.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";
import { type Connection, forGrammy } from "./connection.ts";
import { TelegramError } from "./errors.ts";
import { outcomeOf } from "./send.ts";

/** Asks where the file is, and gets its beginning of `maxBytes`. */
export async function fetchFile(
  connection: Connection,
  target: ReplyTarget,
  file: IncomingFile,
  maxBytes: number,
  signal: AbortSignal,
): Promise<CallOutcome<Uint8Array>> {
  const found = await outcomeOf("getFile", target, signal, () =>
    connection.api.getFile(file.id, forGrammy(signal)),
  );
  if (found.kind !== "done") return asMissing(found);
  const { file_path: path } = found.value;
  // A server of one's own gives a path on its own disk: not ours to read.
  if (path === undefined || path.startsWith("/")) return { kind: "closed", cause: missing("no path to it") };
  try {
    return await get(connection, path, maxBytes, signal);
  } catch {
    // The error holds the address, and that holds the token.
    return {
      kind: "unapplied",
      cause: new TelegramError("Telegram gave no answer to a download.", "backoff"),
    };
  }
}

/** A question changed nothing, whatever became of it; an id that is refused will always be. */
function asMissing(failed: Exclude<CallOutcome<unknown>, { kind: "done" }>): CallOutcome<Uint8Array> {
  if (failed.kind === "unknown") return { kind: "unapplied", cause: failed.cause };
  return failed.kind === "unformattable" ? { kind: "gone", cause: failed.cause } : failed;
}

function get(
  { agent, toFileUrl }: Connection,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<CallOutcome<Uint8Array>> {
  const url = toFileUrl(path);
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const call = request(url, { agent, signal }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const end = () => resolve({ kind: "done", value: Buffer.concat(chunks).subarray(0, maxBytes) });
      if (answer.statusCode !== 200) {
        answer.resume();
        const isTheirs = (answer.statusCode ?? 500) >= 500;
        const cause = missing(`HTTP ${answer.statusCode}`);
        resolve({ kind: isTheirs ? "unapplied" : "gone", cause });
        return;
      }
      answer.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes < maxBytes) return;
        end();
        answer.destroy();
      });
      answer.on("end", end);
      answer.on("error", reject);
    });
    call.on("error", reject);
    call.end();
  });
}

function missing(why: string): TelegramError {
  return new TelegramError(`Telegram does not give a file: ${why}.`, "never");
}
