/** Requests that are too large, too slow or too many, to a gateway in a process of its own, whose memory can be read. */

import { execFileSync } from "node:child_process";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signatureHeaders } from "../../simulator/slack/signing.ts";
import { connection, isClosed, statusOf } from "../hostile/raw-request.ts";
import { print } from "../world/figures.ts";
import { sees } from "../world/person.ts";
import { ProcessPool, type ServiceProcess } from "../world/processes.ts";
import { byWebhook } from "../world/ways-in.ts";
import { answerToText, startWorld, type World } from "../world/world.ts";

let pool: ProcessPool;
let world: World;
let gateway: ServiceProcess;
let origin: string;
beforeAll(async () => {
  pool = new ProcessPool(1);
  world = await startWorld({ processes: pool, telegramBy: "webhook", slackBy: "http" });
  await world.startInside({ ROLE: "worker" });
  gateway = (await world.start("gateway")).process;
  await world.isConnected();
  origin = new URL(world.slack.http.url ?? "").origin;
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await pool[Symbol.asyncDispose]();
});

const addresses = ["/slack/events", new URL(byWebhook.TELEGRAM_WEBHOOK_URL).pathname];
const mega = Buffer.alloc(1_048_576, 32);

/** The gateway's memory in MB. */
function rss(): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(gateway.pid)])) / 1_024;
}

async function goodOnesAreServed(): Promise<void> {
  const people = [world.telegramPerson(), world.slackPerson()];
  for (const person of people) person.says("Are you there?");
  for (const person of people) await sees(person, answerToText("Are you there?"));
}

/** Sends as fast as the other side takes it, until that hangs up or `megabytes` are sent. @returns what it was answered */
async function pour(socket: Socket, megabytes: number, toChunk: (part: Buffer) => Buffer) {
  let sent = 0;
  let answer = "";
  socket.on("data", (data) => {
    answer += data;
  });
  const closed = isClosed(socket);
  const drained = () => new Promise((resolve) => socket.once("drain", resolve));
  for (; sent < megabytes && socket.writable; sent += 1)
    if (!socket.write(toChunk(mega))) await Promise.race([drained(), closed]);
  socket.destroy();
  return { sent, answer };
}

const head = (path: string, more: string) =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${more}\r\n\r\n`;

test("bodies of 400 MB, in chunks or at once, and what would unpack to gigabytes leave the memory as it is", {
  timeout: 180_000,
}, async () => {
  await goodOnesAreServed();
  const before = rss();
  const inChunks = (part: Buffer) =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n")]);
  const peaks: number[] = [];
  for (const path of addresses) {
    const chunked = await connection(origin, head(path, "transfer-encoding: chunked"));
    const inParts = await pour(chunked, 400, inChunks);
    peaks.push(rss());
    const whole = await connection(origin, head(path, `content-length: ${400 * mega.length}`));
    const atOnce = await pour(whole, 400, (part) => part);
    peaks.push(rss());
    print(`${path}: of 400 MB taken in ${inParts.sent} MB in chunks, ${atOnce.sent} MB at once`);
    for (const { answer } of [inParts, atOnce]) expect(answer).toMatch(/^HTTP\/1.1 413 /);
  }
  // A megabyte on the wire, a gigabyte when it is unpacked, and authentic to boot.
  const bomb = gzipSync(Buffer.alloc(1_000 * mega.length));
  const headers = { "content-type": "application/json", "content-encoding": "gzip" };
  const signature = signatureHeaders(world.slack.signingSecret, bomb);
  const ofTelegram = { "x-telegram-bot-api-secret-token": byWebhook.TELEGRAM_WEBHOOK_SECRET };
  for (const path of addresses) {
    const request = { path, headers: { ...headers, ...signature, ...ofTelegram }, body: bomb };
    expect(await statusOf(origin, request)).toBe(400);
    peaks.push(rss());
  }
  await goodOnesAreServed();
  const shown = peaks.map((peak) => `${(peak - before).toFixed(0)}`).join(", ");
  print(`the gateway's memory before: ${before.toFixed(0)} MB; after each: ${shown} MB more`);
  // One body of them kept would be 400 MB.
  expect(Math.max(...peaks) - before).toBeLessThan(150);
});

test("a thousand requests at once of a megabyte each, that never end, cost a bounded memory", {
  timeout: 120_000,
}, async () => {
  const before = rss();
  const begun = head(addresses[0] ?? "", `content-length: ${mega.length}`);
  const sockets = await Promise.all(Array.from({ length: 1_000 }, () => connection(origin, begun)));
  const closed = sockets.map(isClosed);
  for (const socket of sockets) socket.write(mega.subarray(0, -1));
  await goodOnesAreServed();
  const during = rss();
  await Promise.all(closed);
  print(`1,000 unfinished megabytes: ${(during - before).toFixed(0)} MB more, then all were hung up on`);
  expect(during - before).toBeLessThan(500);
});

test("5,000 idle connections and clients of a byte a second are hung up on, and others are served meanwhile", {
  timeout: 120_000,
}, async () => {
  const before = rss();
  const idle: Socket[] = [];
  // Not all in one instant: what the kernel's queue has no room for, a client takes for a connection all the same.
  while (idle.length < 5_000)
    idle.push(...(await Promise.all(Array.from({ length: 100 }, () => connection(origin)))));
  const slowHead = await Promise.all(
    addresses.map((path) => connection(origin, `POST ${path} HTTP/1.1\r\nx: `)),
  );
  const slowBody = await Promise.all(
    addresses.map((path) => connection(origin, head(path, "content-length: 1000"))),
  );
  const slow = [...slowHead, ...slowBody];
  const all = [...idle, ...slow].map(isClosed);
  const drip = setInterval(() => {
    for (const socket of slow) if (socket.writable) socket.write("x");
  }, 1_000);
  const startedAt = performance.now();
  await goodOnesAreServed();
  const servedAfter = performance.now() - startedAt;
  const during = rss();
  await Promise.all(all);
  clearInterval(drip);
  print(
    `5,000 idle connections: ${(during - before).toFixed(0)} MB, others answered after ${servedAfter.toFixed(0)} ms, ` +
      `all hung up on after ${((performance.now() - startedAt) / 1_000).toFixed(1)} s`,
  );
  await goodOnesAreServed();
});
