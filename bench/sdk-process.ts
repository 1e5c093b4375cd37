/** What Parley is compared with: each question is a call of the openai package, with the retries that it makes by itself. */

import OpenAI from "openai";
import { askByPlan, type Demand, systemPrompt, toText } from "./limited-question.ts";
import { serve } from "./rpc.ts";

const calls = {
  /** @returns how many questions got no answer because the package gave up */
  async ask({ baseURL, demand }: { readonly baseURL: string; readonly demand: Demand }): Promise<number> {
    const openai = new OpenAI({ apiKey: "key", baseURL });
    let lost = 0;
    await askByPlan(demand, (question) => {
      const messages = [
        { role: "system" as const, content: systemPrompt },
        { role: "user" as const, content: toText(question) },
      ];
      openai.chat.completions
        .create({ model: "bench-model", messages, stream: true })
        .then(async (stream) => {
          for await (const _ of stream);
        })
        .catch(() => {
          lost += 1;
        });
    });
    return lost;
  },
};

/** What the process can be asked. */
export type SdkCalls = typeof calls;

serve(calls);
