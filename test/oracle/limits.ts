/**
 * Credit limits as the log says (domain C1, C9.5): lines set by systems, by
 * master data, by people; a person's raise above the automatic ceiling counts
 * only once another person approved it.
 */
import type { CustomerLimitSet, OperatorAction } from "@riskwall/schemas";
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
}

interface Request {
  readonly kind: string | null;
  readonly line: LimitLine;
  readonly actor: string;
  readonly day: number;
  readonly version: number;
}

export interface Limits {
  readonly standing: LimitLine | null;
  readonly temporary: LimitLine | null;
}

interface Book {
  standing: LimitLine | null;
  temporary: LimitLine | null;
  request: Request | null;
  requests: number;
}

const defaultTemporaryDays = 30;
const dayMs = 86_400_000;

/** An older word that comes late does not win (F-9). */
function put(book: Book, kind: string | null, line: LimitLine): void {
  const name = kind === "temporary" ? "temporary" : "standing";
  if (line.setAt >= (book[name]?.setAt ?? -Infinity)) book[name] = line;
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
  const decided = { setAt: now, decidedAt: now };
  const line = { amount, currency, from: now, to, ...decided };
  const worth = toBase(amount, currency, rates);
  const present = standingValue(book, kind, at);
  const ceiling = minorOf(rules.limits.automaticCeiling, rules.currency);
  const isRaise = worth === null || present === null || worth > present;
  if (isRaise && (worth === null || worth > ceiling)) {
    book.requests += 1;
    const { actor } = value;
    book.request = { kind, line, actor, day: today, version: book.requests };
  } else put(book, kind, line);
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
  const decided = { from: at.now, setAt: at.now, decidedAt: at.now };
  if (isApproval) put(book, kind, { ...line, ...decided });
}

/**
 * Standing and temporary lines that the events set, the newest of each kind.
 * Events in log order: what a person may do depends on what stands then.
 */
export function limitsOf(events: readonly Applied[]): Limits {
  const book: Book = {
    ...{ standing: null, temporary: null, request: null, requests: 0 },
  };
  for (const at of events) {
    const { record } = at;
    if (record.name === "CustomerLimitSet") {
      put(book, record.value.kind, bySystem(record.value));
    }
    if (record.name === "CustomerUpserted") {
      const { creditLimit, currency, time } = record.value;
      if (creditLimit === null || currency === null) continue;
      const amount = BigInt(creditLimit);
      const { standing } = book;
      const isSame =
        standing?.amount === amount && standing.currency === currency;
      const decidedAt = isSame ? standing.decidedAt : 0;
      const dates = { from: time, to: null, setAt: time, decidedAt };
      put(book, "standing", { amount, currency, ...dates });
    }
    if (record.name !== "OperatorAction") continue;
    const { value } = record;
    if (value.action === "set-limit") byPerson(book, value, at);
    if (value.action === "approve-limit" || value.action === "reject-limit") {
      answered(book, value, at);
    }
  }
  return { standing: book.standing, temporary: book.temporary };
}

/**
 * The temporary line while it is valid, else the standing one (C1). A temporary
 * line that ended with nothing behind it is expired, not gone.
 */
export function lineAt(limits: Limits, now: number): LimitLine | null {
  const { temporary, standing } = limits;
  if (temporary === null || temporary.from > now) return standing;
  const isValid = temporary.to === null || now < temporary.to;
  return isValid ? temporary : (standing ?? temporary);
}
