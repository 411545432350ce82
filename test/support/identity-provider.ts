/** A real OpenID Connect provider on this machine, and a browser's way through. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import Provider from "oidc-provider";
import { onTestFinished } from "vitest";

export interface IdentityProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What the provider says of each account from now on. */
  readonly say: (
    account: string,
    claims: Readonly<Record<string, unknown>>,
  ) => void;
}

/** Starts one whose only client may come back to `redirectUri`. */
export async function startIdentityProvider(
  redirectUri: string,
): Promise<IdentityProvider> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(
    async () =>
      new Promise<void>((done) => {
        server.closeAllConnections();
        server.close(() => {
          done();
        });
      }),
  );
  // Listening on a port, so the address is one of a port.
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${String(port)}`;
  const clientId = "riskwall";
  const clientSecret = randomBytes(24).toString("base64url");
  const claims = new Map<string, Readonly<Record<string, unknown>>>();
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig" }] },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    claims: { openid: ["sub", "preferred_username", "name", "roles"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => Promise.resolve({ sub: id, ...claims.get(id) }),
    }),
  });
  server.on("request", (request, reply) => {
    void provider.callback()(request, reply);
  });
  return {
    ...{ issuer, clientId, clientSecret },
    say: (account, said) => {
      claims.set(account, said);
    },
  };
}

/** Cookies by origin, as a browser keeps them. */
type Jar = Map<string, Map<string, string>>;

async function visit(
  jar: Jar,
  url: URL,
  form?: URLSearchParams,
): Promise<Response> {
  const own = jar.get(url.origin) ?? new Map<string, string>();
  jar.set(url.origin, own);
  const reply = await fetch(url, {
    redirect: "manual",
    headers: {
      cookie: [...own].map(([name, value]) => `${name}=${value}`).join("; "),
    },
    ...(form === undefined ? {} : { method: "POST", body: form }),
  });
  for (const line of reply.headers.getSetCookie()) {
    const [pair = ""] = line.split(";");
    const at = pair.indexOf("=");
    const value = pair.slice(at + 1);
    if (value === "") own.delete(pair.slice(0, at));
    else own.set(pair.slice(0, at), value);
  }
  return reply;
}

/** Where a sign-in by way of the provider ends, and the cookie it brought. */
export async function walkThrough(
  start: string,
  account: string,
  onRedirect: (url: URL) => URL = (url) => url,
): Promise<{ readonly end: URL; readonly cookie: string }> {
  const jar: Jar = new Map();
  const home = new URL(start).origin;
  let url = new URL(start);
  let reply = await visit(jar, url);
  for (let step = 0; step < 20; step += 1) {
    const next = reply.headers.get("location");
    if (next !== null) {
      url = onRedirect(new URL(next, url));
      const back = url.origin === home && !url.pathname.startsWith("/api/");
      if (back) break;
      reply = await visit(jar, url);
      continue;
    }
    const page = await reply.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
    if (action === undefined)
      throw new Error(`no way on from ${url.href}: ${page}`);
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? "";
    url = new URL(action.replaceAll("&amp;", "&"), url);
    const form = new URLSearchParams({ prompt, login: account, password: "x" });
    reply = await visit(jar, url, form);
  }
  const cookies = jar.get(home) ?? new Map<string, string>();
  return {
    end: url,
    cookie: `riskwall_session=${cookies.get("riskwall_session") ?? ""}`,
  };
}
