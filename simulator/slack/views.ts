/** Forms and homes: what is open before whom, and the triggers that may open it. */

import { type Arguments, jsonOf, type Method, SlackRefusal, textOf } from "./method.ts";
import type { SlackBlock } from "./workspace.ts";

/** A trigger lives so long [platform-facts B11]. */
const triggerMs = 3_000;
/** docs.slack.dev: views; the length of a title is cut nowhere, but refused. */
const limits = { title: 24, modalBlocks: 100, metadata: 3_000, input: 3_000 } as const;

/** A view as the app has sent it. */
export interface SlackView {
  readonly id: string;
  readonly hash: string;
  readonly type: "modal" | "home";
  readonly callbackId: string;
  readonly privateMetadata: string;
  readonly title: string;
  readonly blocks: readonly SlackBlock[];
  /** What the app said beside its fields, by block id. */
  readonly errors: Readonly<Record<string, string>>;
}

interface Trigger {
  readonly user: string;
  readonly bornMs: number;
  isUsed: boolean;
}

/** What stands open before the people of a workspace. */
export class Views {
  /** The form before each person. */
  readonly modals = new Map<string, SlackView>();
  /** The app's home of each person. */
  readonly homes = new Map<string, SlackView>();
  readonly #triggers = new Map<string, Trigger>();
  readonly #nextId: (letter: string) => string;
  readonly #changed: () => void;

  constructor(nextId: (letter: string) => string, changed: () => void) {
    this.#nextId = nextId;
    this.#changed = changed;
  }

  /** Something that a person did may open a form, once and soon. @returns the trigger's id */
  trigger(user: string): string {
    const id = this.#nextId("1.");
    this.#triggers.set(id, { user, bornMs: Date.now(), isUsed: false });
    return id;
  }

  /** The time of every trigger is over. */
  expireTriggers(): void {
    for (const [id, trigger] of this.#triggers) this.#triggers.set(id, { ...trigger, bornMs: 0 });
  }

  /** Opens a form. @throws SlackRefusal */
  open(args: Arguments): SlackView {
    const trigger = this.#triggers.get(textOf(args, "trigger_id"));
    if (trigger === undefined) throw new SlackRefusal("invalid_trigger_id");
    if (Date.now() - trigger.bornMs > triggerMs) throw new SlackRefusal("expired_trigger_id");
    if (trigger.isUsed) throw new SlackRefusal("exchanged_trigger_id");
    const view = this.#read(args, "modal");
    trigger.isUsed = true;
    this.modals.set(trigger.user, view);
    this.#changed();
    return view;
  }

  /** Shows a person's home. @throws SlackRefusal */
  publish(args: Arguments): SlackView {
    const view = this.#read(args, "home");
    this.homes.set(textOf(args, "user_id"), view);
    this.#changed();
    return view;
  }

  /** Somebody closes the form before them. */
  close(user: string): void {
    this.modals.delete(user);
    this.#changed();
  }

  /** What an acknowledged submission does to the form: it closes, or stays with errors. */
  answered(user: string, answer: unknown): void {
    const view = this.modals.get(user);
    const { response_action: action, errors } = (answer ?? {}) as Readonly<Record<string, unknown>>;
    if (view === undefined) return;
    if (action === "errors")
      this.modals.set(user, {
        ...view,
        hash: this.#nextId("h"),
        errors: errors as Readonly<Record<string, string>>,
      });
    else this.modals.delete(user);
    this.#changed();
  }

  #read(args: Arguments, type: SlackView["type"]): SlackView {
    const view = jsonOf(args, "view");
    if (typeof view !== "object" || view === null) throw new SlackRefusal("invalid_arguments");
    const {
      type: given,
      callback_id,
      private_metadata = "",
      title,
      blocks,
    } = view as Readonly<Record<string, unknown>>;
    const titleText = (title as { readonly text?: string } | undefined)?.text ?? "";
    const isFit =
      given === type &&
      Array.isArray(blocks) &&
      blocks.length <= limits.modalBlocks &&
      String(private_metadata).length <= limits.metadata &&
      (type === "home" || (titleText !== "" && titleText.length <= limits.title)) &&
      blocks.every(isFitBlock) &&
      haveOwnIds(blocks);
    if (!isFit) throw new SlackRefusal("invalid_arguments");
    return {
      id: this.#nextId("V"),
      hash: this.#nextId("h"),
      type,
      callbackId: String(callback_id ?? ""),
      privateMetadata: String(private_metadata),
      title: titleText,
      blocks,
      errors: {},
    };
  }
}

function isFitBlock(block: SlackBlock): boolean {
  const element = block.element as { readonly max_length?: number } | undefined;
  return element?.max_length === undefined || element.max_length <= limits.input;
}

function haveOwnIds(blocks: readonly SlackBlock[]): boolean {
  const ids = blocks.flatMap(({ block_id: id }) => (id === undefined ? [] : [id]));
  return new Set(ids).size === ids.length;
}

const open: Method = (args, { views }) => ({ view: { id: views.open(args).id } });
const publish: Method = (args, { views }) => ({ view: { id: views.publish(args).id } });

/** The methods of this file. */
export const viewMethods: Readonly<Record<string, Method>> = { "views.open": open, "views.publish": publish };
