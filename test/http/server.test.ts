/** The HTTP server before people of good and of bad will. */

import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { startHttpServer } from "../../src/http/server.ts";
import { openServer } from "./open-server.ts";

const megabyte = 1_048_576;

/** Short enough for a test, in the order of the true ones. */
const quick = { httpHeadersMs: 200, httpRequestMs: 400, httpIdleMs: 200 };

async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream,
  headers: Readonly<Record<string, string>> = {},
) {
  return await fetch(`${url}/hook`, { method: "POST", body, headers, ...{ duplex: "half" } });
}

function streamOf(chunk: Uint8Array, times: number): ReadableStream<Uint8Array> {
  let left = times;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      left -= 1;
      controller.enqueue(chunk);
    },
  });
}

/** Bytes of the heap in use, garbage not counted. */
function usedAfterCollection(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

test("the process lives and is ready, or says in sentences why it is not", async () => {
  let reasons: readonly string[] = ["Redis does not answer."];
  await using server = await openServer({ notReady: async () => reasons });
  expect(await (await fetch(`${server.url}/livez`)).json()).toEqual({ status: "ok" });
  const unready = await fetch(`${server.url}/readyz`);
  expect(unready.status).toBe(503);
  expect(await unready.json()).toEqual({ ready: false, reasons });
  reasons = [];
  expect(await (await fetch(`${server.url}/readyz?verbose`)).json()).toEqual({ ready: true, reasons });
  expect((await fetch(`${server.url}/livez`, { method: "HEAD" })).status).toBe(200);
});

test.for([
  ["JSON", "application/json"],
  ["a form", "application/x-www-form-urlencoded"],
  ["nonsense", ";;;"],
  ["nothing said", ""],
])("a body of %s comes through byte for byte, with headers and query", async ([, type]) => {
  await using server = await openServer();
  const bytes = Uint8Array.from({ length: 1_000 }, (_, index) => index % 256);
  const { socket, closed } = await server.connect();
  const typed = type === "" ? "" : `content-type: ${type}\r\n`;
  socket.write(
    `POST /hook?a=1&a=2&__proto__=x HTTP/1.1\r\nhost: x\r\n${typed}x-mine: Yes\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n`,
  );
  socket.write(bytes);
  await closed;
  const [request] = server.received;
  expect(request?.body.equals(bytes)).toBe(true);
  expect(request?.headers["x-mine"]).toBe("Yes");
  expect(request?.query.getAll("a")).toEqual(["1", "2"]);
});

test("what is not served is not found, and what is served otherwise says how", async () => {
  await using server = await openServer();
  for (const path of [
    "/",
    "/hook/",
    "/HOOK",
    "/%68ook",
    "//hook",
    "/livez/..",
    "/__proto__",
    "/constructor",
  ]) {
    expect((await fetch(server.url + path, { method: "POST", body: "{}" })).status).toBe(404);
  }
  const refused = await fetch(`${server.url}/hook`);
  expect([refused.status, refused.headers.get("allow")]).toEqual([405, "POST"]);
  expect((await fetch(`${server.url}/livez`, { method: "DELETE" })).headers.get("allow")).toBe("GET");
  expect(server.received).toEqual([]);
});

test("a body of 1 MB is taken, one byte more is refused, however it is sent", async () => {
  await using server = await openServer();
  const whole = new Uint8Array(megabyte).fill(97);
  expect((await post(server.url, whole)).status).toBe(200);
  expect((await post(server.url, new Uint8Array(megabyte + 1))).status).toBe(413);
  expect((await post(server.url, streamOf(whole, 1))).status).toBe(200);
  expect((await post(server.url, streamOf(whole.subarray(0, 65_537), 16))).status).toBe(413);
  expect(server.received.map(({ body }) => body.length)).toEqual([megabyte, megabyte]);
});

test("hundreds of megabytes are refused at once and cost no memory", async () => {
  await using server = await openServer();
  const chunk = new Uint8Array(megabyte / 4);
  await post(server.url, streamOf(chunk, 8));
  usedAfterCollection();
  const before = process.memoryUsage().rss;
  const refused = await Promise.all([
    post(server.url, streamOf(chunk, 400)),
    post(server.url, streamOf(chunk, 400)),
  ]);
  expect(refused.map(({ status }) => status)).toEqual([413, 413]);
  expect(server.received).toEqual([]);
  expect((process.memoryUsage().rss - before) / megabyte).toBeLessThan(60);
});

test("what is packed stays packed", async () => {
  await using server = await openServer();
  const bomb = gzipSync(Buffer.alloc(100 * megabyte));
  expect((await post(server.url, new Uint8Array(bomb), { "content-encoding": "gzip" })).status).toBe(200);
  expect(server.received[0]?.body.length).toBe(bomb.length);
});

test("of unfinished bodies that take too much together the largest goes, and small ones get through", async () => {
  await using server = await openServer();
  const hoarders = await Promise.all(Array.from({ length: 20 }, () => server.connect()));
  const almost = Buffer.alloc(megabyte - 1);
  for (const { socket } of hoarders) {
    socket.write(`POST /hook HTTP/1.1\r\nhost: x\r\ncontent-length: ${megabyte}\r\n\r\n`);
    socket.write(almost);
  }
  await Promise.race(hoarders.map(({ closed }) => closed));
  expect((await post(server.url, "small")).status).toBe(200);
  expect(server.received.map(({ body }) => body.toString())).toEqual(["small"]);
});

test("a body in chunks of one byte takes no more memory than its bytes", async () => {
  await using server = await openServer();
  const { socket, hears } = await server.connect();
  socket.write("POST /hook HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
  const before = usedAfterCollection();
  const many = "1\r\na\r\n".repeat(50_000);
  for (let i = 0; i < 10; i += 1) if (!socket.write(many)) await once(socket, "drain");
  expect((usedAfterCollection() - before) / megabyte).toBeLessThan(10);
  socket.write("0\r\n\r\n");
  await hears("200 OK");
  expect(server.received[0]?.body.length).toBe(500_000);
});

test("who sends nothing, or a byte at a time, is hung up on while others are served", async () => {
  await using server = await openServer({ timing: quick });
  const idle = await Promise.all(Array.from({ length: 50 }, () => server.connect()));
  const [slowHeaders, slowBody, stalled] = [
    await server.connect(),
    await server.connect(),
    await server.connect(),
  ];
  slowHeaders.socket.write("POST /hook HTTP/1.1\r\n");
  const head = "POST /hook HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n";
  slowBody.socket.write(head);
  stalled.socket.write(head);
  const drip = setInterval(() => {
    slowHeaders.socket.write("x");
    slowBody.socket.write("x");
  }, 20);
  expect((await post(server.url, "{}")).status).toBe(200);
  await Promise.all([...idle, slowHeaders, slowBody, stalled].map(({ closed }) => closed));
  clearInterval(drip);
  expect((await post(server.url, "{}")).status).toBe(200);
  expect(server.received.map(({ body }) => body.toString())).toEqual(["{}", "{}"]);
});

test("who asks and then keeps silent on the same connection is hung up on", async () => {
  await using server = await openServer({ timing: quick });
  const { socket, heard, closed } = await server.connect();
  socket.write("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n");
  await closed;
  expect(heard()).toMatch(/^HTTP\/1\.1 200 .*\{"status":"ok"\}$/s);
});

test("of thousands of idle connections the oldest go, and whoever comes is served", async () => {
  await using server = await openServer({ timing: { httpHeadersMs: 60_000, httpRequestMs: 120_000 } });
  const [oldest] = [await server.connect()];
  for (let i = 0; i < 20; i += 1) await Promise.all(Array.from({ length: 105 }, () => server.connect()));
  await oldest.closed;
  expect((await post(server.url, "{}")).status).toBe(200);
});

test("what is no HTTP is refused, and so are headers without end", async () => {
  await using server = await openServer();
  const garbage = await server.connect();
  garbage.socket.write("\0\x01\x02 nonsense\r\n\r\n");
  await garbage.closed;
  expect(garbage.heard()).toMatch(/^HTTP\/1\.1 400 /);
  const endless = await server.connect();
  endless.socket.write(`GET /livez HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`);
  await endless.closed;
  expect(endless.heard()).toMatch(/^HTTP\/1\.1 431 /);
});

test("who asks before sending is told to go on, or that it is too much", async () => {
  await using server = await openServer();
  const [small, large] = [await server.connect(), await server.connect()];
  small.socket.write("POST /hook HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
  await small.hears("HTTP/1.1 100 Continue\r\n\r\n");
  expect(small.heard()).not.toContain("200");
  small.socket.write("{}");
  await small.hears("200 OK");
  large.socket.write(
    "POST /hook HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2000000\r\n\r\n",
  );
  await large.hears("HTTP/1.1 413 ");
  expect(large.heard()).not.toContain("100 Continue");
});

test("a defect of ours is answered 500 and logged without a word of the request", async () => {
  await using server = await openServer({
    handle: async ({ body }) => {
      throw new TypeError(`cannot read ${body.toString()}`);
    },
  });
  const answer = await post(server.url, "canary", { "x-secret": "canary" });
  expect([answer.status, await answer.text()]).toEqual([500, '{"error":"Something went wrong here."}']);
  expect(server.log).toHaveLength(1);
  expect(server.log[0]).toMatch(/failed in our own code/);
  expect(server.log[0]).not.toContain("canary");
});

test("closing answers what is being handled, and hangs up on everybody else", async () => {
  const handling = Promise.withResolvers<void>();
  const began = Promise.withResolvers<void>();
  const server = await openServer({
    handle: async () => {
      began.resolve();
      await handling.promise;
      return { status: 200, body: "written" };
    },
  });
  const [idle, sending] = [await server.connect(), await server.connect()];
  sending.socket.write("POST /hook HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf");
  const answer = post(server.url, "{}");
  await began.promise;
  const closed = server[Symbol.asyncDispose]();
  handling.resolve();
  expect(await (await answer).text()).toBe("written");
  await Promise.all([closed, idle.closed, sending.closed]);
  await expect(fetch(`${server.url}/livez`)).rejects.toThrow("fetch failed");
});

test("two that want the same path keep the program from starting", async () => {
  const route = {
    platform: "test",
    method: "GET",
    path: "/livez",
    handle: async () => ({ status: 200 }),
  } as const;
  await using server = await openServer();
  expect(server.url).toBeTruthy();
  const { port } = new URL(server.url);
  const options = {
    host: "127.0.0.1",
    notReady: async () => [],
    events: {} as never,
    timing: quick as never,
  };
  await expect(startHttpServer({ ...options, port: 0, routes: [route] })).rejects.toMatchObject({
    name: "StartRefused",
    message: expect.stringContaining("/livez"),
  });
  await expect(startHttpServer({ ...options, port: Number(port), routes: [] })).rejects.toMatchObject({
    name: "StartRefused",
    message: expect.stringMatching(/cannot be used \(EADDRINUSE\): set PORT/),
  });
});
