/**
 * Two customers become one (F-25): both streams are read as one customer's. The
 * papers of the id that ends go to the one that stays, with the record that
 * hands them over; the same paper under both names is one paper.
 */
import type { CustomerMerged, CustomerMoved } from "@riskwall/schemas";
import { forgetPapers } from "./account.ts";
import type { Applied, Chronicle, Dossier } from "./chronicle.ts";
import { dossierOf } from "./chronicle.ts";
import { emptyDiary } from "./diary.ts";
import { limitsAt } from "./limits.ts";
import { byTime, papersOf, saidOf } from "./papers.ts";

/** Handed over and not yet taken, by merge (partition-offset). */
export interface Merges {
  readonly waiting: Map<string, Dossier>;
  /** Customers of which a part never came: their ledger is not whole. */
  readonly broken: Set<string>;
  /** Reads another partition up to a merge. */
  reach: (mergeId: string) => void;
}

export function createMerges(): Merges {
  return {
    waiting: new Map(),
    broken: new Set(),
    reach: (): void => undefined,
  };
}

/** The id that ends: it keeps nothing but the name of the other. */
export function handOver(
  chronicle: Chronicle,
  dossier: Dossier,
  { into, customerId }: CustomerMerged,
): void {
  const names = namesOf(chronicle, customerId);
  if (into === customerId || names.has(into)) {
    chronicle.deadLetters += 1;
    return;
  }
  const mergeId = `${String(chronicle.partition)}-${String(chronicle.next - 1)}`;
  chronicle.merges.waiting.set(mergeId, { ...dossier });
  const stub: Dossier = {
    ...dossier,
    ...{ events: [], diary: emptyDiary(), mergedInto: into },
    ...{ remembered: [...dossier.remembered], merges: new Set() },
  };
  chronicle.customers.set(customerId, stub);
  chronicle.groups.members.delete(customerId);
}

/** Ids that became part of a customer: none of them may take it in turn. */
const aliases = new WeakMap<Dossier, Set<string>>();

function namesOf({ customers }: Chronicle, id: string): ReadonlySet<string> {
  const dossier = customers.get(id);
  return (dossier && aliases.get(dossier)) ?? new Set();
}

/** The id that stays takes the papers, once. */
export function takeMoved(
  chronicle: Chronicle,
  { customerId, mergeId, from }: CustomerMoved,
): void {
  const { merges } = chronicle;
  const dossier = dossierOf(chronicle, customerId);
  if (dossier.mergedInto !== null || dossier.merges.has(mergeId)) {
    // Two names that point at each other: one of both is left with all.
    if (dossier.mergedInto !== from || dossier.id > from) return;
    dossier.mergedInto = null;
  }
  if (!merges.waiting.has(mergeId)) merges.reach(mergeId);
  const other = merges.waiting.get(mergeId);
  dossier.merges.add(mergeId);
  if (!other) {
    merges.broken.add(customerId);
    return;
  }
  if (merges.broken.has(from)) merges.broken.add(customerId);
  unite(dossier, other);
  const names = aliases.get(dossier) ?? new Set<string>();
  for (const id of [from, ...(aliases.get(other) ?? [])]) names.add(id);
  aliases.set(dossier, names);
  dossier.clock = Math.max(dossier.clock, other.clock);
  dossier.floor = Math.max(dossier.floor, other.floor);
  dossier.remembered = [...other.remembered, ...dossier.remembered];
  for (const [key, source] of other.history) dossier.history.set(key, source);
  dossier.diary.touched = chronicle.next - 1;
}

/** Fields by which papers of each kind are known. */
const idFields = {
  orderId: "orders",
  invoiceId: "invoices",
  paymentId: "payments",
} as const;

/** Both streams in the order of log time; of one instant, the target's last. */
function unite(dossier: Dossier, other: Dossier): void {
  const [own, more] = [papersOf(dossier.events), papersOf(other.events)];
  const renamed = { orderId: names(), invoiceId: names(), paymentId: names() };
  for (const [field, list] of Object.entries(idFields) as [
    keyof typeof idFields,
    (typeof idFields)[keyof typeof idFields],
  ][]) {
    for (const [id, { value }] of more[list]) {
      const same = own[list].get(id);
      if (same === undefined) continue;
      const isOne =
        same.value.amount === value.amount &&
        same.value.currency === value.currency;
      if (!isOne) renamed[field].set(id, `${id}@${other.id}`);
    }
  }
  const limits = limitsAt(dossier.events, dossier.diary.asOf);
  const lines = [limits.standing, limits.temporary, limits.coming];
  const hasLimit = lines.some((line) => line !== null);
  const told = other.events
    .filter((event) => !(hasLimit && isAboutLimit(event)))
    .map((event) => rename(withoutKnown(event, dossier), renamed));
  const all = [...told, ...dossier.events].sort(
    (a, b) => a.logTime - b.logTime,
  );
  dossier.events.splice(0, dossier.events.length, ...all);
  // What came first was read first, whatever partition it came from.
  dossier.events.forEach((event, i) => {
    dossier.events[i] = { ...event, offset: i - all.length };
  });
  for (const [id, stand] of other.diary.orders) {
    const name = renamed.orderId.get(id) ?? id;
    if (!dossier.diary.orders.has(name)) dossier.diary.orders.set(name, stand);
  }
  forgetPapers(dossier);
}

const names = (): Map<string, string> => new Map();

function isAboutLimit({ record: { name, value } }: Applied): boolean {
  if (name === "CustomerLimitSet") return true;
  return name === "OperatorAction" && value.action.endsWith("-limit");
}

/** Master data of the other id say only what the customer's own leave open. */
function withoutKnown(event: Applied, { events }: Dossier): Applied {
  const { record } = event;
  if (record.name !== "CustomerUpserted") return event;
  const said = new Set<string>();
  for (const { value } of saidOf(byTime(events), "CustomerUpserted")) {
    for (const [field, told] of Object.entries(value)) {
      if (told !== null) said.add(field);
    }
  }
  const entries = Object.entries(record.value).map(([field, told]) => [
    field,
    masterFields.has(field) && said.has(field) ? null : (told as unknown),
  ]);
  // The same record with some fields left out.
  const value = Object.fromEntries(entries) as typeof record.value;
  return { ...event, record: { ...record, value } };
}

const masterFields: ReadonlySet<string> = new Set([
  ...["name", "segment", "industry", "country", "owner", "groupId"],
  ...["termsDays", "creditLimit", "currency"],
]);

function rename(
  event: Applied,
  renamed: Readonly<Record<keyof typeof idFields, Map<string, string>>>,
): Applied {
  const isSame = Object.values(renamed).every((map) => map.size === 0);
  if (isSame) return event;
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([field, item]) => {
        if (field === "invoiceIds" && Array.isArray(item)) {
          const ids = item as readonly string[];
          return [field, ids.map((id) => renamed.invoiceId.get(id) ?? id)];
        }
        const map = renamed[field as keyof typeof idFields] as
          Map<string, string> | undefined;
        const isName = map !== undefined && typeof item === "string";
        return [field, isName ? (map.get(item) ?? item) : walk(item)];
      }),
    );
  };
  const { record } = event;
  const value = walk(record.value);
  // The same record with other names of its papers.
  return { ...event, record: { ...record, value } as typeof record };
}
