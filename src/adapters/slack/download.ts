/** Fetches a file that somebody sent: asks where it is, then gets it with the bot's token. */

import { z } from "zod";
import type { IncomingFile } from "../../core/message.ts";
import type { CallOutcome } from "../../core/platform/call-outcome.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";
import { callIn } from "./call.ts";
import { toDispensable } from "./errors.ts";
import type { Workspaces } from "./workspaces.ts";

/** Without an address a file lies elsewhere and is only named on Slack (docs.slack.dev, files.remote.info), or is deleted. */
const fileInfo = z.object({ file: z.object({ url_private_download: z.string().optional() }) });

/** Gets a file's beginning of `maxBytes`. `closed`: the app lacks `files:read`, or the file is not to be had. */
export async function fetchFile(
  workspaces: Workspaces,
  target: ReplyTarget,
  { id }: IncomingFile,
  maxBytes: number,
  signal: AbortSignal,
): Promise<CallOutcome<Uint8Array>> {
  const context = { method: "files.info", budget: undefined };
  const fetched = await callIn(workspaces, target, context, signal, async (client) => {
    const { url_private_download: url } = fileInfo.parse(await client.web.files.info({ file: id })).file;
    if (url === undefined || !isSlacks(url, client.options.slackApiUrl ?? "")) return undefined;
    return await client.download(url, maxBytes, signal);
  });
  // A question changed nothing, whatever became of it.
  if (fetched.kind === "unknown") return { kind: "unapplied", cause: fetched.cause };
  if (fetched.kind !== "done")
    return fetched.kind === "broken" ? (toDispensable(fetched) as typeof fetched) : fetched;
  const { status, contentType, bytes } = fetched.value ?? { status: 0, contentType: "", bytes: undefined };
  if (status >= 500) return { kind: "unapplied", cause: new Error(`Slack's file answered HTTP ${status}`) };
  // Without the scope Slack answers 200 with a page to log in [facts B13].
  if (status === 200 && bytes !== undefined && !contentType.startsWith("text/html"))
    return { kind: "done", value: bytes };
  return { kind: "closed", cause: new Error("Slack does not give a file; is the scope files:read there?") };
}

/** The token goes to Slack's own hosts alone, whatever an event names. */
function isSlacks(url: string, apiUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, origin } = new URL(url);
  if (protocol === "https:" && /(^|\.)slack(-edge|-files)?\.com$/.test(hostname)) return true;
  return apiUrl !== "" && origin === new URL(apiUrl).origin;
}
