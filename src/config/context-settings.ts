/** The settings of what goes along with every question. */

import { withDefault } from "./declare.ts";
import { text, wholeNumber } from "./values.ts";

const systemPrompt =
  "You are a helpful assistant in a chat. Answer in the language of the question, to the point, in Markdown where it helps.";

/** They stand under the model's heading. */
export const contextSettings = {
  CONTEXT_TOKENS: withDefault(wholeNumber("tokens", 100, 10_000_000), "16000", {
    group: "Model",
    about:
      "How much of a conversation is sent along, in tokens: the system prompt and as many whole newest messages as fit, never more than the model takes.",
    example: "32000",
  }),
  SYSTEM_PROMPT: withDefault(text, systemPrompt, {
    group: "Model",
    about: "What the model is told before every conversation.",
    example: '"You are the help desk of Example Ltd. Answer briefly."',
  }),
};
