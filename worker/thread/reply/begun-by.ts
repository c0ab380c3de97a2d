import type { TurnCause } from '../storage/rows.ts';
import type { BegunBy } from './tools.ts';

export function begunBy(cause: TurnCause): BegunBy {
  switch (cause.is) {
    // What it was to answer can no longer be read: it may have been anybody's.
    case 'message':
      return cause.ids.length > 0 ? 'person' : 'task';
    case 'again':
      return 'person';
    case 'notice':
      return 'task';
  }
}
