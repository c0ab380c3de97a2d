import path from 'node:path';
import { expect, it } from 'vitest';
import { databaseAt } from './database.ts';
import { Stop } from './stop.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

it('an address whose password cannot be read is refused in a sentence', async () => {
  const asked = databaseAt('postgres://mainloop:100%@db.example/mainloop', ROOT).pending();
  await expect(asked).rejects.toThrow(Stop);
  await expect(asked).rejects.toThrow(/^Postgres cannot be used: .* Look at DATABASE_URL/);
});
