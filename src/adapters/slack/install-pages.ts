/** The pages that somebody who installs the app sees: a sentence each, nothing loaded, nothing kept. */

import type { HttpReply } from "../../core/platform/intake.ts";

/** Nothing of it is anybody else's: not the address, which holds the code, and not the page. */
export const privacy: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** A page of one sentence. */
export function toPage(status: number, sentence: string): HttpReply {
  const headers = {
    ...privacy,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  };
  const style = "body{font:18px/1.5 system-ui,sans-serif;max-width:32em;margin:4em auto;padding:0 1em}";
  const head = `<meta charset="utf-8"><title>Parley</title><style>${style}</style>`;
  return {
    status,
    headers,
    body: `<!doctype html><html lang="en">${head}<p>${escapeHtml(sentence)}</p></html>`,
  };
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? "");
}
