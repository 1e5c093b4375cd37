/** The error of a start that cannot go on until somebody has done something. */

import { ParleyError } from "../core/errors.ts";

/** Its message is meant for the terminal, whole sentences, without a stack; the process then exits with 1. */
export class StartRefused extends ParleyError {
  override readonly name = "StartRefused";
  readonly retry = "never";
}
