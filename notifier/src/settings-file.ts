/** A YAML file of channels, routing and silences, as entries of the settings. */
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { parseChannel } from "./channels/channel-kinds.ts";
import { dutyKey, parseDuty } from "./duty-file.ts";
import { problemText } from "./duty-problems.ts";
import { parseRouting, parseSilence } from "./routing-file.ts";
import { routingKey } from "./settings.ts";

export interface Entry {
  readonly key: string;
  readonly value: object;
}

export type FileRead =
  | { readonly kind: "ok"; readonly entries: readonly Entry[] }
  | { readonly kind: "bad"; readonly problems: readonly string[] };

const outline = z.looseObject({
  channels: z.array(z.looseObject({ id: z.string() })).default([]),
  silences: z.array(z.looseObject({ id: z.string() })).default([]),
  route: z.unknown().optional(),
  people: z.unknown().optional(),
  teams: z.unknown().optional(),
  schedules: z.unknown().optional(),
  escalations: z.unknown().optional(),
});

const namedChains = z.object({
  receivers: z.array(z.object({ escalation: z.string().optional() })),
});

const namedChannels = z.object({
  receivers: z.array(
    z.object({
      channels: z.array(z.string()).default([]),
      failover: z.array(z.string()).default([]),
    }),
  ),
});

/** Channels that receivers name, also of a routing that is wrong elsewhere. */
function channelsIn(file: object): string[] {
  const read = namedChannels.safeParse(file);
  if (!read.success) return [];
  const { receivers } = read.data;
  const all = receivers.flatMap((one) => [...one.channels, ...one.failover]);
  return [...new Set(all)];
}

function chainsMissing(
  file: object,
  chains: ReadonlyMap<string, unknown>,
): string[] {
  const read = namedChains.safeParse(file);
  return (read.data?.receivers ?? []).flatMap(({ escalation }, i) => {
    if (escalation === undefined || chains.has(escalation)) return [];
    const path = `receivers[${String(i)}].escalation`;
    const message = `${escalation} is not defined`;
    return [problemText({ path, code: "escalation_unknown", message })];
  });
}

/**
 * Checks everything in a file at once. `version` goes to the routing, so that
 * a message can be told from which one it came; `known` are channels that are
 * set already.
 */
export function readSettingsFile(
  text: string,
  version: number,
  known: readonly string[],
): FileRead {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    return { kind: "bad", problems: [error.message] };
  }
  const file = outline.safeParse(value);
  if (!file.success) {
    return { kind: "bad", problems: [z.prettifyError(file.error)] };
  }
  const { channels, silences, ...all } = file.data;
  const { people, teams, schedules, escalations, ...rest } = all;
  const problems: string[] = [];
  const entries: Entry[] = [];
  const take = (key: string, one: object, wrong: unknown): void => {
    if (typeof wrong === "string") problems.push(`${key}: ${wrong}`);
    else entries.push({ key, value: one });
  };
  for (const one of channels) {
    take(`channel:${one.id}`, one, parseChannel(one));
  }
  for (const one of silences) {
    take(`silence:${one.id}`, one, parseSilence(one));
  }
  const there = new Set([...known, ...channels.map(({ id }) => id)]);
  const parts = [people, teams, schedules, escalations];
  if (parts.some((part) => part !== undefined)) {
    const duty = { version, people, teams, schedules, escalations };
    const read = parseDuty(duty);
    if (read.kind === "bad") problems.push(...read.problems.map(problemText));
    else {
      entries.push({ key: dutyKey, value: duty });
      for (const [path, channel] of read.channels) {
        if (there.has(channel)) continue;
        const message = `${channel} is not defined`;
        problems.push(problemText({ path, code: "channel_unknown", message }));
      }
      problems.push(...chainsMissing(rest, read.parsed.duty.chains));
    }
  }
  if (rest.route !== undefined) {
    const routing = parseRouting({ ...rest, version });
    take(routingKey, { ...rest, version }, routing);
    problems.push(
      ...channelsIn(file.data)
        .filter((id) => !there.has(id))
        .map((id) => `channel ${id} is not defined`),
    );
  }
  return problems.length > 0
    ? { kind: "bad", problems }
    : { kind: "ok", entries };
}
