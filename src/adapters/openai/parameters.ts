/** What is sent besides model and messages, and which of it a model has refused by name. */

import type { ChatCompletionCreateParamsStreaming } from "openai/resources/chat/completions";
import type { ChatParameters, ChatRequest } from "../../core/chat-api.ts";
import { RefusedMemory, type RefusedParameters } from "../../core/refused-parameters.ts";

type Body = ChatCompletionCreateParamsStreaming;

/** The API's word for each of core's (platform-facts C2). `max_tokens` is refused by newer models. */
const names = {
  temperature: "temperature",
  topP: "top_p",
  maxTokens: "max_completion_tokens",
  presencePenalty: "presence_penalty",
  frequencyPenalty: "frequency_penalty",
  stop: "stop",
  seed: "seed",
  logitBias: "logit_bias",
  responseFormat: "response_format",
  reasoningEffort: "reasoning_effort",
  verbosity: "verbosity",
  safetyIdentifier: "safety_identifier",
} as const satisfies Readonly<Record<keyof ChatParameters, keyof Body>>;

/** Sent unless refused; an answer can do without it, and nobody has set it. */
const ours = { stream_options: { include_usage: true } } as const;

type OptionalName = (typeof names)[keyof typeof names] | keyof typeof ours;

const optional: ReadonlySet<string> = new Set([...Object.values(names), ...Object.keys(ours)]);

/** Leaves out what a model is known to refuse, so that only the first call pays for it. */
export class Parameters {
  private readonly refused: RefusedParameters;

  constructor(refused: RefusedParameters = new RefusedMemory()) {
    this.refused = refused;
  }

  /** The request's body: `system` as it is given, first and once, which every server knows (platform-facts C2). */
  body(request: ChatRequest): Body {
    const body: Body = {
      model: request.model,
      messages: request.messages.map(({ role, content }) => ({ role, content })),
      stream: true,
      ...ours,
      ...inTheirWords(request.parameters ?? {}),
    };
    for (const name of this.refused.of(request.model)) if (isOptional(name)) delete body[name];
    return body;
  }

  /**
   * Leaves out what the server refused by name: `stream_options`, or a part of it as `stream_options.include_usage`.
   * @returns what the next call will lack; undefined when it would be the same
   */
  leaveOut(
    model: string,
    body: Body,
    parameter: string | undefined,
  ): { readonly name: string; readonly wasSet: boolean } | undefined {
    const name = parameter?.split(/[.[]/u)[0];
    if (!isOptional(name) || body[name] === undefined) return undefined;
    this.refused.add(model, name);
    return { name, wasSet: !(name in ours) };
  }
}

function inTheirWords(parameters: ChatParameters): Partial<Body> {
  const set = Object.entries(names).map(([name, theirs]) => [theirs, parameters[name as keyof typeof names]]);
  return Object.fromEntries(set.filter(([, value]) => value !== undefined));
}

function isOptional(name: string | undefined): name is OptionalName {
  return name !== undefined && optional.has(name);
}
