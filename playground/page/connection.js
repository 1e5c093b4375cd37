/** The WebSocket to the playground. It reconnects by itself; each connection begins with the whole state. */

const retryMs = 700;

/**
 * @param {(message: any) => void} onMessage
 * @param {(isOpen: boolean) => void} onOpen
 * @returns {{ send(act: unknown): boolean }} `send` tells whether the act went out
 */
export function connect(onMessage, onOpen) {
  let socket;
  const open = () => {
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/live`);
    socket.addEventListener("open", () => onOpen(true));
    socket.addEventListener("message", ({ data }) => onMessage(JSON.parse(data)));
    socket.addEventListener("close", () => {
      onOpen(false);
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
