/** The simulated chat API as a process of its own, so that a bench measures the client and not the server. */

import { startModelSimulator } from "../simulator/model/index.ts";

const words = (count: number) => "word ".repeat(count);
const simulator = await startModelSimulator({
  keep: 1,
  answer: ({ model }) =>
    model === "slow" ? { text: words(4_000), pace: { firstTokenMs: 100, tokenMs: 500 } } : words(200),
});
process.send?.(simulator.url);
process.once("disconnect", () => void simulator.close());
