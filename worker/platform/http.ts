/** The body as text, unless it is longer than allowed; what it says of its length is not believed. */
export async function boundedText(request: Request, maxBytes: number): Promise<string | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body ?? []) {
    size += part.byteLength;
    if (size > maxBytes) return null;
    parts.push(part);
  }
  return new Blob(parts).text();
}
