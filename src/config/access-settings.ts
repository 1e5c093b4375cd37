/** The settings of who is answered, who owns the bot, and which hosts are trusted. */

import { z } from "zod";
import { type EntryKind, parseEntries } from "../core/access.ts";
import { optional } from "./declare.ts";
import { accessForms } from "./platforms.ts";
import { hostList } from "./values.ts";

/** A list of people and places; all its faults in one message. */
function entries(kinds?: readonly EntryKind[]) {
  return z.string().transform((list, context) => {
    const { entries: read, faults } = parseEntries(list, accessForms, kinds);
    if (faults.length === 0) return read;
    const message = faults.map((fault) => `"${fault.entry}" ${fault.message}`).join("; ");
    context.issues.push({ code: "custom", message: `cannot be read: ${message}.`, input: list });
    return z.NEVER;
  });
}

/** They stand under the heading of access. */
export const accessSettings = {
  ALLOW: optional(entries(), {
    group: "Access",
    about:
      "Who is answered, separated by commas: `telegram:<user id>` that person in private · `telegram:<group id>` (negative) everyone in that group · `telegram:*` everybody · `slack:T…` the full members of that workspace · `slack:T…/U…` that person (T is always your own workspace), guests and people of other workspaces too · `slack:*` everybody. Empty: on Telegram nobody; on Slack the full members of the workspace where the app is installed, who are always allowed. A refusal names the entry that would allow it. The commands `allow` and `deny` decide on top of it while the program runs: see [access](access.md).",
    example: "telegram:123456789,telegram:-1001234567890,slack:T0123ABCD/U0456EFGH",
  }),
  ADMINS: optional(entries(["person", "private"]), {
    group: "Access",
    about:
      "Who owns this bot, separated by commas: `telegram:<user id>`, `slack:T…/U…`; they are always answered. Empty: the terminal prints a one-time `/start <code>` that makes its sender the owner. Owners make admins by the command `admins`: see [access](access.md).",
    example: "telegram:123456789",
  }),
  INSECURE_HOSTS: optional(hostList, {
    group: "Access",
    about:
      "Hosts to which plain `http://` is accepted although they are not this machine, separated by commas; a metadata address must be named here as well. Only for networks you trust.",
    example: "ollama,10.0.0.5",
  }),
};
