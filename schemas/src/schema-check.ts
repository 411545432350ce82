/** Whether a registry would take the schemas of this build. Registers nothing. */
import { schemaText, subjectName } from "./codec.ts";
import { recordFiles, type RecordName } from "./records.ts";

const timeoutMs = 5000;

/** A record whose schema the registry refuses, and why. */
export interface SchemaProblem {
  readonly subject: string;
  readonly why: string;
}

async function judge(
  registryUrl: string,
  name: RecordName,
): Promise<SchemaProblem | null> {
  const subject = subjectName(name);
  const reply = await fetch(
    `${registryUrl}/compatibility/subjects/${encodeURIComponent(subject)}/versions/latest?verbose=true`,
    {
      method: "POST",
      headers: { "content-type": "application/vnd.schemaregistry.v1+json" },
      body: JSON.stringify({ schema: schemaText(name), schemaType: "AVRO" }),
      signal: AbortSignal.timeout(timeoutMs),
    },
  );
  const text = await reply.text();
  // Nobody registered it yet: the first start does.
  if (reply.status === 404) return null;
  if (!reply.ok) return { subject, why: `status ${String(reply.status)}` };
  const body = JSON.parse(text) as {
    readonly is_compatible?: boolean;
    readonly messages?: readonly string[];
  };
  if (body.is_compatible === true) return null;
  const why = body.messages?.join("; ") ?? "not compatible with the latest";
  return { subject, why };
}

/** Every record that the registry refuses. Rejects when it is not reachable. */
export async function schemaProblems(
  registryUrl: string,
): Promise<SchemaProblem[]> {
  const names = Object.keys(recordFiles) as RecordName[];
  const found = await Promise.all(
    names.map(async (name) => judge(registryUrl, name)),
  );
  return found.filter((problem) => problem !== null);
}
