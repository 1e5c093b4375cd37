/** Request bodies: forms, JSON, and the one part of an upload. */

import type { IncomingMessage } from "node:http";
import type { Arguments } from "./method.ts";

/** The whole body. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** A call's arguments from its query and its form or JSON body. */
export function argumentsOf(request: IncomingMessage, body: Buffer): Arguments {
  const query = new URL(request.url ?? "/", "http://simulator").searchParams;
  const text = body.toString("utf8");
  const isJson = request.headers["content-type"]?.startsWith("application/json") ?? false;
  const fromBody = isJson ? JSON.parse(text || "{}") : Object.fromEntries(new URLSearchParams(text));
  return { ...Object.fromEntries(query), ...fromBody };
}

/** The bytes of an upload, raw or in a multipart form. */
export function uploadedText(request: IncomingMessage, body: Buffer): string {
  const boundary = /boundary=(.+)$/.exec(request.headers["content-type"] ?? "")?.[1];
  const text = body.toString("utf8");
  if (!boundary) return text;
  const start = text.indexOf("\r\n\r\n") + 4;
  return text.slice(start, text.indexOf(`\r\n--${boundary}`, start));
}
