/**
 * Customer state as bytes: one layout byte, then Avro `CustomerState`.
 * A build reads layout N and N-1 and writes N.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import avro from "avsc";
import { schemaText } from "./codec.ts";
import {
  packInvoices,
  packOrders,
  packPayments,
  unpackInvoices,
  unpackOrders,
  unpackPayments,
} from "./packed-items.ts";
import type {
  CustomerState,
  OpenAlert,
  OrderItem,
  Summary,
} from "./records.ts";
import { encodeAfter } from "./scratch.ts";

/** Layout written by this build. */
export const stateLayout = 3;

/** avsc writes Buffers only; the fold speaks Uint8Array. */
function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const fullSchema = JSON.parse(
  schemaText("CustomerState"),
) as avro.schema.RecordType;

/** Avro type of a stored state. */
export const stateType = avro.Type.forSchema(
  fullSchema,
) as avro.types.RecordType;

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
  ) as avro.schema.RecordType,
);

/**
 * Lists that are packed: field of the program, and the field of bytes that is
 * stored in its place.
 */
export const packedLists: ReadonlyMap<string, string> = new Map([
  ["orders", "orderBytes"],
  ["invoices", "invoiceBytes"],
  ["payments", "paymentBytes"],
]);

/** What is stored: packed lists beside the fields that hold them opened. */
interface Stored extends CustomerState {
  orderBytes: Buffer;
  invoiceBytes: Buffer;
  paymentBytes: Buffer;
}

const nothing = Buffer.alloc(0);

/** Some fields of a state, as avsc reads them of either layout. */
interface FieldReader {
  readonly now: (bytes: Buffer) => unknown;
  readonly before: (bytes: Buffer) => unknown;
}

/** Reader of the named fields of what is stored. */
function readerOf(isWanted: (name: string) => boolean): FieldReader {
  const fields = fullSchema.fields.filter(({ name }) => isWanted(name));
  const today = avro.Type.forSchema({ ...fullSchema, fields });
  const isWhole = fields.length === fullSchema.fields.length;
  const resolver = isWhole ? undefined : today.createResolver(stateType);
  const before = today.createResolver(layoutBefore);
  return {
    now: (bytes): unknown => today.fromBuffer(bytes, resolver),
    before: (bytes): unknown => today.fromBuffer(bytes, before),
  };
}

/** Throws on a layout this build does not know. */
function isPresentLayout(bytes: Buffer): boolean {
  const layout = bytes[0];
  if (layout !== stateLayout && layout !== stateLayout - 1) {
    throw new Error(`state layout ${String(layout)} is not supported`);
  }
  return layout === stateLayout;
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
  state.tallies = asBuffer(state.tallies);
  const stored: Stored = Object.assign(state, {
    orderBytes: asBuffer(packOrders(state.orders)),
    invoiceBytes: asBuffer(packInvoices(state.invoices)),
    paymentBytes: asBuffer(packPayments(state.payments)),
  });
  const bytes = encodeAfter(layoutByte, stateType, stored);
  forgetPacked(stored);
  return bytes;
}

/** The opened lists are the truth; bytes of before would only mislead. */
function forgetPacked(stored: Stored): void {
  stored.orderBytes = nothing;
  stored.invoiceBytes = nothing;
  stored.paymentBytes = nothing;
}

const whole = readerOf(() => true);

/** Some fields of a stored state, of either layout. */
function fieldsOf(reader: FieldReader, bytes: Buffer): unknown {
  const read = isPresentLayout(bytes) ? reader.now : reader.before;
  return read(bytes.subarray(1));
}

/** State of bytes. Throws on a layout this build does not know. */
export function decodeState(bytes: Buffer): CustomerState {
  const stored = fieldsOf(whole, bytes) as Stored;
  stored.orders = unpackOrders(stored.orderBytes);
  stored.invoices = unpackInvoices(stored.invoiceBytes);
  stored.payments = unpackPayments(stored.paymentBytes);
  forgetPacked(stored);
  return stored;
}

/** The fields of a state that lists and walls need; cheap to decode. */
export interface StateHead {
  readonly id: string;
  readonly name: string;
  readonly segment: string;
  readonly industry: string;
  readonly groupId: string | null;
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
  "groupId",
  "score",
  "class",
  "summary",
  "loading",
  "asOf",
]);
const head = readerOf((name) => headNames.has(name));

/** Decodes the head of a state only. */
export function decodeHead(bytes: Buffer): StateHead {
  return fieldsOf(head, bytes) as StateHead;
}

/** Status of an order that waits for a decision; the fold writes it. */
export const heldStatus = 1;

const listedNames = new Set([...headNames, "alerts", "orderBytes"]);
const listed = readerOf((name) => listedNames.has(name));

/** What lists and walls show of a subject. */
export interface ListedState {
  readonly head: StateHead;
  readonly held: readonly OrderItem[];
  readonly alerts: readonly OpenAlert[];
}

/** Head, held orders and alerts, in one pass over the bytes. */
export function decodeListed(bytes: Buffer): ListedState {
  const read = fieldsOf(listed, bytes) as StateHead & Stored;
  const { alerts, orderBytes, ...rest } = read;
  const held = unpackOrders(orderBytes).filter(isHeld);
  return { head: rest, held, alerts };
}

function isHeld(order: OrderItem): boolean {
  return order.status === heldStatus;
}
