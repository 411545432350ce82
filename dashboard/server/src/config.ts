/** Settings of the dashboard, from the environment. */
import { namespacePattern } from "@riskwall/schemas/names";
import { isRedisSetting } from "@riskwall/schemas/redis-client";
import { z } from "zod";
import { roles, type Role } from "./access.ts";

const port = z.coerce.number().int().min(0).max(65_535);

const roleNames: ReadonlySet<string> = new Set(roles);
const isRole = (text: string): text is Role => roleNames.has(text);

const roleMap = z.string().transform((text, context) => {
  const pairs: (readonly [string, Role])[] = [];
  for (const item of text.split(",").filter((part) => part.trim() !== "")) {
    const at = item.lastIndexOf("=");
    const role = item.slice(at + 1).trim();
    if (at > 0 && isRole(role)) pairs.push([item.slice(0, at).trim(), role]);
    else {
      const message = `${item} is not value=role; roles: ${roles.join(", ")}`;
      context.addIssue({ code: "custom", message });
    }
  }
  return pairs;
});

const schema = z.object({
  /** Tenant: prefixes topics, groups and keys. */
  RISKWALL_NAMESPACE: z.string().regex(namespacePattern).default("riskwall"),
  /** Comma separated host:port list. */
  RISKWALL_KAFKA_BROKERS: z.string().min(1).default("127.0.0.1:4192"),
  RISKWALL_REGISTRY_URL: z
    .url()
    .default("http://127.0.0.1:4181/apis/ccompat/v7"),
  /** One server, or nodes of a Redis Cluster, comma separated. */
  RISKWALL_REDIS_URL: z
    .string()
    .refine(isRedisSetting)
    .default("redis://127.0.0.1:4179"),
  RISKWALL_CLICKHOUSE_URL: z.url().default("http://127.0.0.1:4123"),
  RISKWALL_PROCESSOR_URL: z.url().default("http://127.0.0.1:4101"),
  RISKWALL_INGEST_URL: z.url().default("http://127.0.0.1:4100"),
  RISKWALL_NOTIFIER_URL: z.url().default("http://127.0.0.1:4103"),
  /** Absent: this host at RISKWALL_HISTORIAN_PORT. */
  RISKWALL_HISTORIAN_URL: z.url().optional(),
  RISKWALL_HISTORIAN_PORT: port.default(4102),
  RISKWALL_HOST: z.string().default("127.0.0.1"),
  RISKWALL_DASHBOARD_PORT: port.default(4000),
  /** Its credentials.json has the key that dead letters are sent with. */
  RISKWALL_HOME: z.string().min(1).default(".riskwall"),
  /** Where people reach the dashboard. */
  RISKWALL_PUBLIC_URL: z.url().optional(),
  /** Proxies whose `X-Forwarded-For` counts; comma separated addresses. */
  RISKWALL_TRUSTED_PROXIES: z.string().default(""),
  /** Time between published heads of the audit log. */
  RISKWALL_AUDIT_HEAD_SECONDS: z.coerce.number().min(1).default(3600),
  /** An OpenID Connect provider; absent: people sign in here only. */
  RISKWALL_OIDC_ISSUER: z.url().optional(),
  RISKWALL_OIDC_CLIENT_ID: z.string().default(""),
  /** A file that holds the client's secret; absent: a public client. */
  RISKWALL_OIDC_CLIENT_SECRET_FILE: z.string().optional(),
  RISKWALL_OIDC_SCOPES: z.string().default("openid profile email"),
  RISKWALL_OIDC_USER_CLAIM: z.string().default("preferred_username"),
  RISKWALL_OIDC_ROLE_CLAIM: z.string().default("roles"),
  /** `value=role,value=role`, the mightiest first; without one nobody enters. */
  RISKWALL_OIDC_ROLES: roleMap.default([]),
  /** What the button of the sign-in page says. */
  RISKWALL_OIDC_LABEL: z.string().default("OpenID Connect"),
  LOG_LEVEL: z.string().default("info"),
  /** OTLP/HTTP collector of traces (docs/operations.md); absent = no tracing. */
  RISKWALL_TRACES_URL: z.url().optional(),
});

export interface Config {
  readonly namespace: string;
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  readonly redisUrl: string;
  readonly clickhouseUrl: string;
  readonly processorUrl: string;
  readonly ingestUrl: string;
  readonly notifierUrl: string;
  readonly historianUrl: string;
  readonly home: string;
  readonly host: string;
  readonly port: number;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  readonly trustedProxies: readonly string[];
  readonly auditHeadMs: number;
  readonly oidc: OidcSettings | null;
  readonly logLevel: string;
  readonly tracesUrl: string | null;
}

/** An identity provider; its secret is read from the file at start. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecretFile: string | null;
  readonly scopes: string;
  readonly userClaim: string;
  readonly roleClaim: string;
  readonly roleByValue: readonly (readonly [string, Role])[];
  readonly label: string;
}

function oidcOf(e: z.output<typeof schema>): OidcSettings | null {
  if (e.RISKWALL_OIDC_ISSUER === undefined) return null;
  return {
    issuer: e.RISKWALL_OIDC_ISSUER,
    clientId: e.RISKWALL_OIDC_CLIENT_ID,
    clientSecretFile: e.RISKWALL_OIDC_CLIENT_SECRET_FILE ?? null,
    scopes: e.RISKWALL_OIDC_SCOPES,
    userClaim: e.RISKWALL_OIDC_USER_CLAIM,
    roleClaim: e.RISKWALL_OIDC_ROLE_CLAIM,
    roleByValue: e.RISKWALL_OIDC_ROLES,
    label: e.RISKWALL_OIDC_LABEL,
  };
}

/** Reads the environment; throws one error that names every problem. */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const result = schema.safeParse(env);
  if (!result.success) {
    throw new Error(`configuration:\n${z.prettifyError(result.error)}`);
  }
  const e = result.data;
  const local = (at: number): string => `http://127.0.0.1:${String(at)}`;
  const bare = (url: string): string => url.replace(/\/+$/, "");
  return {
    namespace: e.RISKWALL_NAMESPACE,
    brokers: e.RISKWALL_KAFKA_BROKERS.split(",").map((item) => item.trim()),
    registryUrl: e.RISKWALL_REGISTRY_URL,
    redisUrl: e.RISKWALL_REDIS_URL,
    clickhouseUrl: e.RISKWALL_CLICKHOUSE_URL,
    processorUrl: bare(e.RISKWALL_PROCESSOR_URL),
    ingestUrl: bare(e.RISKWALL_INGEST_URL),
    notifierUrl: bare(e.RISKWALL_NOTIFIER_URL),
    historianUrl: bare(
      e.RISKWALL_HISTORIAN_URL ?? local(e.RISKWALL_HISTORIAN_PORT),
    ),
    home: e.RISKWALL_HOME,
    host: e.RISKWALL_HOST,
    port: e.RISKWALL_DASHBOARD_PORT,
    publicUrl: bare(e.RISKWALL_PUBLIC_URL ?? local(e.RISKWALL_DASHBOARD_PORT)),
    trustedProxies: e.RISKWALL_TRUSTED_PROXIES.split(",")
      .map((item) => item.trim())
      .filter((item) => item !== ""),
    auditHeadMs: e.RISKWALL_AUDIT_HEAD_SECONDS * 1000,
    oidc: oidcOf(e),
    logLevel: e.LOG_LEVEL,
    tracesUrl: e.RISKWALL_TRACES_URL ?? null,
  };
}
