/** Reads one HTTP request of a bot: the method's name and its parameters, whichever way they were sent. */

import type { IncomingMessage } from "node:http";

/** An uploaded file. */
export interface UploadedFile {
  readonly name: string;
  readonly content: Buffer;
}

/** One call as it came in. */
export interface ApiRequest {
  readonly token: string;
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Files of a multipart request by field name. */
  readonly files: ReadonlyMap<string, UploadedFile>;
}

/** Parameters that are JSON even where the transport knows strings only. */
const jsonFields = new Set([
  "allowed_updates",
  "caption_entities",
  "commands",
  "entities",
  "link_preview_options",
  "reply_markup",
  "reply_parameters",
  "rich_message",
  "scope",
]);

/** @returns `undefined` for a path that is none of the Bot API's */
export async function readRequest(request: IncomingMessage): Promise<ApiRequest | undefined> {
  const url = new URL(request.url ?? "/", "http://simulator");
  const path = /^\/bot([^/]+)\/(?:test\/)?(\w+)$/.exec(url.pathname);
  const [, token, method] = path ?? [];
  if (token === undefined || method === undefined) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const query = new Map<string, unknown>(url.searchParams);
  const { fields, files } = await readBody(body, request.headers["content-type"] ?? "");
  return {
    token: decodeURIComponent(token),
    method,
    payload: { ...Object.fromEntries(query), ...fields },
    files,
  };
}

interface Body {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: ReadonlyMap<string, UploadedFile>;
}

async function readBody(body: Buffer, contentType: string): Promise<Body> {
  if (body.length === 0) return { fields: {}, files: new Map() };
  if (contentType.startsWith("application/json")) {
    const parsed: unknown = JSON.parse(body.toString());
    return { fields: typeof parsed === "object" && parsed !== null ? { ...parsed } : {}, files: new Map() };
  }
  const form = await new Response(new Uint8Array(body), {
    headers: { "content-type": contentType },
  }).formData();
  const fields: Record<string, unknown> = {};
  const files = new Map<string, UploadedFile>();
  for (const [name, value] of form) {
    if (typeof value === "string") fields[name] = jsonFields.has(name) ? JSON.parse(value) : value;
    else files.set(name, { name: value.name, content: Buffer.from(await value.arrayBuffer()) });
  }
  return { fields, files };
}
