import { describe, expect, it } from "vitest";
import { alertOf } from "../console/alerts/alert-view.test-support.ts";
import {
  alarm,
  isQuiet,
  repeatMs,
  soundEveryMs,
  startAlarm,
  type AlarmInput,
} from "./alarm.ts";

const critical = alertOf({ alertId: "c1", severity: "critical" });
const high = alertOf({ alertId: "h1", severity: "high" });
const low = alertOf({ alertId: "l1", severity: "low" });
const at = (now: number, alerts: AlarmInput["alerts"]): AlarmInput => ({
  ...{ now, alerts, hour: 12, quiet: null },
});

describe("quiet hours", () => {
  it.each([
    [23, { from: 22, to: 7 }, true],
    [3, { from: 22, to: 7 }, true],
    [7, { from: 22, to: 7 }, false],
    [13, { from: 12, to: 14 }, true],
    [14, { from: 12, to: 14 }, false],
    [5, { from: 5, to: 5 }, false],
    [5, null, false],
  ])("at %i in %j: %s", (hour, quiet, expected) => {
    expect(isQuiet(hour, quiet)).toBe(expected);
  });
});

describe("the alarm", () => {
  it("tells severities apart and is silent about lesser ones", () => {
    const state = startAlarm([]);
    expect(alarm(state, at(0, [high])).sound).toBe("high");
    expect(alarm(state, at(0, [high, critical])).sound).toBe("critical");
    expect(alarm(state, at(0, [low])).sound).toBeNull();
  });

  it("repeats for a critical alert until somebody takes it", () => {
    const first = alarm(startAlarm([]), at(0, [critical]));
    expect(first.about?.alertId).toBe("c1");
    const soon = alarm(first.state, at(repeatMs - 1, [critical]));
    expect(soon.sound).toBeNull();
    const again = alarm(first.state, at(repeatMs, [critical]));
    expect([again.sound, again.about]).toEqual(["critical", null]);
    const taken = { ...critical, state: "acknowledged" } as const;
    expect(alarm(first.state, at(repeatMs, [taken])).sound).toBeNull();
  });

  it("sounds at most once in ten seconds, and forgets nothing meanwhile", () => {
    const first = alarm(startAlarm([]), at(0, [high]));
    const other = alertOf({ alertId: "h2", severity: "high" });
    const held = alarm(first.state, at(soundEveryMs - 1, [high, other]));
    expect(held.sound).toBeNull();
    const later = alarm(held.state, at(soundEveryMs, [high, other]));
    expect([later.sound, later.about?.alertId]).toEqual(["high", "h2"]);
  });

  it("sounds once for what was missed, and only for a critical one", () => {
    const missed = startAlarm([high]);
    expect(alarm(missed, at(0, [high])).sound).toBeNull();
    const both = startAlarm([high, critical]);
    expect(alarm(both, at(0, [high, critical])).sound).toBe("critical");
  });

  it("says nothing of what nobody is told of, nor in quiet hours", () => {
    const muted = alertOf({ severity: "critical", muted: true });
    expect(alarm(startAlarm([]), at(0, [muted])).sound).toBeNull();
    const night = { ...at(0, [critical]), hour: 2, quiet: { from: 22, to: 7 } };
    expect(alarm(startAlarm([]), night).sound).toBeNull();
  });
});
