/** Shifts as a calendar that programs of others subscribe to (RFC 5545). */
import type { Shift } from "./schedule.ts";
import { utf8Length } from "./wording.ts";

/** Octets of a line at most, without its end. */
const lineMax = 75;

const escape = (text: string): string =>
  text
    .replace(/[\\;,]/g, (sign) => `\\${sign}`)
    .replace(/\r?\n|\r/g, String.raw`\n`);

/** A long line goes on after a line end and a space. */
function fold(line: string): string {
  let [out, room] = ["", lineMax];
  for (const sign of line) {
    const size = utf8Length(sign);
    if (size > room) {
      out += "\r\n ";
      room = lineMax - 1;
    }
    out += sign;
    room -= size;
  }
  return out;
}

/** `20261127T010000Z`. */
function stamp(at: number): string {
  const text = new Date(at).toISOString();
  return text.replace(/\.\d+/, "").replace(/[-:]/g, "");
}

export interface CalendarText {
  /** What the calendar is called. */
  readonly name: string;
  /** What a gap is called. */
  readonly gapName: string;
  readonly nameOf: (person: string) => string;
  readonly now: number;
}

function eventOf(
  { person, from, to, by }: Shift,
  { id, name }: CalendarPart,
  { gapName, nameOf, now }: CalendarText,
): readonly string[] {
  const who = person === null ? gapName : nameOf(person);
  return [
    "BEGIN:VEVENT",
    `UID:${escape(`${id}-${String(from)}-${person ?? "gap"}`)}@riskwall`,
    `DTSTAMP:${stamp(now)}`,
    `DTSTART:${stamp(from)}`,
    `DTEND:${stamp(to)}`,
    `SUMMARY:${escape(`${who} · ${name}`)}`,
    `CATEGORIES:${by.toUpperCase()}`,
    "TRANSP:TRANSPARENT",
    "END:VEVENT",
  ];
}

/** Shifts of one schedule. */
export interface CalendarPart {
  readonly id: string;
  readonly name: string;
  readonly shifts: readonly Shift[];
}

/** The calendar; gaps are events, too, so that nobody overlooks them. */
export function calendarOf(
  parts: readonly CalendarPart[],
  text: CalendarText,
): string {
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//riskwall//on call//EN",
    "CALSCALE:GREGORIAN",
    "METHOD:PUBLISH",
    `X-WR-CALNAME:${escape(text.name)}`,
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
  ];
  for (const part of parts) {
    for (const shift of part.shifts) lines.push(...eventOf(shift, part, text));
  }
  lines.push("END:VCALENDAR");
  return `${lines.map(fold).join("\r\n")}\r\n`;
}
