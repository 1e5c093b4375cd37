import { expect, test } from "vitest";
import type { MessageId } from "../../src/core/conversation.ts";
import { defaultScope, type SettingsScope } from "../../src/core/settings/scopes.ts";
import type { ChangeOrigin } from "../../src/core/settings/settings-store.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { conversation } from "./open-test-queue.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();
const { open } = queues;

const chat: SettingsScope = { kind: "chat", id: conversation("7") };
const otherChat: SettingsScope = { kind: "chat", id: conversation("8") };

let commands = 0;
function origin(id = `command ${++commands}`): ChangeOrigin {
  return {
    id: id as MessageId,
    person: "telegram:5",
    conversation: conversation("7"),
    atMs: 1_764_000_000_123,
  };
}

async function read(queue: OpenQueue, scope: SettingsScope): Promise<Readonly<Record<string, string>>> {
  const [layer] = await queue.settings.read([scope]);
  return Object.fromEntries(layer?.stored ?? []);
}

test("settings of several scopes are read in their order, each with its own", async () => {
  await using queue = open();
  const set = (scope: SettingsScope, value: string) =>
    queue.settings.change({ scope, name: "model", value, origin: origin() });
  await set(defaultScope, '"a"');
  await set(chat, '"b"');
  const layers = await queue.settings.read([defaultScope, chat, otherChat]);
  expect(layers.map(({ scope, stored }) => [scope, stored.get("model")])).toEqual([
    [defaultScope, '"a"'],
    [chat, '"b"'],
    [otherChat, undefined],
  ]);
});

test("a change says what was before, and is recorded with who, where and when", async () => {
  await using queue = open();
  const text = '"{}` é \\n"';
  const first = { scope: chat, name: "systemPrompt", value: text, origin: origin() } as const;
  expect(await queue.settings.change(first)).toEqual({ kind: "changed", from: undefined });
  const removed = { ...first, value: undefined, origin: origin() };
  expect(await queue.settings.change(removed)).toEqual({ kind: "changed", from: text });
  expect(await read(queue, chat)).toEqual({});
  const common = {
    scope: chat.id,
    name: "systemPrompt",
    person: "telegram:5",
    conversation: conversation("7"),
    atMs: 1_764_000_000_123,
    undo: false,
  };
  expect(await queue.settings.records(chat, 10)).toEqual([
    { ...common, from: text, to: undefined },
    { ...common, from: undefined, to: text },
  ]);
});

test("what is so already is not recorded", async () => {
  await using queue = open();
  const change = { scope: chat, name: "temperature", value: "1" } as const;
  await queue.settings.change({ ...change, origin: origin() });
  expect(await queue.settings.change({ ...change, origin: origin() })).toEqual({ kind: "same" });
  expect(await queue.settings.records(chat, 10)).toHaveLength(1);
});

test("a command that is carried out again changes nothing, whatever has happened since", async () => {
  await using queue = open();
  const first = { scope: chat, name: "temperature", value: "1", origin: origin() } as const;
  await queue.settings.change(first);
  await queue.settings.change({ ...first, value: "2", origin: origin() });
  expect(await queue.settings.change(first)).toEqual({ kind: "changed", from: undefined });
  expect(await read(queue, chat)).toEqual({ temperature: "2" });
});

test("two admins at once both count: each learns what the other one has set", async () => {
  await using queue = open();
  await using other = queues.openAgain();
  const outcomes = await Promise.all(
    [queue, other].map((from, index) =>
      from.settings.change({ scope: chat, name: "temperature", value: String(index), origin: origin() }),
    ),
  );
  const { temperature } = await read(queue, chat);
  const last = Number(temperature);
  expect(outcomes[last]).toEqual({ kind: "changed", from: String(1 - last) });
  expect(outcomes[1 - last]).toEqual({ kind: "changed", from: undefined });
});

test("undo takes back one change after another, and records that", async () => {
  await using queue = open();
  const set = (name: "temperature" | "seed", value: string) =>
    queue.settings.change({ scope: chat, name, value, origin: origin() });
  await set("temperature", "1");
  await set("temperature", "2");
  await set("seed", "7");
  expect(await queue.settings.undo(chat, origin())).toMatchObject({ name: "seed", to: "7" });
  expect(await queue.settings.undo(chat, origin())).toMatchObject({
    name: "temperature",
    from: "1",
    to: "2",
  });
  expect(await read(queue, chat)).toEqual({ temperature: "1" });
  expect(await queue.settings.undo(chat, origin())).toMatchObject({ name: "temperature", to: "1" });
  expect(await queue.settings.undo(chat, origin())).toBeUndefined();
  expect(await read(queue, chat)).toEqual({});
  expect(
    (await queue.settings.records(chat, 10)).map(({ undo, name, from, to }) => [undo, name, from, to]),
  ).toEqual([
    [true, "temperature", "1", undefined],
    [true, "temperature", "2", "1"],
    [true, "seed", "7", undefined],
    [false, "seed", undefined, "7"],
    [false, "temperature", "1", "2"],
    [false, "temperature", undefined, "1"],
  ]);
});

test("undo that is carried out again takes back no second change", async () => {
  await using queue = open();
  for (const value of ["1", "2"])
    await queue.settings.change({ scope: chat, name: "temperature", value, origin: origin() });
  const once = origin();
  const taken = await queue.settings.undo(chat, once);
  expect(await queue.settings.undo(chat, once)).toEqual(taken);
  expect(await read(queue, chat)).toEqual({ temperature: "1" });
});

test("one scope's undo leaves another one's changes alone", async () => {
  await using queue = open();
  await queue.settings.change({ scope: otherChat, name: "seed", value: "7", origin: origin() });
  expect(await queue.settings.undo(chat, origin())).toBeUndefined();
  expect(await read(queue, otherChat)).toEqual({ seed: "7" });
});

test("a system prompt of the greatest size survives its record and its undo", async () => {
  await using queue = open();
  const value = JSON.stringify(`${'"\\/é{}`'.repeat(3_000)}`);
  await queue.settings.change({ scope: chat, name: "systemPrompt", value, origin: origin() });
  await queue.settings.change({ scope: chat, name: "systemPrompt", value: undefined, origin: origin() });
  await queue.settings.undo(chat, origin());
  expect(await read(queue, chat)).toEqual({ systemPrompt: value });
});
