/** A complaint's text with the places its facts rest on, for showing. Pure. */

/** Subjects that may be marked, and have a word of their own. */
export const topics = [
  "refusal",
  "liquidity",
  "quality",
  "delivery",
  "billing",
  "service",
  "general",
] as const;
export type Topic = (typeof topics)[number];

export interface Piece {
  readonly text: string;
  /** Null where nothing is marked. */
  readonly topic: Topic | null;
}

interface Mark {
  readonly start: number;
  readonly end: number;
  readonly topic: Topic;
}

export interface Complaint {
  readonly text: string;
  readonly marks: readonly Mark[];
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

/** Marks that lie in the text, in order, none inside another. */
function marksOf(given: unknown, length: number): Mark[] {
  if (!Array.isArray(given)) return [];
  const marks = given.flatMap((mark: unknown): Mark[] => {
    const [start, end] = [field(mark, "start"), field(mark, "end")];
    const topic = topics.find((name) => name === field(mark, "topic"));
    return topic !== undefined &&
      typeof start === "number" &&
      typeof end === "number" &&
      Number.isInteger(start) &&
      Number.isInteger(end) &&
      start >= 0 &&
      start < end &&
      end <= length
      ? [{ start, end, topic }]
      : [];
  });
  let free = 0;
  return marks
    .sort((a, b) => a.start - b.start)
    .filter(({ start, end }) => {
      if (start < free) return false;
      free = end;
      return true;
    });
}

/** From the data of a `complaint.opened` event; null when it has no text. */
export function complaintOf(data: unknown): Complaint | null {
  const text = field(data, "text");
  if (typeof text !== "string" || text === "") return null;
  const marks = marksOf(field(field(data, "facts"), "marks"), text.length);
  return { text, marks };
}

/** Characters shown before the first mark of an excerpt. */
const leadChars = 40;

/** At most `max` characters, the first mark among them; `…` where it is cut. */
export function excerptOf({ text, marks }: Complaint, max: number): Complaint {
  if (text.length <= max) return { text, marks };
  const first = marks[0]?.start ?? 0;
  const from = Math.max(0, Math.min(first - leadChars, text.length - max));
  const to = from + max;
  const before = from > 0 ? "…" : "";
  const shift = before.length - from;
  return {
    text: `${before}${text.slice(from, to)}${to < text.length ? "…" : ""}`,
    marks: marks
      .filter(({ start, end }) => start >= from && end <= to)
      .map((mark) => ({
        ...mark,
        start: mark.start + shift,
        end: mark.end + shift,
      })),
  };
}

/** The text in pieces, marked ones and others, that are the text in a row. */
export function piecesOf({ text, marks }: Complaint): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { start, end, topic } of marks) {
    if (start > at) pieces.push({ text: text.slice(at, start), topic: null });
    pieces.push({ text: text.slice(start, end), topic });
    at = end;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), topic: null });
  return pieces;
}
