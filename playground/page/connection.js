/** The WebSocket to the playground. It reconnects by itself; each connection begins with the whole state. */

const retryMs = 700;
/** After so many tries in a row the playground is not busy but gone. */
const goneTries = 8;

/**
 * @param {(message: any) => void} onMessage
 * @param {(state: "open" | "connecting" | "gone") => void} onChange
 * @returns {{ send(act: unknown): boolean }} `send` tells whether the act went out
 */
export function connect(onMessage, onChange) {
  let socket;
  let tries = 0;
  const open = () => {
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/live`);
    socket.addEventListener("open", () => {
      tries = 0;
      onChange("open");
    });
    socket.addEventListener("message", ({ data }) => onMessage(JSON.parse(data)));
    socket.addEventListener("close", () => {
      tries += 1;
      onChange(tries < goneTries ? "connecting" : "gone");
      setTimeout(open, retryMs);
    });
  };
  open();
  return {
    send(act) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(act));
      return true;
    },
  };
}
