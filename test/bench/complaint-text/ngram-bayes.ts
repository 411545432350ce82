/**
 * The challenger of domain C11: naive Bayes over character 2-3-grams. Fitted
 * in the run that judges it; no weight of it is kept, because the texts come
 * without a licence.
 */
import type { LabelledText } from "./complaint-rows.ts";

const sizes = [2, 3] as const;
const smoothing = 0.3;
/** Rarer n-grams say nothing. */
const textsMin = 2;

function gramsOf(text: string): Set<string> {
  const plain = text.normalize("NFKC").toLowerCase().replaceAll(/\s+/g, " ");
  const grams = new Set<string>();
  for (const size of sizes) {
    for (let at = 0; at + size <= plain.length; at += 1) {
      grams.add(plain.slice(at, at + size));
    }
  }
  return grams;
}

/** The class whose texts such a text is likeliest among. */
export function trainBayes(
  rows: readonly LabelledText[],
): (text: string) => string {
  const labels = [...new Set(rows.map((row) => row.label))].sort();
  const texts = labels.map(
    (label) => rows.filter((row) => row.label === label).length,
  );
  const counts = new Map<string, number[]>();
  for (const row of rows) {
    const of = labels.indexOf(row.label);
    for (const gram of gramsOf(row.text)) {
      const count = counts.get(gram) ?? labels.map(() => 0);
      count[of] = (count[of] ?? 0) + 1;
      counts.set(gram, count);
    }
  }
  for (const [gram, count] of counts) {
    if (count.reduce((a, b) => a + b, 0) < textsMin) counts.delete(gram);
  }
  const totals = labels.map((_, i) =>
    [...counts.values()].reduce((sum, count) => sum + (count[i] ?? 0), 0),
  );
  return (text) => {
    const scores = texts.map((n) => Math.log(n / rows.length));
    for (const gram of gramsOf(text)) {
      const count = counts.get(gram);
      if (count === undefined) continue;
      count.forEach((n, i) => {
        const all = (totals[i] ?? 0) + smoothing * counts.size;
        scores[i] = (scores[i] ?? 0) + Math.log((n + smoothing) / all);
      });
    }
    return labels[scores.indexOf(Math.max(...scores))] ?? "";
  };
}
