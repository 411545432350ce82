/** Sounds, the spoken line and the flashing frame of the wall. */
import type { AlertView } from "@riskwall/schemas";
import { onScopeDispose, ref, type Ref } from "vue";
import { said } from "../format.ts";
import { settings as shown } from "../settings.ts";
import { alarm, startAlarm, type AlarmState, type Sound } from "./alarm.ts";
import { createTones } from "./tones.ts";
import { quietOf, type WallSettings } from "./wall-settings.ts";

const tickMs = 1000;
/** How long the frame shows what the sound says, for who cannot hear it. */
const frameMs = 3000;

export interface Alarm {
  /** The browser holds sound back until somebody clicks. */
  readonly blocked: Readonly<Ref<boolean>>;
  /** What the frame shows now; null = nothing. */
  readonly frame: Readonly<Ref<Sound | null>>;
  readonly unlock: () => Promise<void>;
}

export interface AlarmDeps {
  readonly settings: WallSettings;
  readonly alerts: () => readonly AlertView[];
  readonly loaded: () => boolean;
  /** The past makes no sound. */
  readonly isLive: () => boolean;
}

/** "客户 华东机电 逾期金额升至 120 万": the name, then what happened. */
function speak(alert: AlertView, volume: number): void {
  if (!("speechSynthesis" in window)) return;
  const title = said(alert.titleZh, alert.titleEn);
  const line = new SpeechSynthesisUtterance(
    said(
      `客户${alert.customerName}，${title}`,
      `${alert.customerName}: ${title}`,
    ),
  );
  line.lang = shown.lang === "zh-CN" ? "zh-CN" : "en";
  line.volume = volume;
  window.speechSynthesis.speak(line);
}

export function useAlarm(deps: AlarmDeps): Alarm {
  const { settings } = deps;
  const tones = createTones();
  const blocked = ref(false);
  const frame = ref<Sound | null>(null);
  let state: AlarmState | null = null;
  let frameUntil = 0;

  const tick = (): void => {
    const now = performance.now();
    if (now >= frameUntil) frame.value = null;
    blocked.value = settings.sound && !tones.isReady();
    if (!deps.loaded() || !deps.isLive()) return;
    state ??= startAlarm(deps.alerts());
    const next = alarm(state, {
      ...{ now, alerts: deps.alerts(), hour: new Date().getHours() },
      quiet: quietOf(settings.quiet),
    });
    state = next.state;
    if (next.sound === null) return;
    frame.value = next.sound;
    frameUntil = now + frameMs;
    if (!settings.sound) return;
    const volume = settings.volume / 100;
    if (tones.isReady()) tones.play(next.sound, volume);
    if (settings.speak && next.about !== null) speak(next.about, volume);
  };
  const timer = setInterval(tick, tickMs);
  onScopeDispose(() => {
    clearInterval(timer);
    tones.close();
  });
  return { blocked, frame, unlock: tones.unlock };
}
