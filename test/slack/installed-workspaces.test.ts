import { randomBytes } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { callIn } from "../../src/adapters/slack/call.ts";
import { createSlackClient } from "../../src/adapters/slack/client.ts";
import { createInstalledWorkspaces } from "../../src/adapters/slack/installed-workspaces.ts";
import { createEvents } from "../../src/core/events.ts";
import type { InstallationStore } from "../../src/core/installations.ts";
import type { Timing } from "../../src/core/timing.ts";
import { openTestQueue, shrunk } from "../queue/open-test-queue.ts";
import { startTestRedis, type TestRedis } from "../world/redis.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());

let namespaces = 0;

/** The workspaces of one process. @param change makes a store that is not quite right */
async function open(timing: Partial<Timing> = {}, change = (store: InstallationStore) => store) {
  await using stack = new AsyncDisposableStack();
  const waits = { ...shrunk, redisCommandMs: 200, ...timing };
  const queue = stack.use(openTestQueue(redis.url, { namespace: `spaces${++namespaces}`, timing: waits }));
  const store = stack.use(queue.openInstallations([randomBytes(32)]));
  const asked = { botToken: undefined, apiUrl: "http://127.0.0.1:9/api/", callMs: 500, keepAliveMs: 500 };
  const parts = {
    client: stack.use(createSlackClient(asked)),
    installations: change(store),
    inbox: queue.inbox,
    events: createEvents(pino({ level: "silent" })),
    timing: waits,
    clientId: "1.2",
    clientSecret: "secret",
  };
  const moved = stack.move();
  return {
    store,
    workspaces: createInstalledWorkspaces(parts),
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}

const place = (scope: string) => ({ platform: "slack", scope });
const credentials = (teamId: string, botToken = "xoxb-1") =>
  JSON.stringify({ v: 1, teamId, botToken, botUserId: "U1", botId: "B1" });

test("a workspace is known from the moment it installs the app, and not before", async () => {
  await using one = await open();
  await expect(one.workspaces.find("T1")).rejects.toMatchObject({ name: "WorkspaceGone" });
  expect(await one.workspaces.serves(["T1"])).toBe(false);
  await one.store.save(place("T1"), credentials("T1"));
  expect(await (await one.workspaces.find("T1")).identity()).toEqual({
    teamId: "T1",
    botUserId: "U1",
    botId: "B1",
  });
  expect(await one.workspaces.serves(["T2", "T1"])).toBe(true);
  await expect(one.workspaces.find(undefined)).rejects.toMatchObject({ name: "WorkspaceGone" });
});

test("a process that hears nothing of an uninstall knows of it before long", async () => {
  const deaf = (store: InstallationStore) => ({ ...store, onChange: () => undefined });
  await using one = await open({ installationMs: 150 }, deaf);
  await one.store.save(place("T1"), credentials("T1"));
  await one.workspaces.find("T1");
  await one.store.drop(place("T1"), Date.now());
  const isGone = () => expect(one.workspaces.find("T1")).rejects.toMatchObject({ name: "WorkspaceGone" });
  await vi.waitFor(isGone, { timeout: 5_000, interval: 20 });
});

test("while Redis is away nothing is said of a workspace, and nothing of that is remembered", async () => {
  await using one = await open();
  await one.store.save(place("T1"), credentials("T1"));
  redis.freeze();
  try {
    await expect(one.workspaces.find("T1")).rejects.toMatchObject({ name: "WorkspaceUnknown" });
    const target = { address: { ...place("T1"), chat: "C1" }, place: "group", question: "1.000001" } as const;
    const context = { method: "chat.postMessage", budget: undefined };
    const called = vi.fn(async () => undefined);
    const outcome = await callIn(one.workspaces, target, context, AbortSignal.timeout(5_000), called);
    expect(outcome.kind).toBe("unapplied");
    const late = await callIn(one.workspaces, target, context, AbortSignal.timeout(20), called);
    expect(late.kind).toBe("unapplied");
    expect(called).not.toHaveBeenCalled();
  } finally {
    redis.thaw();
  }
  await vi.waitFor(() => one.workspaces.find("T1"), { timeout: 5_000, interval: 20 });
});

test("a call to a workspace that removed the app is not made, and its reply has no place any more", async () => {
  await using one = await open();
  const target = { address: { ...place("T1"), chat: "C1" }, place: "group", question: "1.000001" } as const;
  const called = vi.fn(async () => undefined);
  const context = { method: "chat.postMessage", budget: undefined };
  const outcome = await callIn(one.workspaces, target, context, AbortSignal.timeout(5_000), called);
  expect(outcome).toMatchObject({ kind: "closed", cause: { message: expect.stringContaining("T1") } });
  expect(called).not.toHaveBeenCalled();
});
