/**
 * What was done to a draft, to be undone. Pure.
 *
 * now ─push─▶ past + now ─undo─▶ future + now ─redo─▶ …; a push forgets the future.
 */

/** Steps that can be undone. */
export const undoMax = 100;

export interface EditHistory<Draft> {
  readonly past: readonly Draft[];
  readonly now: Draft;
  readonly future: readonly Draft[];
  /** What the last step was of, where letters of one word are one step. */
  readonly stroke: string;
}

export function begin<Draft>(now: Draft): EditHistory<Draft> {
  return { past: [], now, future: [], stroke: "" };
}

/** A step; one that changes nothing is none. */
export function push<Draft>(
  history: EditHistory<Draft>,
  next: Draft,
  stroke = "",
): EditHistory<Draft> {
  if (JSON.stringify(next) === JSON.stringify(history.now)) return history;
  const goesOn = stroke !== "" && stroke === history.stroke;
  const past = goesOn
    ? history.past
    : [...history.past, history.now].slice(-undoMax);
  return { past, now: next, future: [], stroke };
}

export function undo<Draft>(history: EditHistory<Draft>): EditHistory<Draft> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    now: before,
    future: [history.now, ...history.future],
    stroke: "",
  };
}

export function redo<Draft>(history: EditHistory<Draft>): EditHistory<Draft> {
  const [after, ...future] = history.future;
  if (after === undefined) return history;
  return {
    past: [...history.past, history.now],
    now: after,
    future,
    stroke: "",
  };
}
