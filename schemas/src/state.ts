/**
 * Customer state as bytes: one layout byte, then Avro `CustomerState`.
 * A build reads layout N and N-1 and writes N.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import avro from "avsc";
import { avroType } from "./codec.ts";
import type { CustomerState, OrderItem, Summary } from "./records.ts";
import { encodeAfter } from "./scratch.ts";

/** Layout written by this build. */
export const stateLayout = 2;

const type = avroType("CustomerState");
const layoutByte = Buffer.from([stateLayout]);

/** The layout before: how its bytes were written. */
const layoutBefore = avro.Type.forSchema(
  JSON.parse(
    readFileSync(
      fileURLToPath(
        new URL(
          `../avro/layouts/${String(stateLayout - 1)}.avsc`,
          import.meta.url,
        ),
      ),
      "utf8",
    ),
  ) as avro.Schema,
);

/** Decodes bytes of a layout this build knows; throws on any other. */
function reader(wanted: avro.Type): (bytes: Buffer) => unknown {
  const now = wanted === type ? undefined : wanted.createResolver(type);
  const before = wanted.createResolver(layoutBefore);
  return (bytes) => {
    const layout = bytes[0];
    if (layout !== stateLayout && layout !== stateLayout - 1) {
      throw new Error(`state layout ${String(layout)} is not supported`);
    }
    const resolver = layout === stateLayout ? now : before;
    return wanted.fromBuffer(bytes.subarray(1), resolver);
  };
}

/** avsc writes Buffers only; the fold speaks Uint8Array. */
function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Bytes of a state: the value of Redis key `…:c:<subject>`. Its packed fields
 * become Buffers of the same bytes.
 */
export function encodeState(state: CustomerState): Buffer {
  state.seen = asBuffer(state.seen);
  state.history = asBuffer(state.history);
  state.tiles = asBuffer(state.tiles);
  state.orderRing = asBuffer(state.orderRing);
  state.delayRing = asBuffer(state.delayRing);
  state.exposureDays = asBuffer(state.exposureDays);
  state.scoreLog = asBuffer(state.scoreLog);
  state.places = asBuffer(state.places);
  state.payers = asBuffer(state.payers);
  return encodeAfter(layoutByte, type, state);
}

const readState = reader(type);

/** State of bytes. Throws on a layout this build does not know. */
export function decodeState(bytes: Buffer): CustomerState {
  return readState(bytes) as CustomerState;
}

/** The fields of a state that lists and walls need; cheap to decode. */
export interface StateHead {
  readonly id: string;
  readonly name: string;
  readonly segment: string;
  readonly industry: string;
  readonly score: number;
  readonly class: string;
  readonly summary: Summary;
  readonly loading: { readonly clock: number; readonly until: number } | null;
  readonly asOf: number;
}

const headNames = new Set([
  "id",
  "name",
  "segment",
  "industry",
  "score",
  "class",
  "summary",
  "loading",
  "asOf",
]);
const fullSchema = type.schema() as avro.schema.RecordType;
const headType = avro.Type.forSchema({
  ...fullSchema,
  fields: fullSchema.fields.filter((field) => headNames.has(field.name)),
});
const readHead = reader(headType);

/** Decodes the head of a state only. */
export function decodeHead(bytes: Buffer): StateHead {
  return readHead(bytes) as StateHead;
}

/** Status of an order that waits for a decision; the fold writes it. */
export const heldStatus = 1;

const ordersType = avro.Type.forSchema({
  ...fullSchema,
  fields: fullSchema.fields.filter((field) => field.name === "orders"),
});
const readOrders = reader(ordersType);

/** The held orders of a state, without decoding the rest of it. */
export function decodeHeldOrders(bytes: Buffer): OrderItem[] {
  const { orders } = readOrders(bytes) as Pick<CustomerState, "orders">;
  return orders.filter((order) => order.status === heldStatus);
}
