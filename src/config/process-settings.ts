/** The settings of a process: what it does, where it listens, how much it takes on and how it ends. */

import { withDefault } from "./declare.ts";
import { line, oneOf, wholeNumber } from "./values.ts";

/** They stand under the heading of processes. */
export const processSettings = {
  ROLE: withDefault(oneOf(["all", "gateway", "worker"]), "all", {
    group: "Processes",
    about:
      "`all`: everything in one process. `gateway`: only receives. `worker`: only answers; start as many as you like.",
    example: "worker",
  }),
  LISTEN_HOST: withDefault(line, "127.0.0.1", {
    group: "Processes",
    about: "The address on which `/livez` and `/readyz` are served, and what platforms deliver by HTTP.",
    example: "0.0.0.0",
  }),
  PORT: withDefault(wholeNumber("a port", 0, 65_535), "3000", {
    group: "Processes",
    about: "The port for it; 0 lets the operating system choose.",
    example: "8080",
  }),
  CONCURRENCY: withDefault(wholeNumber("turns", 1, 10_000), "500", {
    group: "Processes",
    about: "How many answers one worker writes at a time.",
    example: "100",
  }),
  SHUTDOWN_GRACE_MS: withDefault(wholeNumber("milliseconds", 0, 600_000), "8000", {
    group: "Processes",
    about:
      "After SIGTERM: how long running answers may still finish, in milliseconds; the rest is handed to other workers. Keep it below the time your container runtime allows (10 s by default).",
    example: "8000",
  }),
  LATE_MESSAGES: withDefault(oneOf(["ask", "answer"]), "ask", {
    group: "Processes",
    about:
      "What happens to questions that came while Parley was away: `ask`: one sentence a conversation and hour asks whether they are still wanted, and they are remembered; `answer`: they are answered like any other.",
    example: "answer",
  }),
  LATE_AFTER_MS: withDefault(wholeNumber("milliseconds", 0, 86_400_000), "600000", {
    group: "Processes",
    about:
      "From which age on a question counts as such, in milliseconds: so long the platform kept it, or nobody took it. Parley's own waits do not count. 0: never. Used with `LATE_MESSAGES=ask`.",
    example: "600000",
  }),
  LOG_LEVEL: withDefault(oneOf(["fatal", "error", "warn", "info", "debug", "trace", "silent"]), "info", {
    group: "Processes",
    about:
      "`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`. No level shows message texts or secrets.",
    example: "debug",
  }),
};
