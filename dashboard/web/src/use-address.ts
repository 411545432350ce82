import { useRoute, useRouter } from "vue-router";

/** The query of the address: what a page shows can be read from a link. */
export function useAddress(): {
  readonly given: (name: string, otherwise?: string) => string;
  /** Writes values, leaving the others; empty ones leave the address. */
  readonly keep: (values: Readonly<Record<string, string>>) => void;
} {
  const route = useRoute();
  const router = useRouter();
  return {
    given: (name, otherwise = "") => {
      const value = route.query[name];
      return typeof value === "string" ? value : otherwise;
    },
    keep: (values) => {
      const kept = Object.entries(values).map(
        ([name, value]) => [name, value || undefined] as const,
      );
      void router.replace({
        query: { ...route.query, ...Object.fromEntries(kept) },
      });
    },
  };
}
