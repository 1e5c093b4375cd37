import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { startModelSimulator } from "../../simulator/model/index.ts";
import { watchLeaks } from "../world/leaks.ts";
import { startTestRedis } from "../world/redis.ts";
import { createHome } from "./open-playground.ts";

test("the terminal says where the page is, which port is taken, and the steps to the real thing", async () => {
  using home = createHome();
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await using playground = await home.start({ port });
  const terminal = stripVTControlCharacters(home.said.join("\n"));
  expect(terminal).toContain(playground.url);
  expect(terminal).toContain(`(port ${port} is taken)`);
  expect(terminal).not.toContain("last visit");
  for (const word of ["OPENAI_API_KEY", "TELEGRAM_BOT_TOKEN", "slack-manifest.yaml", "Ctrl-C"]) {
    expect(terminal).toContain(word);
  }
  other.close();
});

test("what is said over the page's socket is answered by the service, and the end leaves nothing open", async () => {
  using home = createHome();
  const checkLeaks = watchLeaks();
  {
    await using playground = await home.start({ demo: { tokensPerSecond: 2_000, firstTokenMs: 0 } });
    const { telegram, slack, cast } = playground.world;
    const socket = new WebSocket(`${playground.url.replace("http://localhost", "ws://127.0.0.1")}/live`);
    await once(socket, "open");
    const [as] = cast.telegram.people;
    socket.send(JSON.stringify({ type: "telegram-says", as, chat: cast.telegram.private, text: "Hello" }));
    const slackAct = { type: "slack-says", as: cast.slack.people[0], channel: cast.slack.channel };
    socket.send(JSON.stringify({ ...slackAct, text: "/parley help" }));
    await telegram.until(() => telegram.visible({ id: cast.telegram.private }).length === 2);
    await slack.until(() => slack.answers(cast.slack.channel).length === 1);
    expect(slack.answers(cast.slack.channel)[0]).toContain("/parley stop");
    socket.close();
  }
  await checkLeaks();
});

test("with --model the configured model answers, and terminal and page name it", async () => {
  using home = createHome();
  await using model = await startModelSimulator({ answer: "From the real one." });
  await using playground = await home.start({ model: model.url });
  const { telegram, cast } = playground.world;
  const chat = { id: cast.telegram.private };
  telegram.says(telegram.user(cast.telegram.private), chat, "Who are you?");
  await telegram.until(() => telegram.visible(chat).at(-1)?.text === "From the real one.");
  expect(home.said.join("\n")).toContain("real-model");
  const socket = new WebSocket(`${playground.url.replace("http://localhost", "ws://127.0.0.1")}/live`);
  const [state] = await once(socket, "message");
  expect(JSON.parse(String(state))).toMatchObject({ model: "real-model", isDemo: false });
  socket.close();
});

test("on a Redis that is away or takes no writes it does not start, and says what to do", async () => {
  using home = createHome();
  await using redis = await startTestRedis();
  const refused = async (message: string, redisUrl: string) =>
    await expect(home.start({ redisUrl })).rejects.toMatchObject({
      name: "StartRefused",
      message: expect.stringContaining(message),
    });
  await refused("cannot be reached", join(redis.socket, "..", "nothing.sock"));
  const client = new Redis(redis.socket);
  await client.replicaof("127.0.0.1", 9);
  client.disconnect();
  await refused("it is a read-only replica", redis.socket);
  expect(home.said).toEqual([]);
});
