/** Asks a person for what an action needs, sends it, and says what became of it. */
import { ElMessage } from "element-plus";
import "element-plus/es/components/message/style/css";
import { reactive } from "vue";
import { sendAction, type ActionResult } from "../api/actions.ts";
import { dateTime } from "../format.ts";
import { useWords } from "../use-words.ts";

/** What an action wants to know first. */
export type Wanted = "reason" | "note" | "assignee" | "until" | "name";

export interface Question {
  /** Title of the dialog and text of its button. */
  readonly title: string;
  readonly wanted: Wanted;
  /** Also asks until when it holds: what is said has `expires`, or not. */
  readonly ends?: boolean;
}

export type Said = Readonly<Partial<Record<Wanted | "expires", string>>>;

export interface Asking {
  /** The open question; null when no dialog is open. */
  readonly state: { question: Question | null; busy: boolean };
  /** Opens the dialog; null when the person thinks better of it. */
  readonly ask: (question: Question) => Promise<Said | null>;
  readonly answer: (said: Said | null) => void;
  /** Sends and reports; true when it was taken. */
  readonly send: (path: string, body: object) => Promise<boolean>;
  /** Sends one after the other and reports once; how many were taken. */
  readonly sendAll: (
    actions: readonly { readonly path: string; readonly body: object }[],
  ) => Promise<number>;
}

export function useAsking(): Asking {
  const { t, te } = useWords();
  const state = reactive<{ question: Question | null; busy: boolean }>({
    question: null,
    busy: false,
  });
  const resultText = (result: ActionResult): string => {
    const { winner } = result;
    if (winner === null) {
      return `${t(`ask.${result.word}`)} ${result.message}`.trim();
    }
    const { actor: who, action, at } = winner;
    const what = te(`acted.${action}`) ? t(`acted.${action}`) : action;
    return t("ask.lost", { who, what, t: dateTime(at) });
  };
  /** One action says what became of it; several say how many were taken. */
  const report = (results: readonly ActionResult[]): void => {
    const lost = results.filter((result) => !result.ok);
    const [first] = lost.length > 0 ? lost : results;
    if (!first) return;
    const done = results.length - lost.length;
    const sum = t("ask.many", { n: done, m: lost.length });
    const text =
      results.length > 1
        ? `${sum} ${lost.length > 0 ? resultText(first) : ""}`
        : resultText(first);
    if (lost.length === 0) ElMessage.success(text.trim());
    else ElMessage.error({ message: text.trim(), duration: 6000 });
  };
  const sendAll: Asking["sendAll"] = async (actions) => {
    state.busy = true;
    try {
      const results: ActionResult[] = [];
      for (const { path, body } of actions) {
        results.push(await sendAction(path, body));
      }
      report(results);
      return results.filter((result) => result.ok).length;
    } finally {
      state.busy = false;
    }
  };
  let settle: ((said: Said | null) => void) | null = null;
  return {
    state,
    ask: (question) => {
      settle?.(null);
      state.question = question;
      return new Promise((done) => {
        settle = done;
      });
    },
    answer: (said) => {
      state.question = null;
      settle?.(said);
      settle = null;
    },
    send: async (path, body) => (await sendAll([{ path, body }])) === 1,
    sendAll,
  };
}
