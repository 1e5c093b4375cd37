/** What people do with buttons, selects and forms, and what Slack tells the app of it. */

import type { Deliverer, Delivery } from "./deliverer.ts";
import type { ResponseUrls } from "./response-urls.ts";
import type { SlackView, Views } from "./views.ts";
import { type SlackBlock, type SlackMessage, stateOf, type Workspace } from "./workspace.ts";

/** Something that can be pressed or chosen. */
export interface Choosable {
  readonly label: string;
  readonly value: string;
  readonly blockId: string;
  readonly actionId: string;
  readonly kind: "button" | "option";
  /** It is the option that is shown as chosen. */
  readonly isChosen: boolean;
}

interface Parts {
  readonly workspace: Workspace;
  readonly views: Views;
  readonly deliverer: () => Deliverer;
  readonly responseUrls: ResponseUrls;
  readonly origin: string;
}

/** What can be pressed or chosen in blocks, in their order. */
export function choosablesIn(blocks: readonly SlackBlock[]): readonly Choosable[] {
  return blocks
    .filter(({ type }) => type === "actions")
    .flatMap(({ block_id, elements }) =>
      (elements as readonly WireElement[]).flatMap((element) => choosablesOf(element, String(block_id))),
    );
}

interface WireText {
  readonly text: string;
}

interface WireElement {
  readonly type: string;
  readonly action_id: string;
  readonly text?: WireText;
  readonly value?: string;
  readonly options?: readonly { readonly text: WireText; readonly value: string }[];
  readonly initial_option?: { readonly value: string };
}

function choosablesOf(element: WireElement, blockId: string): readonly Choosable[] {
  const { type, action_id: actionId, text, value = "", options = [], initial_option: chosen } = element;
  const common = { blockId, actionId };
  if (type === "button")
    return [{ ...common, kind: "button", label: text?.text ?? "", value, isChosen: false }];
  return options.map((option) => ({
    ...common,
    kind: "option" as const,
    label: option.text.text,
    value: option.value,
    isChosen: option.value === chosen?.value,
  }));
}

/** The people of a workspace at the buttons of the app. */
export class Interactions {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Presses or chooses what bears a label in a message. @returns its delivery; undefined when it was not acknowledged */
  async presses(user: string, message: SlackMessage, label: string): Promise<Delivery | undefined> {
    const { workspace, responseUrls, origin } = this.#parts;
    const { channel, ts, ephemeralTo, threadTs } = message;
    const url = responseUrls.create(origin, channel, user, message);
    const inMessage = {
      container: {
        type: "message",
        message_ts: ts,
        channel_id: channel,
        is_ephemeral: ephemeralTo !== undefined,
      },
      channel: { id: channel, name: workspace.channels.get(channel)?.name },
      // A message that only one person sees is not told again.
      ...(ephemeralTo === undefined ? { message: { ts, ...(threadTs ? { thread_ts: threadTs } : {}) } } : {}),
      response_url: url,
    };
    return await this.#act(user, found(stateOf(message).blocks, label), inMessage);
  }

  /** Presses or chooses what bears a label in the app's home. @param index among those that bear it, from 0 */
  async pressesAtHome(user: string, label: string, index = 0): Promise<Delivery | undefined> {
    const view = this.#parts.views.homes.get(user);
    if (view === undefined) throw new Error("The app shows this person no home");
    const inHome = { container: { type: "view", view_id: view.id }, view: toWireView(view) };
    return await this.#act(user, found(view.blocks, label, index), inHome);
  }

  /** Writes into the form that is open, and sends it. */
  async submits(user: string, text: string): Promise<Delivery | undefined> {
    const { views, workspace, deliverer } = this.#parts;
    const view = views.modals.get(user);
    if (view === undefined) throw new Error("There is no form before this person");
    const input = view.blocks.find(({ type }) => type === "input");
    const element = input?.element as
      | { readonly action_id: string; readonly max_length?: number }
      | undefined;
    if (input === undefined || element === undefined) throw new Error("The form has no field");
    // Slack's own client does not send what does not fit.
    if (text.length > (element.max_length ?? 3_000)) throw new Error("The field takes no more");
    const state = {
      values: {
        [String(input.block_id)]: {
          [element.action_id]: { type: "plain_text_input", value: text === "" ? null : text },
        },
      },
    };
    const delivery = await deliverer().sendOnce("interactive", {
      type: "view_submission",
      ...sender(workspace, user),
      trigger_id: views.trigger(user),
      view: { ...toWireView(view), state },
    });
    if (delivery.ackedAtMs === undefined) return undefined;
    views.answered(user, delivery.answer);
    return delivery;
  }

  async #act(
    user: string,
    { kind, value, blockId, actionId, label }: Choosable,
    where: Readonly<Record<string, unknown>>,
  ): Promise<Delivery | undefined> {
    const { workspace, views, deliverer } = this.#parts;
    const chosen = { text: { type: "plain_text", text: label }, value };
    const delivery = await deliverer().sendOnce("interactive", {
      type: "block_actions",
      ...sender(workspace, user),
      ...where,
      trigger_id: views.trigger(user),
      actions: [
        {
          block_id: blockId,
          action_id: actionId,
          action_ts: workspace.nextTs(),
          ...(kind === "button"
            ? { type: "button", value }
            : { type: "static_select", selected_option: chosen }),
        },
      ],
    });
    return delivery.ackedAtMs === undefined ? undefined : delivery;
  }
}

function sender({ teamId, users }: Workspace, user: string) {
  const name = users.get(user)?.name.toLowerCase();
  return {
    user: { id: user, username: name, name, team_id: teamId },
    team: { id: teamId, domain: "simulated" },
    api_app_id: "A0PARLEY",
    token: "verification-token-unused",
    is_enterprise_install: false,
  };
}

function toWireView({ id, hash, type, callbackId, privateMetadata, blocks }: SlackView) {
  return {
    id,
    hash,
    type,
    callback_id: callbackId,
    private_metadata: privateMetadata,
    blocks,
    state: { values: {} },
  };
}

function found(blocks: readonly SlackBlock[], label: string, index = 0): Choosable {
  const all = choosablesIn(blocks);
  const one = all.filter((choosable) => choosable.label === label)[index];
  if (one === undefined)
    throw new Error(`Nothing bears ${label} among ${all.map((each) => each.label).join()}`);
  return one;
}
