/** What is known of models by their names: gpt-tokenizer's data, and before it our own dated file. */

import { readFileSync } from "node:fs";
import * as specs from "gpt-tokenizer/models.gen";
import { z } from "zod";
import { limits } from "./limits.ts";

const file = z.object({ windows: z.record(z.string(), z.object({ tokens: z.number().int().positive() })) });

const windows = new Map<string, number>();
// Its exports are the names and aliases themselves: "gpt-5.4", "gpt-5.4-2026-03-05".
for (const [name, spec] of Object.entries(specs)) {
  if (!("context_window" in spec)) continue;
  const inputTokens = "max_input_tokens" in spec ? spec.max_input_tokens : spec.context_window;
  windows.set(name, Math.min(spec.context_window, inputTokens));
}
const own = new URL("../../../data/context-windows.json", import.meta.url);
for (const [name, { tokens }] of Object.entries(file.parse(JSON.parse(readFileSync(own, "utf8"))).windows)) {
  windows.set(name, tokens);
}

/**
 * Tokens of one request, the smaller of window and input limit where both are known. Known by the whole name, or without
 * the vendor before it (`openai/…`), the variant behind it (`…:free`) or the date of a snapshot.
 */
export function contextWindow(model: string): number {
  const bare = model.slice(model.lastIndexOf("/") + 1);
  const plain = bare.split(":")[0] ?? bare;
  const undated = plain.replace(/-\d{4}-\d{2}-\d{2}$/u, "");
  for (const name of [model, bare, plain, undated]) {
    const tokens = windows.get(name);
    if (tokens !== undefined) return tokens;
  }
  return limits.unknownWindowTokens;
}
