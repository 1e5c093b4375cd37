/** The page: four panes fed by one WebSocket. */

import { connect } from "./connection.js";
import { el } from "./dom.js";
import { SlackRoom } from "./slack-room.js";
import { SlackViews } from "./slack-views.js";
import { TelegramChat } from "./telegram-chat.js";
import { Ways } from "./ways.js";

const byId = (id) => document.getElementById(id);

const meters = { telegram: el("p", { class: "meter" }), slack: el("p", { class: "meter" }) };
let run;
let chats = new Map();
let rooms = new Map();
let names = {};

const connectionWords = {
  open: "connected",
  connecting: "connecting …",
  gone: "The playground has ended; start it by npm start",
};
const connection = connect(receive, (state) => {
  byId("connection").textContent = connectionWords[state];
  byId("connection").classList.toggle("is-open", state === "open");
});
const send = (act) => connection.send(act);
const slackViews = new SlackViews(send, () => names);
const ways = new Ways((chosen) => send({ type: "switch", ways: chosen }));

function receive(message) {
  switch (message.type) {
    case "state":
      return showAll(message);
    case "telegram":
      return chats.get(message.message.chat)?.show(message.message);
    case "telegram-gone":
      return chats.get(message.chat)?.remove(message);
    case "telegram-typing":
      return chats.get(message.chat)?.setTyping(message.forMs);
    case "telegram-draft":
      return chats.get(message.draft.chat)?.setDraft(message.draft);
    case "telegram-alert":
      return showAlert(message);
    case "slack-views":
      return slackViews.show(message.views);
    case "slack":
      return rooms.get(message.message.channel)?.show(message.message);
    case "slack-gone":
      return rooms.get(message.channel)?.remove(message);
    case "slack-status":
      return rooms.get(message.status.channel)?.setStatus(message.status);
    case "meters":
      return showMeters(message.meters);
    case "ways":
      return showWays(message.ways);
  }
}

/** Panes are built once; after a lost connection they are only filled anew, so that what was being typed stays. */
function showAll(state) {
  names = state.slack.names;
  if (!isSameCast(state)) build(state);
  run = state.run;
  byId("model").textContent = state.isDemo ? "demo model" : state.model;
  byId("model").title = state.isDemo
    ? "It knows nothing; npm start -- --model asks the configured one"
    : "The configured model";
  for (const [id, chat] of chats)
    chat.reset(state.telegram.messages.filter((message) => message.chat === id));
  for (const draft of state.telegram.drafts) chats.get(draft.chat)?.setDraft(draft);
  for (const [id, room] of rooms) {
    room.reset(
      state.slack.messages.filter((message) => message.channel === id),
      state.slack.statuses.filter((status) => status.channel === id),
    );
  }
  slackViews.show(state.slack.views);
  showMeters(state.meters);
  showWays(state.ways);
  document.body.dataset.run = run;
}

function isSameCast({ telegram, slack }) {
  return (
    chats.size > 0 &&
    telegram.chats.every(({ id }) => chats.has(id)) &&
    slack.rooms.every(({ id }) => rooms.has(id))
  );
}

function build({ telegram, slack }) {
  chats = new Map(telegram.chats.map((chat) => [chat.id, new TelegramChat(chat, telegram.bot, send)]));
  rooms = new Map(
    slack.rooms.map((room) => [room.id, new SlackRoom(room, { bot: slack.bot, names: () => names, send })]),
  );
  fillWindow("telegram", "Telegram", [...chats.values()]);
  const people = slack.rooms.find(({ key }) => key === "channel")?.people ?? [];
  fillWindow("slack", "Slack", [...rooms.values()], slackViews.buttons(people));
}

function fillWindow(id, title, panes, more = []) {
  const name = el("h2", { text: title });
  const head = el("header", { class: "window-head" }, name, ...more, ...ways.of(id), meters[id]);
  byId(id).replaceChildren(head, ...panes.map(({ element }) => element));
  for (const { element } of panes) element.querySelector(".pane-head").append(expander(element, panes));
}

/** A window that only one person sees, until it is closed. */
function showAlert({ person, text }) {
  const dialog = el("dialog", {
    class: "view alert",
    role: "alertdialog",
    "aria-label": `Alert for ${person}`,
  });
  const close = el("button", { class: "button", type: "button", text: "OK" });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  const foot = el("footer", { class: "view-foot" }, close);
  dialog.append(el("p", { class: "only-you", text: `Only visible to ${person}` }), el("p", { text }), foot);
  document.body.append(dialog);
  dialog.showModal();
}

/** Gives one pane the whole height of its window, and back. */
function expander(element, panes) {
  const button = el(
    "button",
    {
      class: "expand",
      type: "button",
      "aria-pressed": "false",
      title: "Whole height",
      "aria-label": "Whole height",
    },
    "⤢",
  );
  button.addEventListener("click", () => {
    const isOpen = element.classList.toggle("is-expanded");
    button.setAttribute("aria-pressed", String(isOpen));
    for (const pane of panes)
      if (pane.element !== element) pane.element.classList.toggle("is-folded", isOpen);
  });
  return button;
}

function showMeters({ telegram, slack }) {
  for (const [id, { calls, limited }] of Object.entries({ telegram, slack })) {
    meters[id].textContent = `${calls} calls · ${limited} refused`;
    meters[id].title = "Calls that the service made, and how many of them flood control refused";
  }
}

/** The service is gone for a moment: what is being answered stands still, and goes on. */
function showWays(shown) {
  ways.show(shown);
  byId("service").textContent = shown.isSwitching ? "starting the service anew …" : "";
  if (!shown.isSwitching) document.body.dataset.ways = Object.entries(shown.ways).flat().join(" ");
}

byId("real").addEventListener("click", () => byId("steps").showModal());
