/** What every channel is: a request made from a message, and its answer judged. */
import { z } from "zod";
import type { Notice } from "../core/notice.ts";
import { outcomeOfStatus, type Outcome, type Reply } from "../core/retry.ts";
import { languages, type Language, type Words } from "../core/wording.ts";

export interface HttpSending {
  readonly kind: "http";
  readonly method: "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** Asked first where each request carries a token that runs out. */
  readonly token?: {
    readonly ask: HttpSending;
    /** Null: it was refused, and that answer is the one judged. */
    readonly read: (reply: Reply) => string | null;
  };
}

export interface MailSending {
  readonly kind: "mail";
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** TLS from the first byte; else STARTTLS where it is offered. */
    readonly secure: boolean;
    readonly user: string;
    readonly password: string;
  };
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  readonly inReplyTo: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** There is nobody to send it to: a matter of set-up. */
export interface NoSending {
  readonly kind: "none";
  readonly why: string;
}

export type Sending = HttpSending | MailSending | NoSending;

/** A message ready to be given a channel's form. */
export interface Letter {
  /** The same at every try: receivers see a repeat by it. */
  readonly deliveryId: string;
  readonly notice: Notice;
  readonly words: Words;
  readonly language: Language;
  readonly publicUrl: string;
  /** Shows the one alert without sign-in, for a day; null: there is no such. */
  readonly phoneLink: string | null;
  readonly now: number;
}

/** Ways out of a message: to the desk, and to the phone where there is one. */
export function linksOf({
  words,
  phoneLink,
}: Letter): readonly { readonly text: string; readonly link: string }[] {
  const desk = { text: words.linkText, link: words.link };
  return phoneLink === null
    ? [desk]
    : [desk, { text: words.phoneText, link: phoneLink }];
}

/** Common to the settings of all channels. */
export const channelBase = z.object({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  enabled: z.boolean().default(true),
  language: z.enum(languages).default("zh-CN"),
  /** Plain http and addresses inside the house are meant. */
  allowPrivate: z.boolean().default(false),
});
export type ChannelBase = z.output<typeof channelBase>;

/** One kind of channel. */
export interface ChannelKind<Settings extends ChannelBase = ChannelBase> {
  readonly kind: string;
  readonly settings: z.ZodType<Settings>;
  /** Where it always sends to; absent: the settings say so. */
  readonly host?: string;
  /** Pure: the same letter and settings give the same request. */
  readonly build: (settings: Settings, letter: Letter) => Sending;
  readonly judge: (reply: Reply, now: number) => Outcome;
}

/** A channel with its settings bound. */
export interface Channel {
  readonly id: string;
  readonly kind: string;
  readonly enabled: boolean;
  readonly language: Language;
  readonly allowPrivate: boolean;
  /** Host it sends to; nothing that is secret. */
  readonly target: string;
  readonly build: (letter: Letter) => Sending;
  readonly judge: (reply: Reply, now: number) => Outcome;
}

const placeShape = z.looseObject({
  url: z.string().optional(),
  endpoint: z.string().optional(),
  host: z.string().optional(),
});

function targetOf(settings: object, ownHost: string): string {
  const { endpoint, url = endpoint, host } = placeShape.parse(settings);
  return url === undefined ? (host ?? ownHost) : new URL(url).host;
}

/** Binds settings of unknown shape to a kind; says what is wrong with them. */
export function bindChannel<Settings extends ChannelBase>(
  kind: ChannelKind<Settings>,
  value: unknown,
): Channel | string {
  const parsed = kind.settings.safeParse(value);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const settings = parsed.data;
  const { id, enabled, language, allowPrivate } = settings;
  return {
    ...{ id, enabled, language, allowPrivate },
    target: targetOf(settings, kind.host ?? ""),
    kind: kind.kind,
    build: (letter) => kind.build(settings, letter),
    judge: kind.judge,
  };
}

const jsonHeaders = {
  "content-type": "application/json; charset=utf-8",
  "user-agent": "riskwall",
} as const;

/** A JSON POST. */
export function postJson(
  url: string,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpSending {
  return {
    kind: "http",
    method: "POST",
    url,
    headers: { ...jsonHeaders, ...headers },
    body: JSON.stringify(value),
  };
}

/** A provider's JSON answer, or null when it is none. */
export function answerJson<Shape>(
  reply: Reply,
  shape: z.ZodType<Shape>,
): Shape | null {
  try {
    const parsed = shape.safeParse(JSON.parse(reply.body));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** What a code of a provider means. */
export interface CodeTable {
  readonly ok: readonly (string | number)[];
  readonly config: readonly (string | number)[];
  readonly payload: readonly (string | number)[];
  /** Throttled: the channel rests for so long. */
  readonly throttle: ReadonlyMap<string | number, number>;
}

/** Outcome by the code in a body; a code nobody knows is tried again. */
export function outcomeOfCode(
  code: string | number,
  text: string,
  table: CodeTable,
): Outcome {
  const why = `${String(code)} ${text}`.trim();
  if (table.ok.includes(code)) return { kind: "ok" };
  if (table.config.includes(code)) return { kind: "config", why };
  if (table.payload.includes(code)) return { kind: "payload", why };
  const coolMs = table.throttle.get(code);
  if (coolMs === undefined) return { kind: "retry", why, afterMs: null };
  return { kind: "retry", why, afterMs: coolMs, coolMs };
}

/**
 * Judge of a robot that answers 200 and says in the body what it thought of it.
 * Without its answer the status tells; a status alone is no acceptance. `field`
 * names the code in the body.
 */
export function judgeByBody<Shape>(
  shape: z.ZodType<Shape>,
  codeOf: (said: Shape) => readonly [code: string | number, text: string],
  field: string,
  codes: CodeTable,
): ChannelKind["judge"] {
  return (reply, now) => {
    const said = answerJson(reply, shape);
    if (said) return outcomeOfCode(...codeOf(said), codes);
    const byStatus = outcomeOfStatus(reply, now);
    if (byStatus.kind !== "ok") return byStatus;
    return { kind: "retry", why: `no ${field} in the answer`, afterMs: null };
  };
}

/** What DingTalk and WeCom answer. */
const errcodeAnswer = z.object({
  errcode: z.number(),
  errmsg: z.string().default(""),
});

export function judgeByErrcode(codes: CodeTable): ChannelKind["judge"] {
  return judgeByBody(
    errcodeAnswer,
    ({ errcode, errmsg }) => [errcode, errmsg],
    "errcode",
    codes,
  );
}

// Full-width twins: none of the robots' dialects has an escape they all take.
const twins: Readonly<Record<string, string>> = {
  "*": "＊",
  _: "＿",
  "[": "［",
  "]": "］",
  "(": "（",
  ")": "）",
  "<": "＜",
  ">": "＞",
  "`": "｀",
  "~": "～",
  "#": "＃",
  "@": "＠",
};

/** Text that Markdown dialects of chat robots show as it is. */
export function inertMarkdown(text: string): string {
  return text.replace(/[*_[\]()<>`~#@]/g, (sign) => twins[sign] ?? sign);
}

/** Text inside HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${String(sign.charCodeAt(0))};`);
}
