/** The record of every Web API call. */

/** One call as it was received, and how it ended. */
export interface SlackCall {
  readonly method: string;
  /** The workspace whose token was shown; undefined where none was. */
  readonly teamId: string | undefined;
  /** The arguments, JSON parsed where they were JSON; never a secret. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly atMs: number;
  /** The HTTP status, or what happened instead of an answer; undefined while the call is open. */
  readonly status: number | "reset" | "hang" | undefined;
  readonly answer: Readonly<Record<string, unknown>> | undefined;
  /** When the method did its work; undefined when it never did. */
  readonly appliedAtMs: number | undefined;
}

/** A call while it is being served. */
export type OpenCall = { -readonly [Field in keyof SlackCall]: SlackCall[Field] };

/** The arguments with JSON strings parsed and without secrets. */
export function loggedPayload(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(args)
      .filter(([name]) => !["token", "client_secret", "refresh_token", "code"].includes(name))
      .map(([name, value]) => [name, parsedIfJson(value)]),
  );
}

function parsedIfJson(value: unknown): unknown {
  if (typeof value !== "string" || !/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
