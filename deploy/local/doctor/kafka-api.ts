/**
 * Which requests a broker speaks: ApiVersions v0, by hand, since the client
 * says nothing of it.
 *
 *   request   size:i32 key:i16=18 version:i16=0 correlation:i32 client:i16=-1
 *   response  size:i32 correlation:i32 error:i16 count:i32 count × (key:i16 min:i16 max:i16)
 */
import { connect } from "node:net";

const timeoutMs = 3000;
const apiVersionsKey = 18;
const entryBytes = 6;

/** Newest version that the client speaks of what the product lives on. */
const needed = [
  { name: "Produce", key: 0, least: 3, newest: 7 },
  { name: "Fetch", key: 1, least: 4, newest: 11 },
  { name: "JoinGroup", key: 11, least: 0, newest: 5 },
] as const;

export type ApiRanges = ReadonlyMap<number, readonly [number, number]>;

function requestBytes(): Buffer {
  const bytes = Buffer.alloc(14);
  bytes.writeInt32BE(10, 0);
  bytes.writeInt16BE(apiVersionsKey, 4);
  bytes.writeInt16BE(0, 6);
  bytes.writeInt32BE(1, 8);
  bytes.writeInt16BE(-1, 12);
  return bytes;
}

/** Ranges of a whole response. */
export function parseRanges(bytes: Buffer): ApiRanges {
  const ranges = new Map<number, readonly [number, number]>();
  const count = bytes.readInt32BE(10);
  for (let i = 0; i < count; i += 1) {
    const at = 14 + i * entryBytes;
    const range = [
      bytes.readInt16BE(at + 2),
      bytes.readInt16BE(at + 4),
    ] as const;
    ranges.set(bytes.readInt16BE(at), range);
  }
  return ranges;
}

/** What the broker speaks that the client does not, in words; empty = fine. */
export function judgeApis(ranges: ApiRanges): string {
  return needed
    .flatMap(({ name, key, least, newest }) => {
      const [min, max] = ranges.get(key) ?? [-1, -1];
      if (min >= 0 && min <= newest && max >= least) return [];
      const speaks =
        min < 0 ? "not at all" : `${String(min)} to ${String(max)}`;
      return [`${name} ${speaks}, needs ${String(least)} to ${String(newest)}`];
    })
    .join("; ");
}

/** Asks a broker; rejects when it does not answer in time. */
export async function askApis(host: string, port: number): Promise<ApiRanges> {
  return new Promise((done, fail) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    let got = Buffer.alloc(0);
    const end = (error: Error): void => {
      socket.destroy();
      fail(error);
    };
    socket.once("connect", () => socket.write(requestBytes()));
    socket.on("data", (chunk: Buffer) => {
      got = Buffer.concat([got, chunk]);
      if (got.length < 4 || got.length < 4 + got.readInt32BE(0)) return;
      socket.destroy();
      done(parseRanges(got));
    });
    socket.once("error", end);
    socket.once("timeout", () => {
      end(new Error("no answer in time"));
    });
    socket.once("close", () => {
      fail(new Error("the connection was closed"));
    });
  });
}
