/**
 * The leakage test: everything after a day is thrown about, and whatever was
 * computed up to that day must come out the same to the last bit.
 */
import { createUniform } from "../../../processor/src/core/forecast/seeded-uniform.ts";
import { timeOf, type DatedRecord } from "./datarisk-records.ts";

/** The record on another day, its own dates with it. */
function moved(item: DatedRecord, day: number): DatedRecord {
  const { record } = item;
  const time = timeOf(day);
  switch (record.name) {
    case "PaymentReceived": {
      const value = { ...record.value, time, valueDate: day };
      return { day, record: { ...record, value } };
    }
    case "InvoiceIssued": {
      const { issueDate, dueDate } = record.value;
      const due = day + dueDate - issueDate;
      const value = { ...record.value, time, issueDate: day, dueDate: due };
      return { day, record: { ...record, value } };
    }
    default:
      return item;
  }
}

/** The same records up to a day; the later ones have changed their days. */
export function shuffleFuture(
  records: readonly DatedRecord[],
  lastKept: number,
  seed: number,
): DatedRecord[] {
  const uniform = createUniform(seed);
  const future = records.filter((item) => item.day > lastKept);
  const days = future.map((item) => item.day);
  for (let i = days.length - 1; i > 0; i -= 1) {
    const j = Math.floor(uniform() * (i + 1));
    [days[i], days[j]] = [days[j] ?? 0, days[i] ?? 0];
  }
  const thrown = future
    .map((item, i) => moved(item, days[i] ?? item.day))
    .sort((a, b) => a.day - b.day);
  return [...records.filter((item) => item.day <= lastKept), ...thrown];
}
