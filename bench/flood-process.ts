/** Strangers who send to Slack's address as fast as they are answered: unsigned, forged, stale and unreadable requests. */

import { Pool } from "undici";
import { signatureHeaders } from "../simulator/slack/signing.ts";
import { serve } from "./rpc.ts";

/** How many of them send at the same time, each one request after the other. */
const senders = 64;

const json = { "content-type": "application/json" };
const body = JSON.stringify({ type: "event_callback", event: { type: "message", text: "x".repeat(1_000) } });
const anHour = 3_600_000;

/** What they send in turns. */
const bad = [
  () => ({ headers: json, body }),
  () => ({ headers: { ...json, ...signatureHeaders("not the secret", body) }, body }),
  () => ({ headers: { ...json, ...signatureHeaders("not the secret", body, Date.now() - anHour) }, body }),
  () => ({ headers: { "content-type": "text/plain" }, body: "ssl_check" }),
];

let isOver = false;
let sending: Promise<unknown> = Promise.resolve();
let statuses = new Map<number, number>();
let begunAt = 0;

async function send(pool: Pool, path: string, first: number): Promise<void> {
  for (let index = first; !isOver; index += 1) {
    const { headers, body: content } = bad[index % bad.length]!();
    const response = await pool.request({ method: "POST", path, headers, body: content });
    await response.body.dump();
    statuses.set(response.statusCode, (statuses.get(response.statusCode) ?? 0) + 1);
  }
}

const calls = {
  begin({ url }: { readonly url: string }): void {
    const { origin, pathname } = new URL(url);
    const pool = new Pool(origin, { connections: senders });
    isOver = false;
    statuses = new Map();
    begunAt = performance.now();
    const all = Array.from({ length: senders }, (_, index) => send(pool, pathname, index));
    sending = Promise.all(all).then(() => pool.close());
  },
  /** @returns how many were sent and how they were answered */
  async end() {
    isOver = true;
    await sending;
    const requests = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    const perSecond = requests / ((performance.now() - begunAt) / 1_000);
    return { requests, perSecond, statuses: Object.fromEntries(statuses) };
  },
};

/** What the flood's process can be asked. */
export type FloodCalls = typeof calls;

serve(calls);
