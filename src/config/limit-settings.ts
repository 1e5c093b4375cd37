/** Settings that cap what is used of the chat API, whatever its server allows. */

import { optional } from "./declare.ts";
import { wholeNumber } from "./values.ts";

const requests = wholeNumber("requests", 1, 1_000_000_000);
const tokens = wholeNumber("tokens", 1, 1_000_000_000_000);

/** They stand under the model's heading. */
export const limitSettings = {
  OPENAI_RPM: optional(requests, {
    group: "Model",
    about:
      "The most requests a minute to one model, in all processes together. Unset: what the server's `x-ratelimit-*` headers and refusals say; a server that says nothing is not limited. Set, the lower of both holds.",
    example: "500",
  }),
  OPENAI_TPM: optional(tokens, {
    group: "Model",
    about: "The most tokens a minute, questions and answers together; otherwise as `OPENAI_RPM`.",
    example: "200000",
  }),
  OPENAI_RPD: optional(requests, {
    group: "Model",
    about: "The most requests a day; otherwise as `OPENAI_RPM`.",
    example: "10000",
  }),
  OPENAI_TPD: optional(tokens, {
    group: "Model",
    about: "The most tokens a day; otherwise as `OPENAI_RPM`.",
    example: "2000000",
  }),
};
