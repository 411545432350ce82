import { useWords } from "../../use-words.ts";

/** Codes of holds in words; the bare code where there is no word yet. */
export function useHoldWords(): {
  readonly holdWord: (code: string) => string;
} {
  const { t, te } = useWords();
  return {
    holdWord: (code) => (te(`hold.${code}`) ? t(`hold.${code}`) : code),
  };
}
