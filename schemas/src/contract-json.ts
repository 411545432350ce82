/** Business records as the JSON of contract 2: the inverse of parsing. */
import { formatMinor } from "./money.ts";
import {
  businessTypes,
  contractType,
  type BusinessRecordName,
  type NamedRecord,
} from "./records.ts";

const businessNames: ReadonlySet<string> = new Set(
  Object.values(businessTypes),
);

/** True for the name of a record that a business event becomes. */
export function isBusinessName(name: string): name is BusinessRecordName {
  return businessNames.has(name);
}

/** Fields of records that hold days, money or thousandths, back to JSON. */
const dayFields = new Set([
  "dueDate",
  "issueDate",
  "valueDate",
  "promiseDate",
  "since",
  "ratedAt",
  "doneDate",
  "date",
  "asOf",
  "discountDate",
]);
const moneyFields = new Set([
  "amount",
  "disputedAmount",
  "creditLimit",
  "discount",
]);

function dayText(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

/** A decoded business record as contract JSON, so that it is checked alike. */
export function toContract(record: NamedRecord): unknown {
  if (!isBusinessName(record.name)) return { type: record.name };
  const fields = record.value as unknown as Readonly<Record<string, unknown>>;
  const currency =
    typeof fields["currency"] === "string" ? fields["currency"] : "CNY";
  const data = convert(fields, currency);
  for (const name of ["eventId", "source", "time", "facts"]) delete data[name];
  Object.assign(data, shaped(record));
  const time = Number(fields["time"]);
  return {
    id: fields["eventId"],
    source: fields["source"],
    type: contractType(record.name),
    time: Number.isFinite(time) ? new Date(time).toISOString() : fields["time"],
    data,
  };
}

/** Fields whose JSON differs from the record by more than its unit. */
function shaped({ name, value }: NamedRecord): Record<string, unknown> {
  if (name === "CoverSet") return { coverage: value.coverage / 10 };
  if (name === "InvoiceIssued") {
    const { discount } = value;
    const discountPercent = discount === 0 ? undefined : discount / 100;
    return { discount: undefined, discountPercent };
  }
  if (name === "DunningSent" && value.level > 7) {
    const stage = value.level === 8 ? "agency" : "court";
    return { level: undefined, stage };
  }
  return {};
}

function convert(
  fields: Readonly<Record<string, unknown>>,
  currency: string,
): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) continue;
    if (typeof value === "number" && dayFields.has(name))
      out[name] = dayText(value);
    else if (typeof value === "number" && moneyFields.has(name)) {
      out[name] = formatMinor(value, currency);
    } else if (typeof value === "number" && name === "severity") {
      out[name] = value / 1000;
    } else if (
      typeof value === "number" &&
      (name === "validFrom" || name === "validTo")
    ) {
      out[name] = new Date(value).toISOString();
    } else if (Array.isArray(value)) {
      out[name] = value.map((item: unknown) =>
        typeof item === "object" && item !== null
          ? convert(item as Record<string, unknown>, currency)
          : item,
      );
    } else out[name] = value;
  }
  return out;
}
