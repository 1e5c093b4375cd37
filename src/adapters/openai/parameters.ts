/** What is sent besides model and messages, and which of it a model has refused by name. */

import type { ChatCompletionCreateParamsStreaming } from "openai/resources/chat/completions";
import type { ChatRequest } from "../../core/chat-api.ts";

/** Parameters that an answer can do without. `max_completion_tokens` is not sent: it would count hidden reasoning. */
const optional = {
  stream_options: { include_usage: true },
} as const;

type OptionalName = keyof typeof optional;

/** Remembers per model what it refuses, so that only the first call pays for it. */
export class Parameters {
  private readonly refused = new Map<string, Set<OptionalName>>();

  /** The request's body: `system` as it is given, first and once, which every server knows (platform-facts C2). */
  body(request: ChatRequest): ChatCompletionCreateParamsStreaming {
    const body: ChatCompletionCreateParamsStreaming = {
      model: request.model,
      messages: request.messages.map(({ role, content }) => ({ role, content })),
      stream: true,
      ...optional,
    };
    for (const name of this.refused.get(request.model) ?? []) delete body[name];
    return body;
  }

  /**
   * Leaves out what the server refused by name: `stream_options`, or a part of it as `stream_options.include_usage`.
   * @returns true when the next call will differ from `body`
   */
  leaveOut(model: string, body: ChatCompletionCreateParamsStreaming, parameter: string | undefined): boolean {
    const name = parameter?.split(/[.[]/u)[0];
    if (!isOptional(name) || body[name] === undefined) return false;
    const refused = this.refused.get(model) ?? new Set();
    this.refused.set(model, refused.add(name));
    return true;
  }
}

function isOptional(name: string | undefined): name is OptionalName {
  return name !== undefined && name in optional;
}
