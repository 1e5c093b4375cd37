/** Gathers one answer from its chunks: what to show next, and how it ended. */

import type { ChatFinish, ChatUsage } from "../../core/chat-api.ts";
import { parseChunk } from "./chunk.ts";
import { bodyFailure, type Failure } from "./errors.ts";
import { limits } from "./limits.ts";
import type { ServerSentEvent } from "./sse.ts";
import { Thinking } from "./thinking.ts";

/** A stream that ended without saying that the answer is whole. */
export const brokenOff: Failure = {
  problem: "unreachable",
  retry: "backoff",
  facts: "the stream broke off",
  answered: true,
};

/** What came is no chat API's stream. */
export const noStream: Failure = {
  problem: "unreachable",
  retry: "backoff",
  facts: "the response is no chat completion",
  answered: true,
};

/** The state of one answer while it streams. */
export class Answer {
  /** The model has begun to work: text, refusal or reasoning came. From here on nothing is asked again. */
  begun = false;
  finish: ChatFinish | undefined;
  usage: ChatUsage | undefined;
  /** `[DONE]` came. */
  done = false;
  failure: Failure | undefined;
  private textUtf16 = 0;
  private readonly thinking = new Thinking();

  /** True when nothing more is expected, or nothing more is wanted. */
  get over(): boolean {
    return this.done || this.failure !== undefined;
  }

  /** @returns the text that these events add */
  add(events: readonly ServerSentEvent[]): string {
    let text = "";
    for (const event of events) {
      if (this.over) break;
      if (event.data === "[DONE]") this.done = true;
      else if (event.data !== "") text += this.addChunk(event.data, event.name === "error");
    }
    return this.thinking.add(text);
  }

  /** @returns text that was held back until no more comes */
  rest(): string {
    return this.thinking.end();
  }

  /**
   * How it ended, when no more comes. Complete is what says so: by a `finish_reason`, or, where a server omits that, by
   * `[DONE]` after the model has begun (platform-facts C7). A closed connection says nothing.
   * @returns the failure when there was no first token
   */
  end(): ChatFinish | Failure {
    if (this.finish !== undefined && (this.begun || this.finish !== "interrupted")) return this.finish;
    if (!this.begun) return this.failure ?? brokenOff;
    return this.done ? "stop" : "interrupted";
  }

  private addChunk(json: string, isError: boolean): string {
    const chunk = parseChunk(json);
    if (chunk === undefined || isError || chunk.error !== undefined) {
      this.failure = chunk === undefined ? noStream : bodyFailure(chunk.error ?? parseJson(json));
      return "";
    }
    this.begun ||= chunk.isToken;
    this.finish ??= chunk.finish;
    // Some servers count in every chunk: the last word is the total.
    this.usage = chunk.usage ?? this.usage;
    return this.bounded(chunk.text);
  }

  private bounded(text: string): string {
    const room = limits.answerUtf16 - this.textUtf16;
    this.textUtf16 += text.length;
    if (text.length <= room) return text;
    this.finish = "interrupted";
    this.failure = brokenOff;
    return text.slice(0, room);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
