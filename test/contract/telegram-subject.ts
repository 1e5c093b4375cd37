/** Telegram's adapter before its simulator, for the contract. */

import { pino } from "pino";
import type { Fault } from "../../simulator/telegram/faults.ts";
import { startTelegramSimulator } from "../../simulator/telegram/index.ts";
import type { SimMessage } from "../../simulator/telegram/state.ts";
import { createTelegram } from "../../src/adapters/telegram/index.ts";
import { createEvents } from "../../src/core/events.ts";
import { MemoryInbox } from "../telegram/memory-inbox.ts";
import { serveRoutes } from "../world/routes.ts";
import { fastTiming } from "../world/timing.ts";
import type { ContractFault, Subject } from "./subject.ts";

const faults: Readonly<Record<ContractFault, Fault>> = {
  limited: { kind: "limit", retryAfterS: 1 },
  reset: { kind: "reset" },
  "applied, then reset": { kind: "apply-then-reset" },
  "bad gateway": { kind: "status", status: 502 },
  hang: { kind: "hang" },
  "formatting refused": { kind: "refuse", code: 400, description: "Bad Request: can't parse entities" },
};

const off = { intervalMs: 0, burst: 1, reserve: 0 };

const webhook = { url: "https://parley.example/telegram", secret: "secret-of-the-contract" };

/** Starts it. @param kind how Telegram delivers · @param rich in which form answers go out · @param streaming how they grow */
export async function makeTelegram(
  kind: "polling" | "webhook",
  rich: "off" | "on" = "off",
  streaming: "edit" | "draft" = "edit",
): Promise<Subject> {
  const simulator = await startTelegramSimulator({ flood: "off", secondMs: 20 });
  const ada = simulator.createUser({ firstName: "Ada" });
  const chat = simulator.createPrivateChat(ada);
  const inbox = new MemoryInbox();
  const options = {
    botToken: simulator.token,
    apiRoot: simulator.url,
    rates: { global: off, chat: off, group: off },
    rich,
    streaming,
    webhook: kind === "webhook" ? webhook : undefined,
  };
  const events = createEvents(pino({ level: "silent" }));
  const telegram = createTelegram(options, inbox, events, fastTiming);
  const server = await serveRoutes(telegram.intake.routes, events, fastTiming);
  simulator.webhook.reachesAt(new URL(webhook.url).origin, [server.origin]);
  const own = () => simulator.visible(chat).filter(({ from }) => from.isBot);
  let said: SimMessage | undefined;
  let isGone = false;
  const vanishes = async () => {
    if (!isGone) await simulator[Symbol.asyncDispose]();
    isGone = true;
  };
  return {
    ...telegram,
    inbox,
    missingId: "4242",
    says: (text) => {
      said = simulator.says(ada, chat, text);
    },
    opens: (text) => {
      const threadId = simulator.places.createTopic(chat, ada, text);
      simulator.says(ada, chat, text, { threadId });
      const inTopic = () => own().filter((message) => message.threadId === threadId);
      return { seen: () => inTopic().map((message) => message.text) };
    },
    presses: (label) => {
      const message = own().at(-1);
      const button = message?.buttons?.flat().find(({ text }) => text === label);
      if (message && button) simulator.press(ada, message, button.data);
    },
    deliversAgain: () => {
      if (said) simulator.redeliver(said);
    },
    closes: () => simulator.block(ada),
    growing: () => simulator.drafts.in(chat)?.text ?? own().at(-1)?.text,
    seen: () => own().flatMap(({ text, document }) => (document === undefined ? [text] : [])),
    files: () => own().flatMap(({ document }) => (document === undefined ? [] : [document.fileName])),
    harm: () => [...harmOf(simulator.calls), ...simulator.problems],
    isBusy: () => simulator.callsOf("sendChatAction").some(({ applied }) => applied),
    breaks: (call, fault) => {
      const post = rich === "on" ? "sendRichMessage" : "sendMessage";
      simulator.inject(faults[fault], { method: call === "post" ? post : "editMessageText" });
      // Refused in either form.
      if (rich === "on" && fault === "formatting refused")
        simulator.inject(faults[fault], { method: "sendMessage" });
    },
    // The menus are set beside everything else.
    calls: () => simulator.calls.filter(({ method }) => !/getUpdates|MyCommands/.test(method)).length,
    vanishes,
    until: async (holds) => {
      await simulator.until(() => holds(), 15_000);
    },
    async [Symbol.asyncDispose]() {
      await telegram.intake.stop();
      telegram[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
      await vanishes();
    },
  };
}

/** Entities that call somebody, and texts without previews switched off. */
function harmOf(
  calls: readonly { readonly method: string; readonly payload: Readonly<Record<string, unknown>> }[],
): string[] {
  const texts = calls.filter(
    ({ method, payload }) =>
      (method === "sendMessage" || method === "editMessageText") && payload.rich_message === undefined,
  );
  return texts.flatMap(({ method, payload }) => {
    const entities = (payload.entities ?? []) as readonly { readonly type: string; readonly url?: string }[];
    const calling = entities.filter(({ type, url }) => type.includes("mention") || url?.startsWith("tg:"));
    const options = payload.link_preview_options as { readonly is_disabled?: boolean } | undefined;
    return [
      ...calling.map(({ type }) => `${method}: ${type}`),
      ...(options?.is_disabled ? [] : [`${method}: preview`]),
    ];
  });
}
