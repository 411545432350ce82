/** What a run without any fault would have made of the same log. */
import { createHash } from "node:crypto";
import type { RawRecord } from "../../processor/src/pipeline.ts";
import { decodeRecord } from "../../processor/src/pipeline.ts";
import { slotOf, type Slot } from "../../processor/src/core/slot.ts";
import { createSink } from "../../processor/src/io/kafka.ts";
import type { BenchNamespace } from "../bench/bench-namespace.ts";
import { freshFold } from "../support/fresh-fold.ts";

/** `topic/partition-offset-n` of an output → digest of its bytes. */
export type Outputs = Map<string, string>;

/** Topics whose records carry a position in the order of their partition. */
export function judgedTopics({ topics }: BenchNamespace): readonly string[] {
  return [topics.scores, topics.alerts, topics.decisions, topics.late];
}

export const digestOf = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("base64");

/**
 * Folds the log from its first record, in one piece, without Kafka and Redis:
 * the set of outputs that readers have to end up with, whatever happened.
 */
export function undisturbed(
  space: BenchNamespace,
  log: readonly (readonly RawRecord[])[],
): Outputs {
  const { encode } = createSink(
    space.kafka.producer(),
    space.codec,
    space.namespace,
  );
  const topics = new Set(judgedTopics(space));
  const made: Outputs = new Map();
  log.forEach((records, partition) => {
    const fold = freshFold(partition);
    const slots = new Map<string, Slot>();
    for (const raw of records) {
      const item = decodeRecord(space.codec, raw);
      for (const id of fold.needs(item)) {
        if (!slots.has(id)) slots.set(id, slotOf(null));
      }
      const { outputs } = fold.fold(item, slots);
      for (const { topic, value } of encode(outputs)) {
        if (!topics.has(topic)) continue;
        made.set(`${topic}/${placeOf(space, value)}`, digestOf(value));
      }
    }
  });
  return made;
}

/** Position of an output in the order of its partition. */
export function placeOf(space: BenchNamespace, wire: Buffer): string {
  const decoded = space.codec.decode(wire);
  if (decoded.kind !== "record") throw new Error("not decodable");
  const { value } = decoded.record;
  if (!("n" in value)) throw new Error("an output without position");
  return `${String(value.partition)}-${String(value.offset)}-${String(value.n)}`;
}
