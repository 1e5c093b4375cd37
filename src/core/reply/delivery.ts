/** Brings a finished answer to its final state: every page, surplus pages removed, never dropped. */

import { marked } from "../markdown/mark.ts";
import type { Page, ReplyRenderer } from "../platform/page.ts";
import type { Platform } from "../platform/platform.ts";
import type { ReplyTarget } from "../platform/reply-target.ts";
import type { Timing } from "../timing.ts";
import type { Answer } from "../turn-store.ts";
import { WakeSignal } from "../wake-signal.ts";
import { words } from "../words.ts";
import { maxPages } from "./max-pages.ts";
import type { PageWriter } from "./page-writer.ts";
import type { Shown } from "./shown.ts";

/** What a delivery needs. */
export interface DeliveryOptions {
  readonly platform: Platform;
  readonly target: ReplyTarget;
  readonly timing: Timing;
  readonly renderer: ReplyRenderer;
  readonly writer: PageWriter;
  /** Ends waiting: the turn is handed back. */
  readonly handBack: AbortSignal;
}

/** How a delivery ended. `wait`: it goes on in a later run, outside the worker's slot. */
export type Delivered = Exclude<Shown, { kind: "refused" }>;

/** The Markdown of the final state: the text and, when it is not whole, a mark that says so. */
function toFinalMarkdown(answer: Answer): string {
  const { end, questionCut, leftOut } = answer;
  // Only a mark would not say that there was nothing to mark.
  const text = answer.text.trim() === "" && end === "stop" ? words.empty : answer.text;
  const marks = [
    ...(questionCut ? [words.cutMessage] : []),
    ...(leftOut.length > 0 ? [words.leftOut(leftOut)] : []),
    ...(end === "stop" || end === "notice" ? [] : [words.mark[end]]),
  ];
  return marks.length === 0 ? text : marked(text, marks.join("\n\n"));
}

/** Delivers `answer`. Waits inside the slot only for what is soon over. @throws when the store is out of reach */
export async function deliver(options: DeliveryOptions, answer: Answer): Promise<Delivered> {
  const markdown = toFinalMarkdown(answer);
  options.writer.shownUtf16 = markdown.length;
  const all = options.renderer.render(markdown, "final");
  const budget = { waitMs: options.timing.inlineWaitMs * 2 };
  const { end, keepPages } = answer;
  // Under an answer that was whole before there is none any more.
  if (end === "stopped" && keepPages > 0) {
    const kept = await patiently(options, budget, () => options.writer.removeButton(keepPages));
    if (kept.kind === "wait" || kept.kind === "fenced") return kept;
  }
  if (all.length <= maxPages) {
    const pages = all.length > 0 ? all : renderOnce(options, words.empty);
    return await showAll(options, budget, pages, keepPages);
  }
  const withNote = (note: string) => [...all.slice(0, maxPages - 1), ...renderOnce(options, note)];
  const { fileRefused } = options.writer;
  const note = fileRefused ? words.restTooLong : words.restInFile;
  const shown = await showAll(options, budget, withNote(note), keepPages);
  if (shown.kind !== "shown" || fileRefused) return shown;
  const file = { name: "answer.md", text: markdown };
  const attached = await patiently(options, budget, () => options.writer.attach(file));
  if (attached.kind !== "refused") return attached;
  return await showAll(options, budget, withNote(words.restTooLong), keepPages);
}

/** For a turn that ends without a word: a button under what is visible would stop nothing any more. Best effort. */
export async function removeButton(options: DeliveryOptions): Promise<void> {
  const { writer, timing } = options;
  if (writer.shownUtf16 === 0) return;
  const budget = { waitMs: timing.inlineWaitMs * 2 };
  await patiently(options, budget, () => writer.removeButton(writer.count));
}

function renderOnce(options: DeliveryOptions, markdown: string): readonly Page[] {
  const { place, streaming } = options.target;
  return options.platform.createRenderer(place, streaming).render(markdown, "final");
}

async function showAll(
  options: DeliveryOptions,
  budget: WaitBudget,
  pages: readonly Page[],
  keepPages: number,
): Promise<Delivered> {
  const { writer } = options;
  for (const [at, page] of pages.entries()) {
    const shown = await showPage(options, budget, keepPages + at, page);
    if (shown.kind !== "shown") return shown;
  }
  for (let index = writer.count - 1; index >= keepPages + pages.length; index--) {
    const removed = await patiently(options, budget, () => writer.remove(index));
    if (removed.kind === "wait" || removed.kind === "fenced") return removed;
  }
  return { kind: "shown" };
}

/** A page that the platform does not take is replaced by a sentence that says so; the others are shown all the same. */
async function showPage(
  options: DeliveryOptions,
  budget: WaitBudget,
  index: number,
  page: Page,
): Promise<Exclude<Shown, { kind: "refused" }>> {
  const show = (what: Page) => patiently(options, budget, () => options.writer.show(index, what, "final"));
  if (!options.writer.refused(index)) {
    const shown = await show(page);
    if (shown.kind !== "refused") return shown;
  }
  const [notice = page] = renderOnce(options, words.pageRefused);
  const noticed = await show(notice);
  return noticed.kind === "refused" ? { kind: "closed", cause: noticed.cause } : noticed;
}

/** How long a delivery may still wait inside the worker's slot, in ms. */
interface WaitBudget {
  waitMs: number;
}

/** Repeats `attempt` while its waits are short; hands a long wait to the queue. */
async function patiently(
  options: DeliveryOptions,
  budget: WaitBudget,
  attempt: () => Promise<Shown>,
): Promise<Shown> {
  const alarm = new WakeSignal();
  const ring = () => alarm.ring();
  options.handBack.addEventListener("abort", ring, { once: true });
  try {
    for (;;) {
      const shown = await attempt();
      if (shown.kind !== "wait") return shown;
      const { waitMs } = shown;
      const tooLong = waitMs > options.timing.inlineWaitMs || budget.waitMs < waitMs;
      if (tooLong || options.handBack.aborted) return { kind: "wait", waitMs };
      budget.waitMs -= waitMs;
      await alarm.sleep(waitMs);
    }
  } finally {
    options.handBack.removeEventListener("abort", ring);
  }
}
