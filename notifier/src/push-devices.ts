/** Browsers that people registered for Web Push, and the key we sign with. */
import { z } from "zod";
import { parseChannel, type BoundChannel } from "./channels/channel-kinds.ts";

/** Setting of the key pair that push services know us by. */
export const vapidKey = "vapid:main";

const vapidShape = z.object({ publicKey: z.string(), privateKey: z.string() });
export type Vapid = z.output<typeof vapidShape>;

const deviceShape = z.object({
  id: z.string(),
  user: z.string(),
  endpoint: z.string(),
  p256dh: z.string(),
  auth: z.string(),
});
type Device = z.output<typeof deviceShape>;

const userShape = z.looseObject({ disabled: z.boolean().default(false) });
const kindShape = z.looseObject({ kind: z.string() });

/** What the channels of Web Push stand for. */
export interface BoundDevices {
  /** Channel, or channel of a person → those of the browsers. */
  readonly fans: ReadonlyMap<string, readonly string[]>;
  readonly channels: ReadonlyMap<string, BoundChannel>;
  /** Ids of the channels of Web Push. */
  readonly pushChannels: readonly string[];
}

export interface PushDevices {
  /** Takes an entry of its kinds; answers what is wrong with it. */
  readonly put: (key: string, value: unknown) => string | null;
  readonly vapid: () => Vapid | null;
  /** `raws` = channels of the file; `people` = who is told, by user name. */
  readonly bind: (
    raws: ReadonlyMap<string, object>,
    people: Iterable<{ readonly id: string; readonly user: string }>,
  ) => BoundDevices;
}

/** Id of the device a channel stands for; null: another kind of channel. */
export function deviceOf(channel: string): string | null {
  return /^[a-z0-9-]+\/(.+)$/.exec(channel)?.[1] ?? null;
}

export function createPushDevices(): PushDevices {
  const devices = new Map<string, Device>();
  const disabled = new Set<string>();
  let vapid: Vapid | null = null;

  const put = (key: string, value: unknown): string | null => {
    if (key === vapidKey) {
      const parsed = vapidShape.safeParse(value);
      vapid = parsed.success ? parsed.data : null;
      return null;
    }
    const id = key.slice(key.indexOf(":") + 1);
    if (key.startsWith("user:")) {
      const parsed = userShape.safeParse(value);
      if (parsed.success && !parsed.data.disabled) disabled.delete(id);
      else disabled.add(id);
      return null;
    }
    devices.delete(id);
    if (value === null) return null;
    const parsed = deviceShape.safeParse(value);
    if (!parsed.success) return z.prettifyError(parsed.error);
    devices.set(id, parsed.data);
    return null;
  };

  const bind: PushDevices["bind"] = (raws, people) => {
    const fans = new Map<string, string[]>();
    const channels = new Map<string, BoundChannel>();
    const all = [...people];
    const pushChannels: string[] = [];
    for (const [channel, raw] of raws) {
      const kind = kindShape.safeParse(raw);
      if (kind.data?.kind !== "webpush") continue;
      pushChannels.push(channel);
      const bare = parseChannel(raw);
      if (typeof bare === "string") continue;
      // Nobody's browser: the delivery says so, and goes elsewhere.
      for (const { id } of all) channels.set(`${channel}@${id}`, bare);
      if (vapid === null) continue;
      for (const { id: deviceId, user, ...device } of devices.values()) {
        if (disabled.has(user)) continue;
        const bound = parseChannel({ ...raw, ...device, ...vapid });
        if (typeof bound === "string") continue;
        const id = `${channel}/${deviceId}`;
        channels.set(id, { ...bound, id });
        const theirs = all.filter((one) => one.user === user);
        const names = theirs.map((one) => `${channel}@${one.id}`);
        for (const name of [channel, ...names]) {
          fans.set(name, [...(fans.get(name) ?? []), id]);
        }
      }
    }
    return { fans, channels, pushChannels };
  };
  return { put, vapid: () => vapid, bind };
}
