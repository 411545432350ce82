/** The ports of the gateway in memory, for tests of what stands on them. */
import type { Codec } from "@riskwall/schemas/codec";
import { codecOf } from "@riskwall/schemas/codec";
import {
  recordFiles,
  type NamedRecord,
  type RecordName,
} from "@riskwall/schemas";
import {
  LogUnavailable,
  type LogAppender,
  type OutRecord,
} from "./appender.ts";
import type { Begun, Door, RequestMemory, StoredAnswer } from "./door.ts";

/** A codec with made-up schema ids, that knows no others. */
export function memoryCodec(): Codec {
  const names = Object.keys(recordFiles) as RecordName[];
  const ids = new Map(names.map((name, i) => [name, i + 1]));
  return codecOf(ids, async () => Promise.resolve(null));
}

export interface MemoryLog extends LogAppender {
  readonly records: OutRecord[];
  readonly decoded: (codec: Codec) => NamedRecord[];
  /** While true, every append fails. */
  down: boolean;
  /** Hears each append before it is acknowledged. */
  onAppend: (records: readonly OutRecord[]) => void;
}

export function memoryLog(): MemoryLog {
  const log: MemoryLog = {
    records: [],
    down: false,
    onAppend: () => undefined,
    depth: () => 0,
    append: async (records) => {
      if (log.down) throw new LogUnavailable("down");
      log.records.push(...records);
      log.onAppend(records);
      return Promise.resolve();
    },
    decoded: (codec) =>
      log.records.map(({ value }) => {
        const decoded = codec.decode(value);
        if (decoded.kind !== "record") throw new Error(decoded.kind);
        return decoded.record;
      }),
  };
  return log;
}

export function memoryDoor(): Door {
  const seen = new Set<string>();
  return {
    known: async (ids) => Promise.resolve(ids.map((id) => seen.has(id))),
    mark: async (ids) => {
      for (const id of ids) seen.add(id);
      return Promise.resolve();
    },
  };
}

export function memoryRequests(): RequestMemory {
  const kept = new Map<
    string,
    { hash: string; answer: StoredAnswer } | "in-flight"
  >();
  const begin = (key: string): Begun => {
    const found = kept.get(key);
    if (found === "in-flight") return { kind: "in-flight" };
    if (found !== undefined) return { kind: "answered", ...found };
    kept.set(key, "in-flight");
    return { kind: "started" };
  };
  return {
    begin: async (key) => Promise.resolve(begin(key)),
    renew: async () => Promise.resolve(),
    finish: async (key, hash, answer) => {
      kept.set(key, { hash, answer });
      return Promise.resolve();
    },
    abandon: async (key) => {
      kept.delete(key);
      return Promise.resolve();
    },
  };
}
