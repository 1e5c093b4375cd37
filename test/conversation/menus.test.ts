/** The menu of commands of who becomes an owner or admin, and of who is one no more: at once. */

import { expect, test } from "vitest";
import { reads, startGoverned } from "../world/governed.ts";

test("who becomes the owner by the one-time code has an owner's menu at once", async () => {
  await using at = await startGoverned("telegram");
  const menus = at.world.telegram
    .callsOf("setMyCommands")
    .filter(({ payload }) => JSON.stringify(payload.scope).includes(String(at.owner.user.id)));
  // At a start it may be found missing a second time, as it is being set.
  expect(menus.map(({ payload }) => JSON.stringify(payload).includes('"admins"'))).toContain(true);
});

test("an admin's menu comes and goes with the role, however it is given or taken", async () => {
  await using at = await startGoverned("telegram");
  const { telegram } = at.world;
  const admin = await at.newAdmin();
  const entry = at.entryOf(admin);
  /** What was done to their menu, one after the other. */
  const done = () =>
    [...telegram.callsOf("setMyCommands"), ...telegram.callsOf("deleteMyCommands")]
      .filter(({ payload }) => JSON.stringify(payload.scope).includes(String(admin.user.id)))
      .toSorted((one, other) => one.monotonicMs - other.monotonicMs)
      .map(
        ({ method, payload }) => `${method} ${JSON.stringify(payload).includes('"allow"') ? "allow" : ""}`,
      );
  expect(done()).toEqual(["setMyCommands allow"]);
  at.commands(at.owner, `admins remove ${entry}`);
  await reads(at.owner, "no admin");
  expect(done().slice(1)).toEqual(["deleteMyCommands "]);
  at.commands(at.owner, "undo admins");
  await reads(at.owner, "Taken back");
  expect(done().slice(2)).toEqual(["setMyCommands allow"]);
  telegram.inject({ kind: "status", status: 500 }, { method: "deleteMyCommands" });
  at.commands(at.owner, `deny ${entry}`);
  await reads(at.owner, "is denied from now on");
  await at.world.hasLogged("offerCommands");
});
