/** A person on the simulated Slack. */

import { type Choosable, choosablesIn } from "../../simulator/slack/interactions.ts";
import type { Team } from "../../simulator/slack/team.ts";
import type { SlackChannel, SlackUser } from "../../simulator/slack/workspace.ts";
import { type Person, patienceMs } from "./person.ts";

/** Somebody who talks to the bot in one thread (or in a direct message as a whole). */
export class SlackPerson implements Person {
  readonly user: SlackUser;
  readonly channel: SlackChannel;
  /** The ts of the thread's root, once there is one. */
  thread: string | undefined;
  readonly #slack: Team;
  readonly #flat: boolean;

  /** @param channel absent: the person's direct message · @param flat true: nothing is said in threads */
  constructor(slack: Team, user: SlackUser, channel?: SlackChannel, flat = false) {
    this.#slack = slack;
    this.user = user;
    this.channel = channel ?? slack.createDm(user);
    this.#flat = flat;
  }

  /** The first message opens the thread (in a channel by a mention), later ones go into it. @param ts the one it gets; default the next @returns the message's ts */
  says(text: string, ts?: string): string {
    const opens = this.thread === undefined && this.channel.kind !== "im";
    const options = {
      ...(this.thread === undefined ? {} : { thread: this.thread }),
      ...(ts === undefined ? {} : { ts }),
    };
    const said = this.#slack.says(this.user, this.channel, opens ? `@parley ${text}` : text, options);
    if (!this.#flat) this.thread ??= said;
    return said;
  }

  /** What can be pressed or chosen in the newest message that has something. */
  choices(): readonly Choosable[] {
    return choosablesIn(this.#withChoices()?.state.blocks ?? []);
  }

  /** Presses the button, or chooses the option, that bears this label. @param by somebody else in the channel */
  async presses(label: string, by = this.user): Promise<void> {
    const { workspace, interactions } = this.#slack;
    const seen = this.#withChoices();
    const message = seen && workspace.message(this.channel.id, seen.ts);
    if (!message) throw new Error(`There is nothing to press: ${label}`);
    await interactions.presses(by.id, message, label);
  }

  /** What only this person sees in the conversation. */
  asides(): readonly string[] {
    const { workspace } = this.#slack;
    return workspace.messages
      .filter(({ channel, ephemeralTo }) => channel === this.channel.id && ephemeralTo === this.user.id)
      .map(({ ts }) => this.#slack.history(this.channel, ts).at(-1)?.seen ?? "");
  }

  /** Runs `/parley`, which knows of no thread. */
  async slashes(text: string): Promise<void> {
    await this.#slack.runsCommand(this.user, this.channel, "/parley", text);
  }

  #withChoices() {
    const inChannel = this.#slack.visible(this.channel);
    const inThread = this.thread === undefined ? [] : this.#slack.visible(this.channel, this.thread);
    return [...inChannel, ...inThread]
      .filter(({ ephemeralTo }) => ephemeralTo === undefined || ephemeralTo === this.user.id)
      .filter(({ state }) => choosablesIn(state.blocks).length > 0)
      .toSorted((a, b) => Number(a.ts) - Number(b.ts))
      .at(-1);
  }

  answers(): readonly string[] {
    return this.#slack.answers(this.channel, this.thread);
  }

  looks() {
    const { workspace, botUserId } = this.#slack;
    return workspace.messages
      .filter(
        ({ channel, user, threadTs }) =>
          channel === this.channel.id && user === botUserId && threadTs === this.thread,
      )
      .map(({ ts }) =>
        this.#slack
          .history(this.channel, ts)
          .filter((state) => !state.deleted)
          .map((state) => ({ atMs: state.atMs, text: state.seen })),
      );
  }

  isBusy(): boolean {
    return this.thread !== undefined && this.#slack.status(this.channel, this.thread) !== "";
  }

  async until(holds: () => boolean, deadlineMs = patienceMs): Promise<void> {
    await this.#slack.until(holds, deadlineMs);
  }
}
