import type { Found } from '../found.ts';
import type { Installation, Secrets } from '../installation.ts';
import type { Live } from '../live.ts';
import type { Names } from '../names.ts';
import type { Tried } from '../tokens.ts';

/** One thing that was looked at. */
export type Finding =
  | { is: 'good'; what: string }
  /** What is wrong, and how it is mended, each in one sentence. */
  | { is: 'wrong'; what: string; text: string; mend: string }
  | { is: 'not_tried'; what: string; text: string };

/** All that a diagnosis rests on. */
export type Seen = {
  machine: {
    /** Node of whoever ran npm; null where it is not known. */
    node: string | null;
    /** Copies of workerd that are installed. */
    workerd: number;
    hasDocker: boolean;
  };
  installation: Installation;
  names: Names;
  secrets: Secrets;
  found: Found;
  /** What the repository's configuration says, for comparison. */
  wanted: { compatibilityDate: string; gatewayUrl: string };
  /** Tag of what would be deployed now; null where that cannot be said. */
  tag: string | null;
  database: { is: 'reached'; pending: string[] } | { is: 'away'; text: string } | null;
  anthropic: Tried | null;
  github: Tried | null;
  app: Tried | null;
  /** True where a GitHub App stands in the token's place. */
  isApp: boolean;
  strangers: Live | null;
  webhooks: Live | null;
};

export const SETUP = 'Run `npm run setup`.';

/** Good unless a sentence says what is wrong. */
export function finding(what: string, text: string | null | false, mend: string): Finding {
  return text === null || text === false ? { is: 'good', what } : { is: 'wrong', what, text, mend };
}

export const notTried = (what: string, text: string): Finding => ({ is: 'not_tried', what, text });
