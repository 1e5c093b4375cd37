import { expect, test } from "vitest";
import { toConversationId } from "../../src/core/conversation.ts";
import { effectiveSettings, type SettingsLayer } from "../../src/core/settings/effective.ts";
import { defaultScope, scopesOf } from "../../src/core/settings/scopes.ts";

const thread = toConversationId({ platform: "slack", scope: "T1", chat: "C1", thread: "1.2" });
const scopes = scopesOf(thread);

function layers(...stored: Readonly<Record<string, unknown>>[]): readonly SettingsLayer[] {
  return stored.map((values, index) => ({
    scope: scopes[index] ?? defaultScope,
    stored: new Map(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)])),
  }));
}

test("a thread has four scopes, widest first", () => {
  expect(scopes.map(({ kind, id }) => `${kind} ${id}`)).toEqual([
    "default *",
    "workspace slack:T1",
    "chat slack:T1:C1",
    `conversation ${thread}`,
  ]);
});

test("a chat without threads has three", () => {
  const chat = toConversationId({ platform: "telegram", scope: "42", chat: "-7" });
  expect(scopesOf(chat).map(({ kind }) => kind)).toEqual(["default", "workspace", "chat"]);
});

test("the narrowest scope that sets something counts, and is named", () => {
  const { values, sources } = effectiveSettings(
    { model: "configured", systemPrompt: "Configured." },
    layers(
      { model: "everywhere", temperature: 1 },
      { model: "workspace" },
      { temperature: 0 },
      { verbosity: "low" },
    ),
  );
  expect(values).toEqual({
    model: "workspace",
    systemPrompt: "Configured.",
    temperature: 0,
    verbosity: "low",
  });
  expect(sources.get("model")?.kind).toBe("workspace");
  expect(sources.get("temperature")?.kind).toBe("chat");
  expect(sources.get("verbosity")?.kind).toBe("conversation");
  expect(sources.has("systemPrompt")).toBe(false);
});

test("what another version has written counts as not set, and is told", () => {
  const { values, unreadable } = effectiveSettings(
    { model: "configured" },
    layers({ model: 7, temperature: 5, hologram: true }, { __proto__x: 1 }),
  );
  expect(values).toEqual({ model: "configured" });
  expect(unreadable).toEqual(["*: model", "*: temperature", "*: hologram", "slack:T1: __proto__x"]);
});
