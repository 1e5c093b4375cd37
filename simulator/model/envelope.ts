/** The chunks of one answer in the API's form (platform-facts C1), with the habits of the server that is played. */

import { type ScriptedAnswer, type SimulatedRequest, tokensOf } from "./script.ts";

/** Builds the chunks of one answer; stateless but for the answer it belongs to. */
export class Envelope {
  private readonly head: string;
  private readonly tail: string;
  private readonly answer: ScriptedAnswer;
  private readonly usage: string | undefined;
  private readonly before: string;

  constructor(request: SimulatedRequest, answer: ScriptedAnswer) {
    const habits = answer.habits ?? {};
    this.answer = answer;
    this.head = `{"id":"chatcmpl-${String(request.number).padStart(9, "0")}","object":"chat.completion.chunk","created":${Math.floor(
      Date.now() / 1000,
    )},"model":${JSON.stringify(request.model)},`;
    const usage = JSON.stringify(toUsage(request, answer));
    this.tail = habits.usage === "every" ? `,"usage":${usage}}` : "}";
    this.usage = isUsageAsked(request) && (habits.usage ?? "end") === "end" ? usage : undefined;
    this.before = habits.comments === true ? ": OPENROUTER PROCESSING\n\n" : "";
  }

  /** What comes before the first token. */
  opening(): string {
    const first =
      this.answer.habits?.emptyChoices === true ? `data: ${this.head}"choices":[]${this.tail}\n\n` : "";
    return this.before + first + this.chunk({ role: "assistant", content: "" });
  }

  token(text: string): string {
    const field = this.answer.refusal === true ? "refusal" : "content";
    return `${this.before}data: ${this.head}"choices":[{"index":0,"delta":{"${field}":${JSON.stringify(
      text,
    )}},"finish_reason":null}]${this.tail}\n\n`;
  }

  reasoning(text: string): string {
    return this.chunk({ [this.answer.habits?.reasoningField ?? "reasoning"]: text });
  }

  chunk(delta: unknown, finish: string | null = null): string {
    return `data: ${this.head}"choices":[{"index":0,"delta":${JSON.stringify(
      delta,
    )},"finish_reason":${JSON.stringify(finish)}}]${this.tail}\n\n`;
  }

  /** What comes after the last token. */
  closing(): string {
    const habits = this.answer.habits ?? {};
    const finish = habits.omitFinish === true ? "" : this.chunk({}, this.answer.finish ?? "stop");
    const usage = this.usage === undefined ? "" : `data: ${this.head}"choices":[],"usage":${this.usage}}\n\n`;
    const done = habits.omitDone === true ? "" : "data: [DONE]\n\n";
    const closing = finish + usage + done;
    return habits.omitLastBlankLine === true ? closing.slice(0, -2) : closing;
  }

  error(error: unknown): string {
    return `data: ${JSON.stringify({ error })}\n\n`;
  }

  /** The answer as one JSON body. */
  whole(text: string): string {
    const refused = this.answer.refusal === true;
    const message = { role: "assistant", content: refused ? null : text, refusal: refused ? text : null };
    const head = this.head.replace("chat.completion.chunk", "chat.completion");
    const finish =
      this.answer.habits?.omitFinish === true ? {} : { finish_reason: this.answer.finish ?? "stop" };
    const choice = { index: 0, message, ...finish };
    return `${head}"choices":[${JSON.stringify(choice)}],"usage":${this.usage ?? "null"}}`;
  }
}

function isUsageAsked(request: SimulatedRequest): boolean {
  if (request.body.stream !== true) return true;
  const options = request.body.stream_options;
  return (
    typeof options === "object" &&
    options !== null &&
    "include_usage" in options &&
    options.include_usage === true
  );
}

/** Counts words: the simulator's own idea of a token. */
export function promptTokensOf({ messages }: Pick<SimulatedRequest, "messages">): number {
  return messages.reduce((sum, message) => sum + message.content.split(/\s+/u).length, 0);
}

function toUsage(request: SimulatedRequest, answer: ScriptedAnswer) {
  const promptTokens = promptTokensOf(request);
  // What is made while it is sent cannot be counted before.
  const isCountable = answer.tokens === undefined || Array.isArray(answer.tokens);
  const completionTokens = isCountable ? [...tokensOf(answer)].length : 0;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}
