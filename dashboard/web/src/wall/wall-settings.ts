/** How this wall behaves: in the address, remembered on this box. */
import { reactive, watch } from "vue";

export interface WallSettings {
  /** Seconds per view; 0 = the wall stays where it is. */
  rotate: number;
  sound: boolean;
  /** 0 to 100 */
  volume: number;
  /** Critical and high alerts are spoken, too. */
  speak: boolean;
  /** Hours without sound, "22-7"; empty = none. */
  quiet: string;
  /** Frames, ornaments and movement. */
  plain: boolean;
}

const storageKey = "riskwall.wall";
export const rotateChoices = [0, 15, 30, 60, 120] as const;

const defaults: WallSettings = {
  ...{ rotate: 0, sound: false, volume: 60, speak: false },
  ...{ quiet: "", plain: false },
};

/** A known setting of the right kind, else what it is by default. */
export function parseSettings(
  stored: Readonly<Record<string, unknown>>,
): WallSettings {
  const number = (name: "rotate" | "volume", max: number): number => {
    const value = Number(stored[name] ?? defaults[name]);
    return Number.isFinite(value) && value >= 0 && value <= max
      ? value
      : defaults[name];
  };
  const flag = (name: "sound" | "speak" | "plain"): boolean => {
    const value = stored[name];
    return value === true || value === "1" || value === "true";
  };
  const quiet = String(stored["quiet"] ?? "");
  return {
    rotate: number("rotate", 3600),
    volume: number("volume", 100),
    ...{ sound: flag("sound"), speak: flag("speak"), plain: flag("plain") },
    quiet: quietOf(quiet) === null ? "" : quiet,
  };
}

/** "22-7" as hours; null when it is none. */
export function quietOf(text: string): { from: number; to: number } | null {
  const [, from = "", to = ""] = /^(\d{1,2})-(\d{1,2})$/.exec(text) ?? [];
  const hours = { from: Number(from), to: Number(to) };
  return from === "" || hours.from > 23 || hours.to > 23 ? null : hours;
}

function stored(): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(storageKey) ?? "{}");
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch (reason) {
    console.info("settings of the wall are not readable", reason);
    return {};
  }
}

/** What the address asks goes before what was chosen on this box. */
export function useWallSettings(search: string): WallSettings {
  const asked = Object.fromEntries(new URLSearchParams(search));
  const settings = reactive(parseSettings({ ...stored(), ...asked }));
  watch(settings, (now) => {
    localStorage.setItem(storageKey, JSON.stringify(now));
  });
  return settings;
}
