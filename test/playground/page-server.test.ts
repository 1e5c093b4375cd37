import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { startPageWorld } from "./page-world.ts";

async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  const { port, pathname } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  request({ host: "127.0.0.1", port, path: pathname, headers, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  })
    .on("error", reject)
    .end();
  return await promise;
}

test("a taken port becomes the next free one", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await using world = await startPageWorld();
  await using page = await world.servePage(port);
  expect(page.port).toBeGreaterThan(port);
  expect(await statusOf(page.url, { host: `localhost:${page.port}` })).toBe(200);
  other.close();
});

test("another site can neither read the page under a name of its own nor type into it", async () => {
  await using world = await startPageWorld();
  const { url, port } = world.page;
  expect(await statusOf(url, { host: `localhost:${port}` })).toBe(200);
  expect(await statusOf(url, { host: `127.0.0.1:${port}` })).toBe(200);
  expect(await statusOf(url, { host: `evil.example:${port}` })).toBe(403);
  expect(await statusOf(url, { host: `localhost:${port}`, origin: "http://evil.example" })).toBe(403);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/live`, { origin: "http://evil.example" });
  const [error] = await once(socket, "error");
  expect(String(error)).toContain("403");
});

test("the page may run its own scripts only and asks nobody else for anything", async () => {
  await using world = await startPageWorld();
  const response = await fetch(`http://127.0.0.1:${world.page.port}/`, { headers: { connection: "close" } });
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(await response.text()).not.toMatch(/https?:\/\//);
});

test("acts of strangers, of people in the wrong room and of no sense at all are ignored", async () => {
  await using world = await startPageWorld();
  const { cast, telegram, slack } = world.world;
  const socket = new WebSocket(`ws://127.0.0.1:${world.page.port}/live`);
  await once(socket, "message");
  const [alex, maya] = cast.telegram.people;
  const acts = [
    "no JSON",
    JSON.stringify({ type: "telegram-says", as: maya, chat: cast.telegram.private, text: "not my chat" }),
    JSON.stringify({
      type: "telegram-says",
      as: telegram.botUser.id,
      chat: cast.telegram.group,
      text: "I, bot",
    }),
    JSON.stringify({ type: "slack-says", as: slack.botUserId, channel: cast.slack.dm, text: "I, bot" }),
    JSON.stringify({
      type: "slack-says",
      as: cast.slack.people[1],
      channel: cast.slack.dm,
      text: "not my DM",
    }),
    JSON.stringify({ type: "telegram-says", as: alex, chat: cast.telegram.private, text: "  " }),
    JSON.stringify({ type: "telegram-says", as: alex, chat: cast.telegram.private, text: "mine" }),
  ];
  for (const act of acts) socket.send(act);
  await telegram.until(() => telegram.visible({ id: cast.telegram.private }).length > 0);
  expect(telegram.visible({ id: cast.telegram.private }).map(({ text }) => text)).toEqual(["mine"]);
  expect(telegram.visible({ id: cast.telegram.group })).toEqual([]);
  expect(slack.workspace.messages).toEqual([]);
  socket.close();
});
