/** The chat API of a bench of streams. */

import { startModelSimulator } from "../../simulator/model/index.ts";
import { serve } from "../rpc.ts";
import { parseQuestion, stampedTokens } from "./stamped.ts";
import { tokenMs } from "./token-ms.ts";

const simulator = await startModelSimulator({
  keep: 10,
  answer: ({ messages }) => ({
    tokens: stampedTokens(parseQuestion(messages.at(-1)?.content ?? "")),
    pace: { firstTokenMs: 100, tokenMs },
    habits: { usage: "never" },
  }),
});

const calls = { url: () => simulator.url };

/** What the model's process can be asked. */
export type StreamModelCalls = typeof calls;

serve(calls);
