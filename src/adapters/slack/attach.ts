/** Posts a text file, in Slack's three steps. Nothing shows before the third. */

import { z } from "zod";
import type { CallOutcome } from "../../core/platform/call-outcome.ts";
import type { ReplyTarget } from "../../core/platform/reply-target.ts";
import { callIn } from "./call.ts";
import type { SlackClient } from "./client.ts";
import type { Workspaces } from "./workspaces.ts";

const uploadAddress = z.object({ upload_url: z.string(), file_id: z.string() });

/** Uploads `file` and shares it in the conversation. */
export async function attachFile(
  workspaces: Workspaces,
  target: ReplyTarget,
  file: { readonly name: string; readonly text: string },
  signal: AbortSignal,
): Promise<CallOutcome<void>> {
  const { chat: channel_id, thread: thread_ts } = target.address;
  const asking = { method: "files.getUploadURLExternal", budget: undefined };
  const uploaded = await callIn(workspaces, target, asking, signal, (client) => upload(client, file));
  // An upload that is never shared is seen by nobody: surely not applied.
  if (uploaded.kind === "unknown") return { kind: "unapplied", cause: uploaded.cause };
  if (uploaded.kind !== "done") return uploaded;
  const files: [{ id: string; title: string }] = [{ id: uploaded.value, title: file.name }];
  const sharing = { method: "files.completeUploadExternal", budget: undefined };
  return callIn(workspaces, target, sharing, signal, async ({ web }) => {
    await (thread_ts === undefined
      ? web.files.completeUploadExternal({ files, channel_id })
      : web.files.completeUploadExternal({ files, channel_id, thread_ts }));
  });
}

async function upload(
  client: SlackClient,
  file: { readonly name: string; readonly text: string },
): Promise<string> {
  const length = Buffer.byteLength(file.text);
  const asked = await client.web.files.getUploadURLExternal({ filename: file.name, length });
  const { upload_url, file_id } = uploadAddress.parse(asked);
  const { status } = await client.post(upload_url, "application/octet-stream", file.text);
  if (status !== 200) throw new Error(`Slack's upload answered HTTP ${status}`);
  return file_id;
}
