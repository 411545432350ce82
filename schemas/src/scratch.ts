/** Avro encoding through one buffer that grows to the largest value seen. */
import type avro from "avsc";

let scratch = Buffer.allocUnsafe(64 * 1024);

/**
 * The prefix and the encoded value as new bytes. `Type.toBuffer` encodes
 * everything beyond 1 KB twice; this does so only while the buffer grows.
 */
export function encodeAfter(
  prefix: Buffer,
  type: avro.Type,
  value: unknown,
): Buffer {
  for (;;) {
    prefix.copy(scratch);
    const end = type.encode(value, scratch, prefix.length);
    if (end >= 0) return Buffer.from(scratch.subarray(0, end));
    scratch = Buffer.allocUnsafe(2 * (scratch.length - end));
  }
}
