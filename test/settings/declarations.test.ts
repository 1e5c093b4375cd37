import { describe, expect, test } from "vitest";
import {
  isSettingName,
  type SettingName,
  settingDeclarations,
  settingOf,
  settingsOfCommand,
  systemPromptBytes,
} from "../../src/core/settings/declarations.ts";

describe("what an admin writes becomes a value", () => {
  test.each<[SettingName, string, unknown]>([
    ["temperature", "0.7", 0.7],
    ["temperature", "0,7", 0.7],
    ["temperature", "2", 2],
    ["topP", "0", 0],
    ["presencePenalty", "-2", -2],
    ["maxTokens", "400", 400],
    ["seed", "-7", -7],
    ["stop", '["END"]', ["END"]],
    ["logitBias", '{"50256": -100}', { "50256": -100 }],
    ["responseFormat", '{"type": "json_object"}', { type: "json_object" }],
    [
      "responseFormat",
      '{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}',
      { type: "json_schema", json_schema: { name: "a", schema: { type: "object" } } },
    ],
    ["reasoningEffort", "HIGH", "high"],
    ["verbosity", "low", "low"],
    ["safetyIdentifier", "On", true],
    ["modelPatterns", "gpt-* o3, vendor/x:free", ["gpt-*", "o3", "vendor/x:free"]],
    ["modelPatterns", "all", []],
    ["promptValues", "date, user date", ["date", "user"]],
    ["promptValues", "none", []],
    ["model", "openrouter/some-model:free", "openrouter/some-model:free"],
    ["systemPrompt", '`{date}` <b> {{x}} \\n "\n\tline', '`{date}` <b> {{x}} \\n "\n\tline'],
    ["systemPrompt", "é".repeat(systemPromptBytes / 2), "é".repeat(systemPromptBytes / 2)],
  ])("%s: %s", (name, text, value) => {
    expect(settingOf(name).read(text)).toEqual(value);
  });
});

describe("what is no value is not taken", () => {
  test.each<[SettingName, string]>([
    ["temperature", ""],
    ["temperature", "2.01"],
    ["temperature", "-0.1"],
    ["temperature", "1e400"],
    ["temperature", "0x1"],
    ["temperature", "NaN"],
    ["temperature", "hot"],
    ["maxTokens", "0"],
    ["maxTokens", "1.5"],
    ["maxTokens", "99999999"],
    ["seed", "9007199254740993"],
    ["stop", "[]"],
    ["stop", '["a","b","c","d","e"]'],
    ["stop", '[""]'],
    ["stop", "END"],
    ["logitBias", '{"a": 1}'],
    ["logitBias", '{"1": 101}'],
    ["logitBias", '{"__proto__": 1}'],
    ["responseFormat", '{"type":"xml"}'],
    ["responseFormat", '{"type":"json_schema"}'],
    ["reasoningEffort", "very"],
    ["safetyIdentifier", "yes"],
    ["promptValues", ""],
    ["promptValues", "date password"],
    ["model", ""],
    ["model", "a\u0000b"],
    ["model", "a\nb"],
    ["model", "m".repeat(201)],
    ["modelPatterns", "gpt-(a|b)"],
    ["modelPatterns", Array.from({ length: 21 }, (_, index) => `m${index}`).join(" ")],
    ["systemPrompt", "a\u0000b"],
    ["systemPrompt", "a\u001bb"],
    ["systemPrompt", `${"é".repeat(systemPromptBytes / 2)}x`],
  ])("%s: %j", (name, text) => {
    expect(settingOf(name).read(text)).toBeUndefined();
  });
});

test("what is shown can be written again", () => {
  const written: Partial<Record<SettingName, string>> = {
    temperature: "0.7",
    stop: '["END","###"]',
    logitBias: '{"50256":-100}',
    promptValues: "date, user",
    safetyIdentifier: "off",
    modelPatterns: "gpt-* o3",
    verbosity: "high",
    systemPrompt: "Be `brief`.\n{date}",
  };
  for (const [name, text] of Object.entries(written)) {
    const declared = settingOf(name as SettingName);
    const shown = declared.show(declared.read(text));
    expect(shown).toBe(text);
    expect(declared.read(shown)).toEqual(declared.read(text));
  }
});

test("every setting belongs to a command and says what would be right", () => {
  const commands = ["model", "system", "params", "mode"] as const;
  const all = commands.flatMap((command) => settingsOfCommand(command));
  expect(all.toSorted()).toEqual(Object.keys(settingDeclarations).toSorted());
  for (const name of all) expect(settingOf(name).expected).not.toBe("");
});

test("words of one command are told apart", () => {
  for (const command of ["model", "system", "params"] as const) {
    const words = settingsOfCommand(command).map((name) => settingOf(name).word);
    expect(new Set(words).size).toBe(words.length);
  }
});

test("what every object has is no setting", () => {
  expect(isSettingName("constructor")).toBe(false);
  expect(isSettingName("__proto__")).toBe(false);
});
