import { ApiProblem } from "../api/api.ts";

/** Saves a CSV answer of the API as a file; throws `ApiProblem`. */
export async function downloadText(
  path: string,
  fileName: string,
  token: string | null,
): Promise<void> {
  const reply = await fetch(path, {
    headers: {
      accept: "text/csv",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  if (!reply.ok) throw new ApiProblem(reply.status, {});
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await reply.blob());
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(link.href);
}
