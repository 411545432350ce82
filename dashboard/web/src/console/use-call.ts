/** One call at a time of a form: busy meanwhile, and what went wrong in words. */
import { ElMessage } from "element-plus";
import "element-plus/es/components/message/style/css";
import { ref, type Ref } from "vue";
import { ApiProblem } from "../api/api.ts";
import { useWords } from "../use-words.ts";

const problemMs = 6000;

export interface Call {
  readonly busy: Ref<boolean>;
  /** The answer, or null when it was refused, which is said on screen. */
  readonly run: <Answer>(work: () => Promise<Answer>) => Promise<Answer | null>;
}

/** A refusal in the person's language, where its code has words. */
export function useProblemText(): (error: ApiProblem) => string {
  const { t, te } = useWords();
  return (error) =>
    te(`problem.${error.code}`) ? t(`problem.${error.code}`) : error.message;
}

export function useCall(): Call {
  const busy = ref(false);
  const textOf = useProblemText();
  return {
    busy,
    run: async (work) => {
      busy.value = true;
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof ApiProblem)) throw error;
        ElMessage.error({ message: textOf(error), duration: problemMs });
        return null;
      } finally {
        busy.value = false;
      }
    },
  };
}
