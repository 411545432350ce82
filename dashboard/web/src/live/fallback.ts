/**
 * One line out of two: the socket, and polling when the socket does not get
 * through several times in a row. While polling, the socket is tried again.
 */
import type { LiveHandlers, LiveSocket } from "./live-socket.ts";

/** Refusals in a row after which requests are tried instead. */
export const socketTriesMax = 3;
/** A polling page tries its socket again this often. */
export const socketRetryMs = 60_000;

/** Plans a call; answers how to give it up. */
export type Plan = (act: () => void, ms: number) => () => void;

const planByTimer: Plan = (act, ms) => {
  const timer = setTimeout(act, ms);
  return () => {
    clearTimeout(timer);
  };
};

export function createFallback(
  socket: LiveSocket,
  poll: LiveSocket,
  plan: Plan = planByTimer,
): LiveSocket {
  let current = socket;
  let refusals = 0;
  let giveUp = (): void => undefined;
  /** The socket is being tried beside a poll that works. */
  let trying = false;

  const stopTrying = (): void => {
    giveUp();
    trying = false;
  };
  const tryAgain = (): void => {
    giveUp = plan(() => {
      trying = true;
      socket.connect();
    }, socketRetryMs);
  };
  const onSocket = (given: LiveHandlers): LiveHandlers => ({
    ...given,
    connect: () => {
      refusals = 0;
      stopTrying();
      if (current === poll) poll.disconnect();
      current = socket;
      given.connect();
    },
    refused: () => {
      if (trying) {
        trying = false;
        tryAgain();
        return;
      }
      refusals += 1;
      if (refusals >= socketTriesMax) current = poll;
      given.refused();
    },
  });
  const onPoll = (given: LiveHandlers): LiveHandlers => {
    const back = (): void => {
      // The server is away: the socket comes first again when it is back.
      stopTrying();
      refusals = 0;
      current = socket;
    };
    return {
      ...given,
      connect: () => {
        tryAgain();
        given.connect();
      },
      disconnect: () => {
        back();
        given.disconnect();
      },
      refused: () => {
        back();
        given.refused();
      },
    };
  };

  return {
    get connected() {
      return current.connected;
    },
    get polling() {
      return current.polling;
    },
    listen: (given) => {
      socket.listen(onSocket(given));
      poll.listen(onPoll(given));
    },
    connect: () => {
      current.connect();
    },
    disconnect: () => {
      stopTrying();
      current.disconnect();
    },
    subscribe: (request, answer) => {
      current.subscribe(request, answer);
    },
    send: (message, body) => {
      current.send(message, body);
    },
  };
}
