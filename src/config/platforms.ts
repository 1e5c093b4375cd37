/** How the platforms name people and places in ALLOW and ADMINS. */

import type { AccessForm } from "../core/access.ts";

/** One form per platform. */
export const accessForms: readonly AccessForm[] = [
  {
    platform: "telegram",
    // Ids of people are positive, of groups and supergroups negative, and none is above 52 bits (Bot API, User, Chat).
    entries: [
      { kind: "private", pattern: /^[1-9]\d{0,15}$/, example: "123456789" },
      { kind: "chat", pattern: /^-[1-9]\d{0,15}$/, example: "-1001234567890" },
    ],
    opensToMembers: false,
  },
  {
    platform: "slack",
    entries: [
      { kind: "members", pattern: /^[TE][A-Z0-9]{2,}$/, example: "T0123ABCD" },
      { kind: "person", pattern: /^[TE][A-Z0-9]{2,}\/[UW][A-Z0-9]{2,}$/, example: "T0123ABCD/U0456EFGH" },
    ],
    opensToMembers: true,
  },
];
