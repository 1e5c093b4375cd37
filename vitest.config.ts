import { defineConfig } from "vitest/config";
import { TallyReporter } from "./scripts/tally-reporter.ts";

/** Two projects: `fast` runs with shrunk waits in `npm test`, `slow` with the true ones in `npm run test:slow`. */
export default defineConfig({
  test: {
    reporters: ["default", new TallyReporter()],
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: ["test/slow/**"],
          testTimeout: 60_000,
          // Kill tests start up to six processes each: on a machine that others load, one may miss its deadline. Whoever
          // did is named at the end of its line.
          retry: 2,
          hookTimeout: 30_000,
          // Tests of kills mostly wait: three files at a time use what they leave of two cores.
          maxWorkers: 3,
          // No module of ours keeps anything between two services, and importing them all takes a second a file.
          isolate: false,
        },
      },
      {
        test: {
          name: "slow",
          include: ["test/slow/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
