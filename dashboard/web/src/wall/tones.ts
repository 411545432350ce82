/** Sounds made by WebAudio: no files, nothing to load (ux 2.8). */
import type { Sound } from "./alarm.ts";

/** Hz, played one after the other. */
const patterns: Readonly<Record<Sound, readonly number[]>> = {
  critical: [660, 830, 1050],
  high: [740, 740],
};
const toneS = 0.16;
const gapS = 0.09;

export interface Tones {
  /** Must be called from a click or a key: browsers ask for that. */
  unlock: () => Promise<void>;
  /** False while the browser holds sound back. */
  isReady: () => boolean;
  /** `volume` is 0 to 1. */
  play: (sound: Sound, volume: number) => void;
  close: () => void;
}

export function createTones(): Tones {
  let context: AudioContext | null = null;
  const open = (): AudioContext => (context ??= new AudioContext());
  return {
    unlock: async () => {
      await open().resume();
    },
    isReady: () => context?.state === "running",
    play: (sound, volume) => {
      const audio = open();
      patterns[sound].forEach((hz, i) => {
        const at = audio.currentTime + i * (toneS + gapS);
        const tone = audio.createOscillator();
        const gain = audio.createGain();
        tone.frequency.value = hz;
        gain.gain.setValueAtTime(0, at);
        gain.gain.linearRampToValueAtTime(volume, at + 0.02);
        gain.gain.setTargetAtTime(0, at + toneS - 0.04, 0.02);
        tone.connect(gain).connect(audio.destination);
        tone.start(at);
        tone.stop(at + toneS + 0.1);
      });
    },
    close: () => {
      void context?.close();
      context = null;
    },
  };
}
