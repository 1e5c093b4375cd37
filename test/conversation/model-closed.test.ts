/** A model that refuses everybody: its admins hear of it once, whoever asks gets a human sentence. */

import { expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { words } from "../../src/core/words.ts";
import { type Governed, plain, platforms, type Somebody, startGoverned } from "../world/governed.ts";
import { sees } from "../world/person.ts";

const told = plain(words.modelClosed("test-model", "quota-used-up"));

/** What the bot has told somebody of the model on its own: in their direct messages, outside of any thread. */
function notices({ world }: Governed, person: Somebody): readonly string[] {
  const answers = "channel" in person ? world.slack.answers(person.channel) : person.answers();
  return answers.map(plain).filter((text) => text === told);
}

test.concurrent.for(platforms)(
  "a used-up quota reaches owner and admin on %s once, however many ask, and the model is left alone",
  async (platform) => {
    await using at = await startGoverned(platform);
    const admin = await at.newAdmin();
    at.world.model.answerWith({ fault: faults.quotaUsedUp() });
    const askers = [at.person(), at.person(), at.person()];
    for (const person of askers) {
      person.says("Hello");
      await sees(person, words.chatApi["quota-used-up"]);
    }
    for (const one of [at.owner, admin]) await one.until(() => notices(at, one).length === 1);
    await at.world.isQuiet();
    for (const one of [at.owner, admin]) expect(notices(at, one)).toHaveLength(1);
    for (const person of askers) expect(notices(at, person)).toEqual([]);
    expect(at.world.model.received()).toBe(1);
  },
);
