/** A YAML file of channels, routing and silences, as entries of the settings. */
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { parseChannel } from "./channels/channel-kinds.ts";
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
  const { channels, silences, ...rest } = file.data;
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
  if (rest.route !== undefined) {
    const routing = parseRouting({ ...rest, version });
    take(routingKey, { ...rest, version }, routing);
    const there = new Set([...known, ...channels.map(({ id }) => id)]);
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
