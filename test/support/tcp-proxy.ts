/**
 * A proxy between a client and a real server, to take the server away, to lose
 * a reply, or to hold a request at the very moment a test wants.
 */
import { connect, createServer, type Server, type Socket } from "node:net";

export interface TcpProxy {
  readonly port: number;
  /** Refuses and breaks every connection. */
  readonly cut: () => void;
  /** Lets connections through again. */
  readonly restore: () => void;
  /**
   * Keeps back what a client sends from the first bytes that hold `text` on,
   * and resolves then. The connection stays open until `cut` or `close`, or
   * goes on with `release`.
   */
  readonly holdRequest: (text: string) => Promise<void>;
  /** Passes on, late, what was held back. */
  readonly release: () => void;
  /**
   * Lets the next request that holds `text` through, waits for the first bytes
   * of its reply, and breaks the connection instead of passing them on.
   */
  readonly loseReply: (text: string) => Promise<void>;
  /** From now on bytes arrive so many ms late, both ways, in their order. */
  readonly delay: (ms: number) => void;
  /** Breaks every connection; new ones go to another server. */
  readonly retarget: (target: Target) => void;
  readonly close: () => Promise<void>;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

interface Trap {
  readonly kind: "hold" | "lose";
  readonly text: string;
  readonly sprung: () => void;
}

/** Writes to a socket, late by what `delayMs` says at the time. */
function lateWriter(
  socket: Socket,
  delayMs: () => number,
): (bytes: Buffer) => void {
  let waiting = 0;
  let lastDue = 0;
  return (bytes) => {
    const now = performance.now();
    const due = Math.max(lastDue, now + delayMs());
    if (waiting === 0 && due <= now) {
      socket.write(bytes);
      return;
    }
    lastDue = due;
    waiting += 1;
    setTimeout(() => {
      waiting -= 1;
      if (!socket.destroyed) socket.write(bytes);
    }, due - now);
  };
}

/** Listens on a free port of the loopback, unless told where. */
export async function startTcpProxy(
  first: Target,
  listen: Target = { host: "127.0.0.1", port: 0 },
): Promise<TcpProxy> {
  let target = first;
  let lateMs = 0;
  const sockets = new Set<Socket>();
  let open = true;
  let trap: Trap | null = null;
  let releases: (() => void)[] = [];

  const link = (client: Socket): void => {
    if (!open) {
      client.destroy();
      return;
    }
    const server = connect(target);
    const toServer = lateWriter(server, () => lateMs);
    const toClient = lateWriter(client, () => lateMs);
    let held: Buffer[] | null = null;
    let losing: Trap | null = null;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket);
      // A broken pair is what the proxy is for: the other end learns of it.
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (bytes) => {
      if (trap !== null && bytes.includes(trap.text)) {
        if (trap.kind === "hold") {
          held = [];
          releases.push(() => {
            for (const late of held ?? []) toServer(late);
            held = null;
          });
          trap.sprung();
        } else losing = trap;
        trap = null;
      }
      if (held === null) toServer(bytes);
      else held.push(bytes);
    });
    server.on("data", (bytes) => {
      if (losing !== null) {
        losing.sprung();
        client.destroy();
      } else toClient(bytes);
    });
  };

  const listener: Server = createServer(link);
  await new Promise<void>((done, fail) => {
    listener.once("error", fail);
    listener.listen(listen.port, listen.host, done);
  });
  const address = listener.address();
  if (address === null || typeof address === "string") {
    throw new Error("the proxy has no port");
  }
  const setTrap = async (kind: Trap["kind"], text: string): Promise<void> =>
    new Promise((sprung) => {
      trap = { kind, text, sprung };
    });
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    cut: () => {
      open = false;
      breakAll();
    },
    restore: () => {
      open = true;
    },
    release: () => {
      for (const release of releases) release();
      releases = [];
    },
    delay: (ms) => {
      lateMs = ms;
    },
    retarget: (next) => {
      target = next;
      breakAll();
    },
    holdRequest: async (text) => setTrap("hold", text),
    loseReply: async (text) => setTrap("lose", text),
    close: async () => {
      breakAll();
      await new Promise((done) => listener.close(done));
    },
  };
}
