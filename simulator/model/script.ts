/** The script of the model simulator: what it answers to a request, how fast, and what goes wrong on the way. */

/** How fast tokens leave, in ms. Both 0: the whole answer leaves in one write. */
export interface Pace {
  readonly firstTokenMs: number;
  readonly tokenMs: number;
}

/** Where a broken answer breaks. Bytes count from the first byte of the body, so that any boundary can be hit. */
export type BreakPoint = { readonly tokens: number } | { readonly bytes: number };

/** What goes wrong with one answer. `faults.ts` holds the ones that servers are known for. */
export type Fault =
  /** Another status than 200. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Nothing comes: not even headers, or headers only. */
  | { readonly kind: "mute"; readonly headers: boolean }
  /** The socket is reset before any header. */
  | { readonly kind: "refuse" }
  /**
   * The answer stops: `end` closes the response properly, `fin` closes the socket within the body, `reset` resets it,
   * `silence` keeps it open, `error` sends an error event and closes properly.
   */
  | {
      readonly kind: "break";
      readonly how: "end" | "fin" | "reset" | "silence" | "error";
      readonly after: BreakPoint;
      readonly error?: unknown;
    }
  /** The answer as one JSON body, although a stream was asked for. */
  | { readonly kind: "json" }
  /** A web page with status 200, as gateways and captive portals send. */
  | { readonly kind: "html" }
  /** One line of this many bytes, within an event, without an end. */
  | { readonly kind: "longLine"; readonly bytes: number }
  /** This delta for ever, as fast as the client reads. */
  | { readonly kind: "endless"; readonly delta: unknown };

/** Harmless habits by which compatible servers differ. */
export interface Habits {
  /** A chunk with empty `choices` before the first token (Azure). */
  readonly emptyChoices?: boolean;
  /** Where the token counts come: `end` only when asked for by `stream_options`. */
  readonly usage?: "end" | "every" | "never";
  readonly omitFinish?: boolean;
  readonly omitDone?: boolean;
  readonly omitLastBlankLine?: boolean;
  /** A comment line before each token (OpenRouter). */
  readonly comments?: boolean;
  /** Comment lines between two tokens, as a gateway sends while its model is busy. */
  readonly keepAlive?: { readonly afterTokens: number; readonly comments: number; readonly everyMs: number };
  /** Which field carries the reasoning: vLLM's today's name, or the older one that many still use. */
  readonly reasoningField?: "reasoning" | "reasoning_content";
  /** Parameters that are refused by name with status 400 (`error.param`). */
  readonly refuses?: readonly string[];
}

/** One scripted answer. */
export interface ScriptedAnswer {
  /** Cut into words for streaming, unless `tokens` gives the pieces. */
  readonly text?: string;
  /** Taken one by one as they are sent, when there is a pace. */
  readonly tokens?: Iterable<string>;
  /** Events as they are, before the text: the payload of a `data:` line each. */
  readonly raw?: Iterable<string>;
  /** Comes before the text, word by word, in a field of its own. */
  readonly reasoning?: string;
  /** The text comes in `delta.refusal`. */
  readonly refusal?: boolean;
  readonly finish?: "stop" | "length" | "content_filter";
  readonly pace?: Pace;
  readonly fault?: Fault;
  readonly habits?: Habits;
}

/** What to answer: a fixed text, a scripted answer, or a function of the request. */
export type Answer = string | ScriptedAnswer | ((request: SimulatedRequest) => string | ScriptedAnswer);

/** What an answer may depend on. */
export interface SimulatedRequest {
  /** 1 for the first chat request since the start. */
  readonly number: number;
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  /** The whole body as it came. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The bearer token or `api-key`, `undefined` when none came. */
  readonly key: string | undefined;
}

/** The text's pieces in the order they are streamed. */
export function tokensOf(answer: ScriptedAnswer): Iterable<string> {
  return answer.tokens ?? wordsOf(answer.text ?? "");
}

/** A text in pieces of a word and what follows it, which join to the text. */
export function wordsOf(text: string): readonly string[] {
  return text.match(/\s*\S+\s*|\s+/gu) ?? [];
}

/** A text of `count` tokens that differ from each other, for tests that count or compare. */
export function numberedText(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(" ");
}
