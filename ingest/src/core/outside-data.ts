/**
 * The `data` of events that speak of cover, contracts, registers, industry,
 * dunning and balances (domain B), as the fields of their records.
 */
import {
  date,
  dayOrInstant,
  endOf,
  isAbsent,
  money,
  oneOf,
  optional,
  percent,
  refuse,
  startOf,
  subjectId,
  text,
  whole,
  type Fields,
} from "./fields.ts";

const p = "data.";
const word = optional((d, name, path) => text(d, name, path));
const ref = optional(subjectId);
const day = optional(date);

function cover(d: Fields): object {
  const validFrom = optional(startOf)(d, "validFrom", p);
  const validTo = optional(endOf)(d, "validTo", p);
  if (validFrom !== null && validTo !== null && validTo <= validFrom) {
    refuse("bad_value", "data.validTo", "validTo must be after validFrom");
  }
  const kinds = ["insurance", "guarantee", "deposit", "collateral"] as const;
  return {
    coverId: subjectId(d, "coverId", p),
    kind: oneOf(kinds)(d, "kind", p),
    ...money(d, p),
    // Tenths of a percent are permille.
    coverage: percent(1)(d, "coverage", p),
    countsIn: oneOf(["limit", "exposure"])(d, "countsIn", p),
    validFrom,
    validTo,
    issuer: word(d, "issuer", p),
    policy: word(d, "policy", p),
  };
}

const industryWords: readonly string[] = ["low", "neutral", "raised", "high"];

/** 0 to 3, or the word for it. */
function industryLevel(d: Fields): number {
  const value = d["level"];
  const known =
    typeof value === "string" ? industryWords.indexOf(value) : value;
  if (isAbsent(value)) return whole([0, 3])(d, "level", p);
  return typeof known === "number" &&
    Number.isInteger(known) &&
    known >= 0 &&
    known <= 3
    ? known
    : refuse(
        "bad_value",
        "data.level",
        `must be 0 to 3, or ${industryWords.join(", ")}`,
      );
}

/** Levels of the two stages beyond letters. */
const stages = { agency: 8, court: 9 } as const;

function dunningLevel(d: Fields): number {
  const stage = optional(oneOf(["letter", "agency", "court"]))(d, "stage", p);
  return stage === "agency" || stage === "court"
    ? stages[stage]
    : whole([1, 7])(d, "level", p);
}

const registerKinds = [
  "court",
  "execution",
  "insolvency",
  "tax-default",
] as const;

/** Fields of the record of each type; throws `Refusal`. */
export const outsideData = {
  "cover.set": cover,
  "milestone.reported": (d: Fields) => ({
    milestoneId: subjectId(d, "milestoneId", p),
    contractId: ref(d, "contractId", p),
    dueDate: date(d, "dueDate", p),
    doneDate: day(d, "doneDate", p),
  }),
  "register.reported": (d: Fields) => ({
    registerId: subjectId(d, "registerId", p),
    kind: oneOf(registerKinds)(d, "kind", p),
    status: optional(oneOf(["open", "closed"]))(d, "status", p) ?? "open",
    date: date(d, "date", p),
    authority: word(d, "authority", p),
  }),
  "industry.rated": (d: Fields) => ({
    industry: word(d, "industry", p),
    level: industryLevel(d),
    ratedAt: optional(dayOrInstant)(d, "ratedAt", p),
  }),
  "dunning.sent": (d: Fields) => ({
    dunningId: subjectId(d, "dunningId", p),
    level: dunningLevel(d),
    invoiceId: ref(d, "invoiceId", p),
    channel: word(d, "channel", p),
    result: word(d, "result", p),
  }),
  "balance.reported": (d: Fields) => ({
    asOf: date(d, "asOf", p),
    ...money(d, p),
  }),
} as const;
