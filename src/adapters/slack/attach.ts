/** Posts a text file, in Slack's three steps. Nothing shows before the third. */

import { z } from "zod";
import type { CallOutcome, ReplyTarget } from "../../core/platform.ts";
import { call } from "./call.ts";
import type { SlackClient } from "./client.ts";

const uploadAddress = z.object({ upload_url: z.string(), file_id: z.string() });

/** Uploads `file` and shares it in the conversation. */
export async function attachFile(
  client: SlackClient,
  { address }: ReplyTarget,
  file: { readonly name: string; readonly text: string },
  signal: AbortSignal,
): Promise<CallOutcome<void>> {
  const uploaded = await call({ method: "files.getUploadURLExternal", budgets: [] }, signal, () =>
    upload(client, file),
  );
  // An upload that is never shared is seen by nobody: surely not applied.
  if (uploaded.kind === "unknown") return { kind: "unapplied", cause: uploaded.cause };
  if (uploaded.kind !== "done") return uploaded;
  const files: [{ id: string; title: string }] = [{ id: uploaded.value, title: file.name }];
  return call({ method: "files.completeUploadExternal", budgets: [] }, signal, async () => {
    const channel_id = address.chat;
    await (address.thread === undefined
      ? client.web.files.completeUploadExternal({ files, channel_id })
      : client.web.files.completeUploadExternal({ files, channel_id, thread_ts: address.thread }));
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
