/** How long it takes to render a reply: `node bench/format.ts`. Prints a table; hostile inputs fail above their bound. */

import { createSlackRenderer } from "../src/adapters/slack/format.ts";
import { createTelegramRenderer } from "../src/adapters/telegram/format.ts";
import type { ReplyRenderer } from "../src/core/platform/page.ts";
import { everything, hostile, wellFormed } from "../test/format/corpus.ts";

const platforms = { telegram: createTelegramRenderer, slack: createSlackRenderer };
const reply = Object.values(wellFormed).join("\n\n").slice(0, 40_000);

/** This thread's own time, so that a busy machine does not change the figures. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Milliseconds of CPU of one call, out of `count`. */
function timed(count: number, work: (index: number) => unknown): number {
  const startMs = cpuMs();
  for (let index = 0; index < count; index += 1) work(index);
  return (cpuMs() - startMs) / count;
}

/** A preview of a text that has just grown by a token. */
function preview(create: () => ReplyRenderer, length: number): number {
  const renderer = create();
  const text = everything.repeat(Math.ceil((length + 1_000) / everything.length));
  return timed(200, (index) => renderer.render(text.slice(0, length + index * 4), "preview"));
}

/** A whole reply that grows token by token: the mean and the slowest call. */
function stream(create: () => ReplyRenderer): { meanMs: number; maxMs: number } {
  const renderer = create();
  let maxMs = 0;
  const calls = Math.ceil(reply.length / 20);
  const meanMs = timed(calls, (index) => {
    const callMs = timed(1, () => renderer.render(reply.slice(0, (index + 1) * 20), "preview"));
    maxMs = Math.max(maxMs, callMs);
  });
  return { meanMs, maxMs };
}

// A worker renders all day: what counts is code that the engine has compiled.
for (let round = 0; round < 5; round += 1) for (const create of Object.values(platforms)) stream(create);

for (const [name, create] of Object.entries(platforms)) {
  for (const length of [500, 1_000, 2_000, 3_000]) {
    console.log(`${name}: preview of ${length} characters: ${preview(create, length).toFixed(3)} ms`);
  }
  const whole = timed(5, () => create().render(reply, "final"));
  console.log(`${name}: whole reply of 40,000 characters at once: ${whole.toFixed(1)} ms`);
  const { meanMs, maxMs } = stream(create);
  console.log(
    `${name}: the same in steps of 20: mean ${meanMs.toFixed(3)} ms, slowest ${maxMs.toFixed(1)} ms`,
  );
}

/** The bound for every 40,000 characters of its own examples, and what no other input may exceed. */
const boundMs = { promised: 50, other: 100 };
const promised = new Set([
  "brackets",
  "backticks",
  "open emphasis, long",
  "comments",
  "tildes",
  "deep quotes",
  "deep lists",
  "deep indented lists",
]);

for (const [name, text] of Object.entries(hostile)) {
  const bound = promised.has(name) ? boundMs.promised : boundMs.other;
  const figures = Object.values(platforms).map((create) => {
    const renderer = create();
    const finalMs = Math.min(
      timed(1, () => create().render(text, "final")),
      timed(1, () => create().render(text, "final")),
    );
    renderer.render(text.slice(0, -20), "preview");
    const nextMs = timed(1, () => renderer.render(text, "preview"));
    const per40k = finalMs / Math.max(1, text.length / 40_000);
    if (per40k > bound) process.exitCode = 1;
    return `${finalMs.toFixed(1)} ms${per40k > bound ? " TOO SLOW" : ""}, next preview ${nextMs.toFixed(1)} ms`;
  });
  console.log(`hostile, ${name} (${text.length}): telegram ${figures[0]} · slack ${figures[1]}`);
}
