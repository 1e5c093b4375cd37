/** The flood budgets of a platform: what a call takes from, and which of them a refusal closes. */

/**
 * What a call does; which budgets it takes from depends on it. `draft` shows text that is not posted; `open`, `grow` and
 * `close` are those of a stream; `background` reads what was said in a thread; `prompts` offers what could be asked;
 * `home` shows somebody the app's home.
 */
export type CallKind =
  | "post"
  | "edit"
  | "remove"
  | "status"
  | "draft"
  | "open"
  | "grow"
  | "close"
  | "background"
  | "prompts"
  | "home";

/** One of a platform's flood budgets. */
export interface FloodBudget extends FloodRate {
  /** Names the budget across all processes: `telegram:42:chat:7`. */
  readonly key: string;
}

/** How often calls may go: a rate with a burst (GCRA). */
export interface FloodRate {
  /** One call per this many ms in the long run; 0 = no rate, only obeys refusals. */
  readonly intervalMs: number;
  /** How many calls may go at once after a quiet time. */
  readonly burst: number;
  /** How much of the burst previews and status leave for finals and posts; at least one call of it is always theirs. */
  readonly reserve: number;
}

/** A refusal by flood control. A platform does not say which limit was meant: its adapter knows what to suspect. */
export interface FloodRefusal {
  readonly retryAfterMs: number;
  /** What is closed for that time; undefined where the call takes from no budget. */
  readonly budget: RefusedBudget | undefined;
}

/** The narrowest budget that a refusal may mean. */
export interface RefusedBudget {
  readonly key: string;
  /** The wider budget that is meant when another one within it is refused shortly before or after. */
  readonly within?: string;
}
