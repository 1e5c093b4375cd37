/** Pressed buttons: which command they give, and how the press itself is answered. */

import { describe, expect, test } from "vitest";
import { toArrivals } from "../../src/adapters/telegram/receive.ts";
import { keptLine } from "../../src/core/commands/button.ts";
import { startTelegramWorld } from "./telegram-world.ts";

const self = { id: 8_000_000_001, username: "parley_bot" };
const group = { id: -1_001_000_000_001, type: "supergroup", title: "Friends" };

function pressed(data: string | undefined, message: Readonly<Record<string, unknown>> | undefined) {
  const from = { id: 1_001, is_bot: false, first_name: "Ada" };
  const [arrival] = toArrivals({ update_id: 1, callback_query: { id: "77", from, data, message } }, self);
  return arrival?.kind === "command" ? arrival.command : undefined;
}

const keyboard = (...data: readonly string[]) => ({
  reply_markup: { inline_keyboard: data.map((one) => [{ text: one, callback_data: one }]) },
});

const under = {
  message_id: 12,
  date: 1_700_000_000,
  chat: group,
  message_thread_id: 5,
  is_topic_message: true,
  ...keyboard("/model gpt-x", "page_2", "/shutdown"),
};

test("a press is the command that the button carries, given by who pressed, where the button stands", () => {
  expect(pressed("/model gpt-x", under)).toMatchObject({
    id: "telegram:8000000001:-1001000000001#press%2077",
    conversation: "telegram:8000000001:-1001000000001:5",
    author: { id: "1001", name: "Ada" },
    place: "group",
    name: "model",
    argument: "gpt-x",
    button: { page: "12", press: "77" },
  });
});

test.each([
  ["nothing", undefined, under],
  ["another program's data", "page_2", under],
  ["a command that is none", "/shutdown", under],
  ["a message that Telegram no longer shows", "/model gpt-x", { message_id: 12, date: 0, chat: group }],
  ["what an app presses and no button carries", "/help", under],
  ["what an app presses under a message without buttons", "/help", { ...under, reply_markup: undefined }],
])(
  "%s is a button that means nothing any more, and its press is answered all the same",
  (_, data, message) => {
    expect(pressed(data, message)).toMatchObject({ name: keptLine, argument: "", button: { press: "77" } });
  },
);

test("a button under somebody's inline result is nobody's command", () => {
  expect(pressed("/model gpt-x", undefined)).toBeUndefined();
});

describe.each(["polling", "webhook"] as const)("by %s", (way) => {
  const pressWorld = async (pressMs: number) => {
    const world = await startTelegramWorld();
    const { telegram, chat, ada, inbox } = world;
    const gateway = way === "polling" ? await world.poller({ pressMs }) : await world.gateway({ pressMs });
    if (!("routes" in gateway)) await gateway.isReady();
    const said = telegram.says(ada, chat, "Hello");
    await inbox.until(() => inbox.texts.length === 1);
    return { world, gateway, press: () => telegram.press(ada, said, "/model") };
  };

  test("a press is written once, and its waiting sign ends", async () => {
    const { world, press } = await pressWorld(5);
    await using _ = world;
    const query = press();
    await world.telegram.until(() => world.telegram.presses.answers.length === 1);
    expect(world.telegram.presses.answers).toEqual([
      { query, userId: world.ada.id, text: "", isAlert: false },
    ]);
    expect(world.inbox.accepted.filter(({ kind }) => kind === "command")).toHaveLength(1);
  });

  test("a press that Telegram takes no answer for any more disturbs nothing", async () => {
    const { world, press } = await pressWorld(50);
    await using _ = world;
    press();
    await world.inbox.until(() => world.inbox.accepted.length === 2);
    world.telegram.presses.expire();
    await world.telegram.until(() => world.telegram.callsOf("answerCallbackQuery")[0]?.status === 400);
    world.telegram.says(world.ada, world.chat, "Still there?");
    await world.inbox.until(() => world.inbox.texts.length === 2);
  });

  test("whoever stops answers first what waits", async () => {
    const { world, gateway, press } = await pressWorld(60_000);
    await using _ = world;
    press();
    await world.inbox.until(() => world.inbox.accepted.length === 2);
    await gateway.stop();
    expect(world.telegram.presses.answers).toHaveLength(1);
  });
});
