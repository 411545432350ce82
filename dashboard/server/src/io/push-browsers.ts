/** Browsers registered for Web Push, as settings hold them. */
import { z } from "zod";

const browser = z.object({
  id: z.string(),
  user: z.string(),
  /** How its owner calls it. */
  name: z.string(),
  /** Address at its maker's push service, a secret as `auth` is. */
  endpoint: z.string(),
  p256dh: z.string(),
  auth: z.string(),
  createdAt: z.string(),
});
export type PushBrowser = z.output<typeof browser>;

export interface PushBrowsers {
  /** Takes a setting's value; what is of no known shape is removed. */
  put: (id: string, value: unknown) => void;
  list: () => readonly PushBrowser[];
  find: (id: string) => PushBrowser | null;
}

export function createPushBrowsers(): PushBrowsers {
  const browsers = new Map<string, PushBrowser>();
  return {
    put: (id, value) => {
      const parsed = browser.safeParse(value);
      if (parsed.success) browsers.set(id, parsed.data);
      else browsers.delete(id);
    },
    list: () => [...browsers.values()],
    find: (id) => browsers.get(id) ?? null,
  };
}
