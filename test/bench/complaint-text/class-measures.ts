/** Precision, recall and F1 of classes. */
export interface Judged {
  readonly said: string;
  readonly label: string;
}

export interface Measures {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Of one class; 0 where nothing was said or nothing was there. */
export function measuresOf(rows: readonly Judged[], of: string): Measures {
  const said = rows.filter((row) => row.said === of).length;
  const there = rows.filter((row) => row.label === of).length;
  const both = rows.filter((row) => row.said === of && row.label === of).length;
  return {
    precision: said === 0 ? 0 : both / said,
    recall: there === 0 ? 0 : both / there,
    f1: said + there === 0 ? 0 : (2 * both) / (said + there),
  };
}

/** Mean of the F1 of every class that a label names. */
export function macroF1(rows: readonly Judged[]): number {
  const labels = [...new Set(rows.map((row) => row.label))];
  const sum = labels.reduce((s, of) => s + measuresOf(rows, of).f1, 0);
  return labels.length === 0 ? 0 : sum / labels.length;
}
