/**
 * Slack's own streams: a page is opened, appended to by the process that opened it, and closed. Whenever it is not sure
 * that a text goes on where the stream stands, the stream is closed and core goes on by edits of the whole text.
 */

import type { Live, LiveOutcome } from "../../core/platform/live.ts";
import type { Page, PageId } from "../../core/platform/page.ts";
import type { PostOptions, ReplyTarget } from "../../core/platform/reply-target.ts";
import type { Timing } from "../../core/timing.ts";
import { type CallFor, createCallFor } from "./call.ts";
import { toMetadata } from "./find-post.ts";
import { parseStreamText } from "./format.ts";
import type { StreamText } from "./format-stream.ts";
import { Refusals } from "./refusals.ts";
import type { Workspaces } from "./workspaces.ts";

/** What streams need. */
export interface StreamsOptions {
  readonly workspaces: Workspaces;
  readonly timing: Pick<Timing, "streamAgeMs" | "brokenMaxMs">;
}

/** A message takes about 12,000 characters over all its appends (CopilotKit#6063); a page is far below that. */
const streamUtf16 = 10_000;

/** A stream that this process has opened. */
interface OpenStream {
  readonly token: string;
  /** On the monotonic clock. */
  readonly openedAt: number;
  /** What surely stands there. */
  text: string;
  /** It is not known what stands there, or Slack takes nothing more: it can only be closed. */
  broken: boolean;
}

/** Makes the way in which growing text is shown in threads. */
export function createStreams({ workspaces, timing }: StreamsOptions): Extract<Live, { kind: "streams" }> {
  const streams = new Streams(createCallFor(workspaces), timing);
  return {
    kind: "streams",
    open: (target, page, options, signal) => streams.open(target, page, options, signal),
    grow: (target, id, page, signal) => streams.grow(target, id, page, signal),
  };
}

/** It is over, or was never begun: core goes on by posts and edits. */
const unavailable = { kind: "unavailable", cause: undefined } as const;

class Streams {
  readonly #callFor: CallFor;
  readonly #timing: StreamsOptions["timing"];
  readonly #open = new Map<string, OpenStream>();
  readonly #refusals: Refusals;

  constructor(callFor: CallFor, timing: StreamsOptions["timing"]) {
    this.#callFor = callFor;
    this.#timing = timing;
    this.#refusals = new Refusals(timing);
  }

  async open(
    target: ReplyTarget,
    page: Page,
    { token }: PostOptions,
    signal: AbortSignal,
  ): Promise<LiveOutcome<PageId>> {
    const { scope, chat, thread } = target.address;
    const shown = parseStreamText(page.body);
    const recipient = toRecipient(target);
    if (!shown || !recipient || thread === undefined || this.#refusals.has(scope)) return unavailable;
    const opened = await this.#callFor("chat.startStream", target, "open", signal, async ({ web }) => {
      const text = { markdown_text: shown.markdown };
      const { ts } = await web.chat.startStream({ channel: chat, thread_ts: thread, ...recipient, ...text });
      if (ts === undefined) throw new Error("Slack's chat.startStream answered without a ts");
      return ts;
    });
    if (opened.kind === "unknown" || opened.kind === "limited") return opened;
    if (opened.kind !== "done") {
      // Not offered to this app or workspace; another refusal may be about this thread only.
      if (opened.kind === "broken") this.#refusals.add(scope);
      return { kind: "unavailable", cause: opened.cause };
    }
    this.#forgetOld();
    const stream = { token, openedAt: performance.now(), text: shown.markdown, broken: false };
    this.#open.set(keyOf(target, opened.value), stream);
    return opened;
  }

  async grow(target: ReplyTarget, id: PageId, page: Page, signal: AbortSignal): Promise<LiveOutcome<void>> {
    const stream = this.#open.get(keyOf(target, id));
    if (stream === undefined) return unavailable;
    const shown = parseStreamText(page.body);
    const rest = shown && this.#continuation(stream, shown, page.growing === true);
    if (rest === undefined) return await this.#close(target, id, stream, signal);
    if (!page.growing) return await this.#finish(target, id, stream, rest, signal);
    if (rest === "") return { kind: "done", value: undefined };
    return await this.#append(target, id, stream, rest, signal);
  }

  /** What has to be appended for `shown` to stand there; undefined when appending cannot bring that about. */
  #continuation(stream: OpenStream, { markdown, exact }: StreamText, growing: boolean): string | undefined {
    const isOld = performance.now() - stream.openedAt > this.#timing.streamAgeMs;
    if (stream.broken || isOld || markdown.length > streamUtf16) return undefined;
    if (markdown.startsWith(stream.text)) {
      return growing || exact ? markdown.slice(stream.text.length) : undefined;
    }
    // The last words are held back while it is not sure what they are.
    return growing && stream.text.startsWith(markdown) ? "" : undefined;
  }

  async #append(
    target: ReplyTarget,
    id: PageId,
    stream: OpenStream,
    rest: string,
    signal: AbortSignal,
  ): Promise<LiveOutcome<void>> {
    const appended = await this.#callFor("chat.appendStream", target, "grow", signal, async ({ web }) => {
      await web.chat.appendStream({ channel: target.address.chat, ts: id, markdown_text: rest });
    });
    if (appended.kind === "done") stream.text += rest;
    return this.#ended(target, id, stream, appended);
  }

  /** Closes the stream with what is still missing. */
  async #finish(
    target: ReplyTarget,
    id: PageId,
    stream: OpenStream,
    rest: string,
    signal: AbortSignal,
  ): Promise<LiveOutcome<void>> {
    const finished = await this.#stop(target, id, stream, rest, signal);
    if (finished.kind === "done") this.#open.delete(keyOf(target, id));
    return this.#ended(target, id, stream, finished);
  }

  /** Closes the stream as it stands; an edit gives the page its text. Repeating this is harmless. */
  async #close(
    target: ReplyTarget,
    id: PageId,
    stream: OpenStream,
    signal: AbortSignal,
  ): Promise<LiveOutcome<void>> {
    stream.broken = true;
    const closed = await this.#stop(target, id, stream, "", signal);
    if (closed.kind === "limited" || closed.kind === "unknown" || closed.kind === "closed") return closed;
    this.#open.delete(keyOf(target, id));
    return unavailable;
  }

  /** With the page's token, so that a later search does not take it for a lost one. */
  #stop(target: ReplyTarget, id: PageId, { token }: OpenStream, rest: string, signal: AbortSignal) {
    return this.#callFor("chat.stopStream", target, "close", signal, async ({ web }) => {
      await web.chat.stopStream({
        channel: target.address.chat,
        ts: id,
        metadata: toMetadata(token),
        ...(rest === "" ? {} : { markdown_text: rest }),
      });
    });
  }

  #ended(target: ReplyTarget, id: PageId, stream: OpenStream, outcome: LiveOutcome<void>): LiveOutcome<void> {
    switch (outcome.kind) {
      case "done":
      case "limited":
      case "closed":
        return outcome;
      case "gone":
        // Slack has ended it by itself: after some minutes, or because the person pressed Stop.
        this.#open.delete(keyOf(target, id));
        return unavailable;
      case "unknown":
        stream.broken = true;
        return outcome;
      default:
        stream.broken = true;
        return { kind: "unapplied", cause: outcome.cause ?? new Error("The stream is over") };
    }
  }

  /** Streams of turns that ended otherwise. The oldest come first. */
  #forgetOld(): void {
    for (const [key, { openedAt }] of this.#open) {
      if (performance.now() - openedAt < this.#timing.streamAgeMs * 2) return;
      this.#open.delete(key);
    }
  }
}

/** In channels Slack wants to know for whom it is; undefined when we cannot say. */
function toRecipient({ place, asker, address }: ReplyTarget) {
  if (place === "private") return {};
  if (asker === undefined) return undefined;
  return { recipient_user_id: asker, recipient_team_id: address.scope };
}

function keyOf({ address }: ReplyTarget, id: PageId): string {
  return `${address.scope} ${address.chat} ${id}`;
}
