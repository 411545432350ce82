/**
 * Credit limits as the log says (domain C1, C9.5): lines set by systems, by
 * master data, by people; a person's raise above the automatic ceiling counts
 * only once another person approved it.
 */
import type {
  CustomerLimitSet,
  CustomerUpserted,
  OperatorAction,
} from "@riskwall/schemas";
import { localDay } from "./calendar.ts";
import type { Applied } from "./chronicle.ts";
import { toBase } from "./rates.ts";
import { minorOf } from "./rules.ts";

/** One line of a limit: from its first to before its last instant. */
export interface LimitLine {
  readonly amount: bigint;
  readonly currency: string;
  readonly from: number;
  readonly to: number | null;
  /** Event time of what set it, ms. */
  readonly setAt: number;
  /** When it was decided live, ms; 0 = not known. */
  readonly decidedAt: number;
  /** Who asked and who approved; empty for systems. */
  readonly by: string;
  readonly second: string;
}

export interface LimitRequest {
  readonly kind: string | null;
  readonly line: LimitLine;
  readonly actor: string;
  readonly day: number;
  readonly version: number;
}

export interface Limits {
  readonly standing: LimitLine | null;
  /** Standing line that was decided and begins later. */
  readonly coming: LimitLine | null;
  readonly temporary: LimitLine | null;
  /** What waits for a second person, and how often somebody asked. */
  readonly request: LimitRequest | null;
  readonly requests: number;
}

type Book = { -readonly [Name in keyof Limits]: Limits[Name] };

/** What the rails made of a line, by the time that set it (C9.5). */
export interface AutomaticLine {
  readonly setAt: number;
  readonly amount: bigint;
}

const defaultTemporaryDays = 30;
const dayMs = 86_400_000;

/** A line that was decided before begins on its day. */
function begin(book: Book, now: number): void {
  const { coming } = book;
  if (coming === null || coming.from > now) return;
  book.standing = coming;
  book.coming = null;
}

/**
 * An older word that comes late does not win (F-9). A standing line that begins
 * later leaves the present one in force until then; whoever decides anew before
 * that day decides on both.
 */
function put(
  book: Book,
  kind: string | null,
  line: LimitLine,
  now: number,
): void {
  const name = kind === "temporary" ? "temporary" : "standing";
  if (line.setAt < (book[name]?.setAt ?? -Infinity)) return;
  const isOld = line.setAt < (book.coming?.setAt ?? -Infinity);
  if (name === "standing" && line.from > now) {
    if (!isOld) book.coming = line;
    return;
  }
  book[name] = line;
  if (name === "standing" && !isOld) book.coming = null;
}

function bySystem(value: CustomerLimitSet): LimitLine {
  const from = value.validFrom ?? value.time;
  const isTemporary = value.kind === "temporary";
  const end = isTemporary ? from + defaultTemporaryDays * dayMs : null;
  return {
    amount: BigInt(value.amount),
    currency: value.currency,
    from,
    to: value.validTo ?? end,
    setAt: value.time,
    decidedAt: value.historical ? 0 : value.time,
    ...{ by: "", second: "" },
  };
}

/** Value of what stands of a kind now; null = no limit, 0 once it ended. */
function standingValue(
  book: Book,
  kind: string | null,
  { now, rates }: Applied,
): bigint | null {
  const line = kind === "temporary" ? lineAt(book, now) : book.standing;
  if (line === null) return null;
  if (line.to !== null && line.to <= now) return 0n;
  return toBase(line.amount, line.currency, rates);
}

function byPerson(book: Book, value: OperatorAction, at: Applied): void {
  const { now, rules, rates } = at;
  const { currency, kind } = value;
  if (value.amount === null || currency === null) return;
  const end = kind === "temporary" ? now + defaultTemporaryDays * dayMs : null;
  const to = value.until ?? end;
  if (to !== null && to <= now) return;
  const zone = rules.zoneOffsetMinutes;
  const today = localDay(now, zone);
  const lasts = to === null ? 0 : localDay(to, zone) - today;
  if (kind === "temporary" && lasts > rules.limits.temporaryMaxDays) return;
  const amount = BigInt(value.amount);
  const decided = { setAt: now, decidedAt: now, by: value.actor, second: "" };
  const line = { amount, currency, from: now, to, ...decided };
  const worth = toBase(amount, currency, rates);
  const present = standingValue(book, kind, at);
  const ceiling = minorOf(rules.limits.automaticCeiling, rules.currency);
  const isRaise = worth === null || present === null || worth > present;
  if (isRaise && (worth === null || worth > ceiling)) {
    book.requests += 1;
    const { actor } = value;
    book.request = { kind, line, actor, day: today, version: book.requests };
  } else put(book, kind, line, now);
}

function answered(book: Book, value: OperatorAction, at: Applied): void {
  const { request } = book;
  const today = localDay(at.now, at.rules.zoneOffsetMinutes);
  if (request === null) return;
  if (today >= request.day + at.rules.limits.requestDays) return;
  if (value.expected !== null && value.expected !== request.version) return;
  if (value.actor === request.actor) return;
  const { line, kind } = request;
  const isApproval = value.action === "approve-limit";
  if (isApproval && line.to !== null && line.to <= at.now) return;
  book.request = null;
  const dates = { from: at.now, setAt: at.now, decidedAt: at.now };
  const decided = { ...dates, second: value.actor };
  if (isApproval) put(book, kind, { ...line, ...decided }, at.now);
}

/** Master data that repeat what stands say nothing of what is to come. */
function byMaster(
  book: Book,
  { creditLimit, time }: CustomerUpserted,
  currency: string,
  now: number,
): void {
  if (creditLimit === null) return;
  const amount = BigInt(creditLimit);
  const { standing, coming } = book;
  const isSame = standing?.amount === amount && standing.currency === currency;
  const decided = isSame ? standing : { decidedAt: 0, by: "", second: "" };
  const { decidedAt, by, second } = decided;
  const dates = { from: time, to: null, setAt: time, decidedAt };
  const line = { amount, currency, ...dates, by, second };
  put(book, "standing", { ...line, from: Math.min(time, now) }, now);
  if (isSame) book.coming = coming;
}

/**
 * Standing and temporary lines as the events left them at an instant. Events in
 * log order: what a person may do depends on what stands then.
 */
export function limitsAt(
  events: readonly Applied[],
  now: number,
  automatic: AutomaticLine | null = null,
): Limits {
  const book: Book = {
    ...{ standing: null, coming: null, temporary: null },
    ...{ request: null, requests: 0 },
  };
  /** Currency of the customer, as its master data said last. */
  let usual: string | null = null;
  for (const at of events) {
    const { record } = at;
    begin(book, at.now);
    if (record.name === "CustomerLimitSet") {
      put(book, record.value.kind, bySystem(record.value), at.now);
    }
    if (record.name === "CustomerUpserted") {
      usual = record.value.currency ?? usual;
      const currency = usual ?? at.rules.currency;
      byMaster(book, record.value, currency, at.now);
    }
    if (record.name !== "OperatorAction") continue;
    const { value } = record;
    if (value.target !== "customer") continue;
    if (value.action === "set-limit") byPerson(book, value, at);
    if (value.action === "approve-limit" || value.action === "reject-limit") {
      answered(book, value, at);
    }
  }
  begin(book, now);
  const { standing } = book;
  if (standing !== null && standing.setAt === automatic?.setAt) {
    book.standing = { ...standing, amount: automatic.amount };
  }
  return book;
}

/**
 * The temporary line while it is valid, else the standing one (C1). A temporary
 * line that ended with nothing behind it is expired, not gone.
 */
export function lineAt(
  limits: Pick<Limits, "standing" | "temporary">,
  now: number,
): LimitLine | null {
  const { temporary, standing } = limits;
  if (temporary === null || temporary.from > now) return standing;
  const isValid = temporary.to === null || now < temporary.to;
  return isValid ? temporary : (standing ?? temporary);
}
