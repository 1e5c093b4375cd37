/** What goes through a proxy's tunnel, and what is said when there is none. */

import { once } from "node:events";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from "node:net";
import { expect, test } from "vitest";
import { createProxy, type ProxyTarget, proxyFault } from "../../src/core/proxy.ts";
import { makeCertificate, trust } from "../world/certificate.ts";
import { type ProxyMood, startConnectProxy } from "../world/connect-proxy.ts";

async function listening(server: Server): Promise<{ readonly port: number } & AsyncDisposable> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}

async function open(url: string, target: ProxyTarget, connectMs = 5_000): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  createProxy(url, connectMs).connect(target, (error, socket) => (error ? reject(error) : resolve(socket)));
  return await promise;
}

async function failureOf(opening: Promise<Socket>): Promise<Error & { readonly code?: string }> {
  return await opening.then(
    () => new Error("opened"),
    (error: Error) => error,
  );
}

async function askedThrough(socket: Socket): Promise<string> {
  let answer = "";
  socket.setEncoding("utf8").on("data", (data: string) => {
    answer += data;
  });
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  await once(socket, "close");
  return answer;
}

test("a tunnel carries bytes both ways and shows the proxy its host and our credentials only", async () => {
  await using proxy = await startConnectProxy();
  await using party = await listening(createPlainServer((_request, response) => response.end("hello")));
  const target = { hostname: "127.0.0.1", port: party.port, protocol: "http:" };
  expect(await askedThrough(await open(proxy.url("a%40b:p%3Aw"), target))).toMatch(/hello/);
  expect(proxy.asked).toEqual([{ host: `127.0.0.1:${party.port}`, credentials: "a@b:p:w" }]);
});

test("TLS is spoken with the party itself, also through a proxy that is reached over TLS", async () => {
  const [certificate, proxys] = [makeCertificate(), makeCertificate()];
  using _trustedParty = trust(certificate);
  using _trustedProxy = trust(proxys);
  await using proxy = await startConnectProxy(proxys);
  await using party = await listening(
    createServer(certificate, (_request, response) => response.end("hello")),
  );
  const target = { hostname: "localhost", port: party.port, protocol: "https:" };
  const socket = await open(proxy.url().replace("http:", "https:"), target);
  expect(await askedThrough(socket)).toMatch(/hello/);
});

test("a party's certificate that nobody vouches for is not the proxy's fault", async () => {
  await using proxy = await startConnectProxy();
  await using party = await listening(createServer(makeCertificate()));
  const target = { hostname: "127.0.0.1", port: party.port, protocol: "https:" };
  const { code } = await failureOf(open(proxy.url(), target));
  expect(code).toMatch(/SELF_SIGNED/);
  expect(proxyFault(code)).toBeUndefined();
});

const faults: readonly (readonly [what: string, mood: ProxyMood, sentence: string])[] = [
  ["wants other credentials", 407, "the proxy did not accept the user name and password (HTTP 407)"],
  ["allows no such host", 403, "the proxy refused to connect (HTTP 403)"],
  ["does not reach the party", 502, "the proxy found no way there (HTTP 502)"],
  ["says nothing", "silent", "no connection through the proxy in time"],
];

test.each(faults)("a proxy that %s is told apart from the party", async (_what, mood, sentence) => {
  await using proxy = await startConnectProxy();
  proxy.mood = mood;
  const target = { hostname: "127.0.0.1", port: 9, protocol: "https:" };
  const error = await failureOf(open(proxy.url("user:s3cret"), target, 300));
  expect(proxyFault(error.code)).toBe(sentence);
  expect(JSON.stringify([error.message, error.stack])).not.toContain("s3cret");
});

test("a proxy that is not there, or whose connection breaks in the middle, is told as well", async () => {
  const target = { hostname: "127.0.0.1", port: 9, protocol: "https:" };
  const gone = await failureOf(open("http://127.0.0.1:9", target));
  expect(proxyFault(gone.code)).toBe("the proxy cannot be reached (ECONNREFUSED)");
  const answersThenCloses = createSocketServer((socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 200 Fine\r\n\r\n"));
  });
  await using half = await listening(answersThenCloses);
  const broken = await failureOf(open(`http://127.0.0.1:${half.port}`, target));
  expect(proxyFault(broken.code)).toBe("the connection through the proxy broke off");
});

test("a reset ends what goes through the proxy and what is coming about, and leaves the way usable", async () => {
  await using proxy = await startConnectProxy();
  await using party = await listening(createSocketServer((socket) => socket.on("error", () => undefined)));
  const way = createProxy(proxy.url(), 5_000);
  const target = { hostname: "127.0.0.1", port: party.port, protocol: "http:" };
  const { promise: opened, resolve } = Promise.withResolvers<Socket>();
  way.connect(target, (_error, socket) => {
    if (socket) resolve(socket);
  });
  const socket = await opened;
  proxy.mood = "silent";
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>();
  way.connect(target, (...[error]) => {
    if (error) fail(error);
  });
  const closed = once(socket, "close");
  way.reset();
  await closed;
  expect(await failed).toMatchObject({ name: "ProxyError" });
  proxy.mood = "open";
  const again = Promise.withResolvers<Socket>();
  way.connect(target, (error, next) => (error ? again.reject(error) : again.resolve(next)));
  (await again.promise).destroy();
});
