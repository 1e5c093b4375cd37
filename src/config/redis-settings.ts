/** The settings of where things are kept, and for how long. */

import { optional, withDefault } from "./declare.ts";
import { redisUrlFault } from "./urls.ts";
import { oneOf, sealed, wholeNumber } from "./values.ts";

const redisAddress = sealed(redisUrlFault);

/** They stand under Redis' heading. */
export const redisSettings = {
  REDIS_URL: optional(redisAddress, {
    group: "Redis",
    about:
      "`redis://`, `rediss://` or the path of a Unix socket. Without it `ROLE=all` starts a private Redis with its data in `.parley/`; `gateway` and `worker` refuse to start. One database per installation: two different bots must not share one.",
    example: "redis://127.0.0.1:6379/0",
    secret: true,
  }),
  REDIS_UNSAFE: withDefault(oneOf(["refuse", "accept"]), "refuse", {
    group: "Redis",
    about:
      "What happens when Redis is known to lose data (`appendonly` off, `appendfsync` not `always`, an eviction policy other than `noeviction`): `refuse` to start, or `accept` it.",
    example: "accept",
  }),
  HISTORY_DAYS: withDefault(wholeNumber("days", 1, 3_650), "30", {
    group: "Redis",
    about: "How long a conversation is remembered after its last message, in days.",
    example: "7",
  }),
};
