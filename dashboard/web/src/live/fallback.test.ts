import { describe, expect, it } from "vitest";
import { createFallback, socketRetryMs, socketTriesMax } from "./fallback.ts";
import type { LiveHandlers, LiveSocket } from "./live-socket.ts";

interface Line extends LiveSocket {
  readonly calls: string[];
  handlers: LiveHandlers | null;
  connected: boolean;
}

function line(polling: boolean): Line {
  const made: Line = {
    ...{ calls: [], handlers: null, connected: false, polling },
    listen: (handlers) => {
      made.handlers = handlers;
    },
    connect: () => made.calls.push("connect"),
    disconnect: () => {
      made.connected = false;
      made.calls.push("disconnect");
    },
    subscribe: () => made.calls.push("subscribe"),
    send: () => made.calls.push("send"),
  };
  return made;
}

function setUp() {
  const socket = line(false);
  const poll = line(true);
  const planned: { act: () => void; ms: number; live: boolean }[] = [];
  const both = createFallback(socket, poll, (act, ms) => {
    const item = { act, ms, live: true };
    planned.push(item);
    return () => {
      item.live = false;
    };
  });
  const told: string[] = [];
  const tell = (what: string) => () => {
    told.push(what);
  };
  both.listen({
    ...{ connect: tell("connect"), disconnect: tell("disconnect") },
    ...{ refused: tell("refused"), hb: tell("hb"), delta: tell("delta") },
    ...{ digest: tell("digest"), drain: tell("drain") },
  });
  const refuse = (n: number): void => {
    for (let i = 0; i < n; i += 1) {
      both.connect();
      socket.handlers?.refused();
    }
  };
  return { socket, poll, both, told, planned, refuse };
}

describe("the line of a page", () => {
  it("stays with the socket until it was refused several times in a row", () => {
    const { socket, poll, both, refuse } = setUp();
    refuse(socketTriesMax - 1);
    socket.handlers?.connect();
    refuse(socketTriesMax - 1);
    both.connect();
    expect([both.polling, poll.calls]).toEqual([false, []]);
  });

  it("polls then, and goes back when the socket gets through", () => {
    const { socket, poll, both, told, planned, refuse } = setUp();
    refuse(socketTriesMax);
    both.connect();
    expect([both.polling, poll.calls]).toEqual([true, ["connect"]]);
    poll.connected = true;
    poll.handlers?.connect();
    expect([both.connected, planned[0]?.ms]).toEqual([true, socketRetryMs]);
    // A try that fails is not told: the page is served meanwhile.
    const before = told.length;
    planned[0]?.act();
    socket.handlers?.refused();
    expect([told.length, both.polling, planned.length]).toEqual([
      before,
      true,
      2,
    ]);
    planned[1]?.act();
    socket.connected = true;
    socket.handlers?.connect();
    expect([both.polling, both.connected, told.at(-1)]).toEqual([
      false,
      true,
      "connect",
    ]);
    expect(poll.calls).toEqual(["connect", "disconnect"]);
  });

  it("begins with the socket again when the server was away", () => {
    const { poll, both, told, planned, refuse } = setUp();
    refuse(socketTriesMax);
    both.connect();
    poll.handlers?.connect();
    poll.handlers?.disconnect();
    expect([both.polling, told.at(-1), planned[0]?.live]).toEqual([
      false,
      "disconnect",
      false,
    ]);
  });
});
