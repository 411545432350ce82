/** How long an alert may sleep, in one tap. */
export const snoozeChoices = ["15min", "1h", "4h", "morning"] as const;
export type SnoozeChoice = (typeof snoozeChoices)[number];

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** The zone of every time on screen (`format.ts`): no daylight saving. */
const zoneMs = 8 * hourMs;
const morningHour = 9;

/** The end of a snooze that begins now, ms. */
export function snoozeUntil(choice: SnoozeChoice, now: number): number {
  switch (choice) {
    case "15min":
      return now + 15 * minuteMs;
    case "1h":
      return now + hourMs;
    case "4h":
      return now + 4 * hourMs;
    case "morning": {
      const tomorrow = Math.floor((now + zoneMs) / dayMs) + 1;
      return tomorrow * dayMs - zoneMs + morningHour * hourMs;
    }
  }
}
