import { onScopeDispose } from "vue";
import { keysOn } from "../use-keys.ts";
import { chooseLang, chooseTheme, settings, type Theme } from "../settings.ts";

export interface KioskDeps {
  readonly theme: () => Theme;
  readonly closeCard: () => void;
  readonly turn: (steps: number) => void;
  readonly jump: (index: number) => void;
  readonly togglePause: () => void;
  readonly toggleSound: () => void;
  readonly resync: () => void;
}

/** Keys of the wall (ux 2.8) and a screen that does not go to sleep. */
export function useKiosk(deps: KioskDeps): void {
  const keys: Readonly<Record<string, () => void>> = {
    l: () => {
      chooseLang(settings.lang === "en" ? "zh-CN" : "en");
    },
    d: () => {
      chooseTheme(deps.theme() === "dark" ? "light" : "dark");
    },
    f: () => {
      void toggleFullScreen();
    },
    escape: deps.closeCard,
    m: deps.toggleSound,
    r: deps.resync,
    " ": deps.togglePause,
    arrowleft: () => {
      deps.turn(-1);
    },
    arrowright: () => {
      deps.turn(1);
    },
  };
  const onKey = (event: KeyboardEvent): void => {
    const typing =
      event.target instanceof HTMLInputElement ||
      event.target instanceof HTMLTextAreaElement;
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!keysOn.value && event.key.length === 1) return;
    // A space on a button presses it.
    const pressed = event.target instanceof HTMLButtonElement;
    if (pressed && event.key === " ") return;
    if (/^[1-9]$/.test(event.key)) deps.jump(Number(event.key) - 1);
    else keys[event.key.toLowerCase()]?.();
  };
  addEventListener("keydown", onKey);
  const release = keepAwake();
  onScopeDispose(() => {
    removeEventListener("keydown", onKey);
    release();
  });
}

export async function toggleFullScreen(): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen();
}

/** Holds a wake lock while the page is seen; browsers drop it when hidden. */
function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  const take = async (): Promise<void> => {
    if (document.visibilityState !== "visible") return;
    if (!("wakeLock" in navigator)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
    } catch (reason) {
      // Refused on battery or by policy: the wall works, the screen may sleep.
      console.info("no wake lock", reason);
    }
  };
  const onVisible = (): void => void take();
  document.addEventListener("visibilitychange", onVisible);
  void take();
  return () => {
    document.removeEventListener("visibilitychange", onVisible);
    void lock?.release();
  };
}
