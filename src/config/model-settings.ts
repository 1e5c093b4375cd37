/** The settings of the model and of the one chat API that serves it, where there is no list of several. */

import { optional, withDefault } from "./declare.ts";
import { baseUrl } from "./urls.ts";
import { line, secret, wholeNumber } from "./values.ts";

/** They stand under the model's heading. */
export const modelSettings = {
  OPENAI_API_KEY: optional(secret("an OpenAI key"), {
    group: "Model",
    about: "The key of the chat API. May be left out with `OPENAI_BASE_URL`, for servers that take none.",
    example: "sk-your-key-of-the-chat-api",
    secret: true,
  }),
  OPENAI_BASE_URL: optional(baseUrl(), {
    group: "Model",
    about: "Another server that speaks the OpenAI chat API. Without it: `https://api.openai.com/v1`.",
    example: "http://127.0.0.1:11434/v1",
  }),
  OPENAI_ORGANIZATION: optional(line, {
    group: "Model",
    about: "The organisation that requests are booked to, where a key has several.",
    example: "org-abc123",
  }),
  OPENAI_PROJECT: optional(line, {
    group: "Model",
    about: "The project that requests are booked to, where a key has several.",
    example: "proj_abc123",
  }),
  OPENAI_MODEL: optional(line, {
    group: "Model",
    about:
      "The model that answers. It has no default; when it is missing, the error lists what the server offers.",
    example: "gpt-6-luna",
  }),
  OPENAI_FIRST_TOKEN_TIMEOUT: withDefault(wholeNumber("milliseconds", 1_000, 3_600_000), "600000", {
    group: "Model",
    about:
      "How long the first event of an answer may take, in milliseconds. Models that think first need minutes.",
    example: "600000",
  }),
};
