/** Channels, routing and silences as they stand, and the plan they make. */
import { webhook } from "./channels/webhook.ts";
import { parseChannel, type BoundChannel } from "./channels/channel-kinds.ts";
import { rankOf, severities } from "./core/brief.ts";
import type { KeptSilence } from "./core/silences.ts";
import { noDuty, type Person } from "./core/duty.ts";
import {
  emptyPlan,
  type Plan,
  type Receiver,
  type Route,
} from "./core/plan.ts";
import { dutyKey, parseDuty, type ParsedDuty } from "./duty-file.ts";
import { problemText } from "./duty-problems.ts";
import { createPushDevices, type PushDevices } from "./push-devices.ts";
import { parseRouting, parseSilence, type Routing } from "./routing-file.ts";
import {
  readOverride,
  readSwap,
  type ShareRead,
  type StoredOverride,
  type StoredSwap,
} from "./share-file.ts";

/** Setting that holds the routing. */
export const routingKey = "routing:main";

export interface SettingsStore {
  /** Takes one entry; answers what is wrong with it, or null. */
  put: (key: string, value: unknown) => string | null;
  readonly plan: () => Plan;
  readonly shares: () => Shares;
  readonly channel: (id: string) => BoundChannel | null;
  readonly channels: () => readonly BoundChannel[];
  /** Setting a webhook of the dashboard came from. */
  readonly rawWebhook: (channel: string) => object | null;
  readonly admins: () => string | null;
  readonly vapid: PushDevices["vapid"];
  /** The channel of Web Push that is in use; null: there is none. */
  readonly pushChannel: () => BoundChannel | null;
  /** Of every state, in no order. */
  readonly silences: () => readonly KeptSilence[];
}

/** A webhook of the dashboard hears of each new alert, once, alone. */
function webhookRoute(id: string, minSeverity: string): Route {
  const wanted = severities.filter(
    (name) => rankOf(name) >= rankOf(minSeverity),
  );
  return {
    key: `webhook:${id}`,
    receiver: `webhook:${id}`,
    matchers: [
      {
        name: "severity",
        op: "=~",
        value: wanted.join("|"),
        pattern: new RegExp(`^(?:${wanted.join("|")})$`),
      },
    ],
    goesOn: true,
    groupBy: null,
    groupWaitMs: 0,
    groupIntervalMs: 0,
    repeatIntervalMs: null,
    sendResolved: false,
    sendUpdates: false,
    digest: false,
    muteIntervals: [],
    activeIntervals: [],
    routes: [],
  };
}

/** Overrides and swaps as somebody made them, the oldest first. */
export interface Shares {
  readonly overrides: readonly StoredOverride[];
  readonly swaps: readonly StoredSwap[];
}

const byAge = (
  a: StoredOverride | StoredSwap,
  b: StoredOverride | StoredSwap,
): number =>
  a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.id < b.id)
    ? -1
    : 1;

function keepIn<One>(
  map: Map<string, One>,
  key: string,
  value: unknown,
  parse: (value: unknown) => ShareRead<One>,
): string | null {
  map.delete(key);
  if (value === null) return null;
  const parsed = parse(value);
  if (parsed.kind === "bad") {
    return parsed.problems.map(problemText).join("\n");
  }
  map.set(key, parsed.share);
  return null;
}

/** The channel with one person's addresses; its quota is the channel's. */
function personalChannel(
  raw: object | undefined,
  channel: string,
  addresses: object,
): BoundChannel | null {
  if (raw === undefined) return null;
  const bound = parseChannel({ ...raw, ...addresses });
  if (typeof bound === "string") return null;
  return { ...bound, rules: { ...bound.rules, account: channel } };
}

/** Their browsers are theirs: nobody writes such an address into the file. */
function reachedByPush(
  people: ReadonlyMap<string, Person>,
  pushChannels: readonly string[],
): ReadonlyMap<string, Person> {
  if (pushChannels.length === 0) return people;
  return new Map(
    [...people].map(([id, person]) => {
      const contacts = new Set([...person.contacts, ...pushChannels]);
      return [id, { ...person, contacts }];
    }),
  );
}

export function createSettings(): SettingsStore {
  const channels = new Map<string, BoundChannel>();
  /** Channels with the addresses of one person, `channel@person`. */
  const personal = new Map<string, BoundChannel>();
  const hooks = new Map<string, { raw: object; route: Route }>();
  const silences = new Map<string, KeptSilence>();
  const overrides = new Map<string, StoredOverride>();
  const swaps = new Map<string, StoredSwap>();
  let shares: Shares = { overrides: [], swaps: [] };
  const raws = new Map<string, object>();
  const push = createPushDevices();
  let duty: ParsedDuty | null = null;
  let routing: Routing | null = null;
  let plan: Plan = emptyPlan;

  const rebuild = (): void => {
    const receivers = new Map<string, Receiver>(routing?.receivers);
    const roots: Route[] = routing === null ? [] : [routing.root];
    for (const [id, { route }] of hooks) {
      if (channels.get(id)?.enabled !== true) continue;
      receivers.set(id, {
        name: id,
        channels: [id],
        failover: [],
        escalation: null,
      });
      roots.push(route);
    }
    shares = {
      overrides: [...overrides.values()].sort(byAge),
      swaps: [...swaps.values()].sort(byAge),
    };
    const people = duty?.duty.people ?? new Map<string, Person>();
    const bound = push.bind(raws, people.values());
    plan = {
      version: routing?.version ?? 0,
      ...{ roots, receivers },
      silences: [...silences.values()],
      inhibitRules: routing?.inhibitRules ?? [],
      intervals: routing?.intervals ?? new Map(),
      holidays: routing?.holidays ?? new Set(),
      workdays: routing?.workdays ?? new Set(),
      duty: {
        ...(duty?.duty ?? noDuty),
        people: reachedByPush(people, bound.pushChannels),
        roster: {
          schedules: duty?.duty.schedules ?? new Map(),
          ...shares,
        },
      },
      fans: bound.fans,
    };
    personal.clear();
    for (const [id, channel] of bound.channels) personal.set(id, channel);
    for (const [person, contacts] of duty?.contacts ?? []) {
      for (const [channel, addresses] of Object.entries(contacts)) {
        const own = personalChannel(raws.get(channel), channel, addresses);
        if (own) personal.set(`${channel}@${person}`, own);
      }
    }
  };

  /** A dashboard's webhook keeps `webhook:<id>` as the name of its channel. */
  const putWebhook = (key: string, value: unknown): string | null => {
    hooks.delete(key);
    channels.delete(key);
    if (value === null) return null;
    const parsed = webhook.settings.safeParse(value);
    if (!parsed.success) return parsed.error.message;
    const bound = parseChannel({ ...parsed.data, kind: "webhook" });
    if (typeof bound === "string") return bound;
    channels.set(key, { ...bound, id: key });
    const { id, minSeverity } = parsed.data;
    hooks.set(key, {
      raw: { ...parsed.data, id },
      route: webhookRoute(id, minSeverity),
    });
    return null;
  };

  const putChannel = (id: string, value: unknown): string | null => {
    channels.delete(id);
    raws.delete(id);
    if (value === null) return null;
    const bound = parseChannel(value);
    if (typeof bound === "string") return bound;
    channels.set(id, { ...bound, id });
    if (typeof value === "object") raws.set(id, value);
    return null;
  };

  const putSilence = (id: string, value: unknown): string | null => {
    silences.delete(id);
    if (value === null) return null;
    const silence = parseSilence(value);
    if (typeof silence === "string") return silence;
    silences.set(id, silence);
    return null;
  };

  const putRouting = (value: unknown): string | null => {
    if (value === null) {
      routing = null;
      return null;
    }
    const parsed = parseRouting(value);
    // The routing before goes on: a broken file must not end all pushes.
    if (typeof parsed === "string") return parsed;
    routing = parsed;
    return null;
  };

  const putDuty = (value: unknown): string | null => {
    if (value === null) {
      duty = null;
      return null;
    }
    const read = parseDuty(value);
    // What stood before goes on, as with the routing.
    if (read.kind === "bad") return read.problems.map(problemText).join("\n");
    duty = read.parsed;
    return null;
  };

  const putOne = (key: string, value: unknown): string | null => {
    if (/^(push|vapid|user):/.test(key)) return push.put(key, value);
    if (key.startsWith("webhook:")) return putWebhook(key, value);
    if (key.startsWith("channel:")) return putChannel(key.slice(8), value);
    if (key.startsWith("silence:")) return putSilence(key.slice(8), value);
    if (key === dutyKey) return putDuty(value);
    if (key.startsWith("override:")) {
      return keepIn(overrides, key, value, readOverride);
    }
    if (key.startsWith("swap:")) return keepIn(swaps, key, value, readSwap);
    return key === routingKey ? putRouting(value) : null;
  };

  return {
    put: (key, value) => {
      const wrong = putOne(key, value);
      rebuild();
      return wrong;
    },
    plan: () => plan,
    shares: () => shares,
    channel: (id) => channels.get(id) ?? personal.get(id) ?? null,
    channels: () => [...channels.values()],
    rawWebhook: (channel) => hooks.get(channel)?.raw ?? null,
    silences: () => [...silences.values()],
    admins: () => routing?.admins ?? null,
    vapid: push.vapid,
    pushChannel: () =>
      [...channels.values()].find(
        ({ kind, enabled }) => kind === "webpush" && enabled,
      ) ?? null,
  };
}
