import type * as z from 'zod/mini';

/** What a text says as JSON, read by `schema`; null where it is missing or no such thing. */
export function parsed<Schema extends z.ZodMiniType>(
  schema: Schema,
  json: string | undefined,
): z.infer<Schema> | null {
  try {
    return schema.safeParse(JSON.parse(json ?? '')).data ?? null;
  } catch {
    return null;
  }
}
