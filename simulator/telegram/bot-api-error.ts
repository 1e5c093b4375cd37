/** The one way a method of the simulated Bot API says no. */

/** What stands in the answer's `parameters`. */
export interface ErrorParameters {
  readonly retry_after?: number;
  readonly migrate_to_chat_id?: number;
}

/** Becomes `{ok: false, error_code, description, parameters}` on the wire; `code` is the HTTP status as well. */
export class BotApiError extends Error {
  override readonly name = "BotApiError";
  readonly code: number;
  readonly parameters: ErrorParameters | undefined;

  constructor(code: number, description: string, parameters?: ErrorParameters) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }
}

/** A 400 with the prefix that every 400 of the Bot API bears. */
export function badRequest(text: string, parameters?: ErrorParameters): BotApiError {
  return new BotApiError(400, `Bad Request: ${text}`, parameters);
}

/** A 403 with its prefix. */
export function forbidden(text: string): BotApiError {
  return new BotApiError(403, `Forbidden: ${text}`);
}
