import { expect, test } from "vitest";
import { accessForms } from "../../src/config/platforms.ts";
import { type Asker, mayUse, parseEntries } from "../../src/core/access.ts";
import { type Decision, noStanding, type Standing } from "../../src/core/standing.ts";

const inPrivate: Asker = {
  platform: "telegram",
  scope: "42",
  chat: "7",
  author: "7",
  place: "private",
  membership: "member",
};
const inGroup: Asker = { ...inPrivate, chat: "-1007", place: "group" };
const inSlack: Asker = {
  platform: "slack",
  scope: "T0001",
  chat: "C0001",
  author: "U0001",
  place: "group",
  membership: "member",
};
const guest: Asker = { ...inSlack, membership: "guest" };
const stranger: Asker = { ...inSlack, membership: "stranger" };

function decide(asker: Asker, allow: string, admins = "") {
  const list = parseEntries(allow, accessForms);
  expect(list.faults).toEqual([]);
  return mayUse(asker, {
    forms: accessForms,
    allow: list.entries,
    admins: parseEntries(admins, accessForms).entries,
  });
}

test.each([
  ["a person in private who is named", inPrivate, "telegram:7"],
  ["a person in private, when everybody is let in", inPrivate, "telegram:*"],
  ["anyone in a group that is named", inGroup, "telegram:-1007"],
  ["anyone in a group, when everybody is let in", inGroup, "telegram:*"],
  ["a full member of the workspace where the app is installed", inSlack, ""],
  ["a full member of a workspace that is named", inSlack, "slack:T0001"],
  ["a guest who is named", guest, "slack:T0001/U0001"],
  ["a person of another workspace who is named", stranger, "slack:T0002, slack:T0001/U0001"],
  ["a guest, when everybody is let in", guest, "slack:*"],
])("%s is answered", (_who, asker, allow) => {
  expect(decide(asker, allow)).toEqual({ allowed: true });
});

test.each([
  ["a person in private, when the list is empty", inPrivate, "", "person", "telegram:7"],
  ["a person in private who is not named", inPrivate, "telegram:70,telegram:-7", "person", "telegram:7"],
  ["a named person in a group that is not named", inGroup, "telegram:7", "place", "telegram:-1007"],
  ["anyone in another group", inGroup, "telegram:-1008", "place", "telegram:-1007"],
  ["anyone on a platform that only others name", inPrivate, "slack:*", "person", "telegram:7"],
  ["a guest", guest, "", "person", "slack:T0001/U0001"],
  ["a guest of a workspace that is named", guest, "slack:T0001", "person", "slack:T0001/U0001"],
  ["a person of another workspace", stranger, "slack:T0001", "person", "slack:T0001/U0001"],
  [
    "a guest whose id is named in another workspace",
    guest,
    "slack:T0002/U0001",
    "person",
    "slack:T0001/U0001",
  ],
])("%s is refused with the entry that would allow it", (_who, asker, allow, refused, entry) => {
  expect(decide(asker, allow)).toEqual({ allowed: false, refused, entry });
});

test("an admin is answered everywhere, and nobody else because of it", () => {
  expect(decide(inGroup, "", "telegram:7")).toEqual({ allowed: true });
  expect(decide(guest, "", "slack:T0001/U0001")).toEqual({ allowed: true });
  expect(decide({ ...guest, author: "7" }, "", "telegram:7")).toMatchObject({ allowed: false });
  expect(decide({ ...inGroup, author: "8" }, "", "telegram:7")).toMatchObject({ allowed: false });
  expect(decide({ ...inSlack, platform: "telegram", membership: "guest" }, "", "slack:*")).toMatchObject({
    allowed: false,
  });
});

test.each([
  ["*", "must begin with a platform: telegram:* or slack:*"],
  ["7", "must begin with a platform: telegram:7 or slack:7"],
  ["telegram:7,", "is empty"],
  ["telegram:07", "has no id"],
  ["telegram:@ada", "has no id"],
  ["telegram:**", "has no id"],
  ["telegram:", "has no id"],
  ["telegram:7\n8", "has no id"],
  ["telegram:--7", "has no id"],
  ["slack:U0001", "has no id"],
  ["slack:t0001", "has no id"],
  ["slack:T0001/", "has no id"],
  ["matrix:7", "must begin with a platform"],
])("the entry %j is refused, and lets nobody in", (list, message) => {
  const { entries, faults } = parseEntries(list, accessForms);
  expect(entries.map(({ id }) => id)).toEqual(list === "telegram:7," ? ["7"] : []);
  expect(faults).toHaveLength(1);
  expect(faults[0]?.message).toContain(message);
});

test("only single people can be admins", () => {
  const { entries, faults } = parseEntries("telegram:7,telegram:-7,slack:T0001,slack:*", accessForms, [
    "person",
    "private",
  ]);
  expect(entries).toEqual([{ platform: "telegram", kind: "private", id: "7" }]);
  expect(faults).toHaveLength(3);
});

/** What was decided by command, on top of an `ALLOW` that lets everybody in unless told otherwise. */
function decideWith(
  asker: Asker,
  decisions: Readonly<Record<string, Decision>>,
  { allow = "telegram:*,slack:*", ...standing }: Partial<Standing> & { readonly allow?: string } = {},
) {
  const rules = {
    forms: accessForms,
    allow: parseEntries(allow, accessForms).entries,
    admins: parseEntries("telegram:1", accessForms).entries,
  };
  return mayUse(asker, rules, { ...noStanding, decisions: new Map(Object.entries(decisions)), ...standing });
}

const asChannel: Asker = { ...inGroup, author: "-1009", isChat: true };

test.each([
  ["a person who is denied, in private", inPrivate, "telegram:7"],
  ["a person who is denied, in a group", inGroup, "telegram:7"],
  ["anyone in a group that is denied", inGroup, "telegram:-1007"],
  ["who speaks in the name of a chat that is denied", asChannel, "telegram:-1009"],
  ["everybody, when all are denied", inPrivate, "telegram:*"],
  ["a full member who is denied", inSlack, "slack:T0001/U0001"],
  ["a full member of a workspace that is denied", inSlack, "slack:T0001"],
  ["a guest of a workspace that is denied", guest, "slack:T0001"],
])("%s is refused, whatever allows it, admins too", (_who, asker, entry) => {
  const refused = { allowed: false, refused: "denied", entry };
  expect(decideWith(asker, { [entry]: "deny" })).toEqual(refused);
  expect(
    decideWith(asker, { [entry]: "deny", "telegram:7": entry === "telegram:7" ? "deny" : "allow" }),
  ).toEqual(refused);
  expect(decideWith(asker, { [entry]: "deny" }, { isAdmin: true })).toEqual(refused);
});

test("an owner cannot be denied, whether named or made by the code; a chat is none", () => {
  const all = { "telegram:*": "deny", "telegram:1": "deny", "telegram:7": "deny" } as const;
  expect(decideWith({ ...inGroup, author: "1" }, all)).toEqual({ allowed: true });
  expect(decideWith(inGroup, all, { isOwner: true })).toEqual({ allowed: true });
  expect(decideWith({ ...inGroup, isChat: true }, all, { isOwner: true })).toMatchObject({ allowed: false });
});

test("what is decided follows a group to its new id", () => {
  const moved = { formerChat: "-7", allow: "" };
  expect(decideWith(inGroup, { "telegram:-7": "allow" }, moved)).toEqual({ allowed: true });
  expect(decideWith(inGroup, { "telegram:-7": "deny" }, { ...moved, allow: "telegram:*" })).toMatchObject({
    refused: "denied",
  });
});

test("allowed by command reaches as far as the same entry of ALLOW, and an entry that cannot be read lets nobody in", () => {
  expect(decideWith(inPrivate, { "telegram:7": "allow" }, { allow: "" })).toEqual({ allowed: true });
  expect(decideWith(inGroup, { "telegram:7": "allow" }, { allow: "" })).toMatchObject({ refused: "place" });
  expect(decideWith(inPrivate, { "telegram:07": "allow", "": "allow" }, { allow: "" })).toMatchObject({
    refused: "person",
  });
  expect(decideWith(asChannel, { "telegram:-1009": "allow" }, { allow: "" })).toMatchObject({
    refused: "place",
  });
});
