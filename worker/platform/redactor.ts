import { Redactor } from '../../protocol/redaction/redactor.ts';

/** The variables that hold secrets of the installation. */
const SECRET_VARIABLES = [
  'ANTHROPIC_API_KEY',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'GITHUB_TOKEN',
  'GITHUB_APP_PRIVATE_KEY',
  'GITHUB_WEBHOOK_SECRET',
  'ENCRYPTION_KEYS',
  'DATABASE_URL',
  'LOCAL_SANDBOX_KEY',
] as const;

const KEY_LINE_MIN = 16;

type Variables = Readonly<Partial<Record<(typeof SECRET_VARIABLES)[number], string | undefined>>>;

/** The Worker's own: what leaves it for a log, a page or the git host goes through it. */
export const redactor = new Redactor();

/**
 * The secrets in these variables: each as it is, each encryption key without its number, each line of
 * the App's key, and the password of the database by itself.
 */
export function secretsOf(variables: Variables): string[] {
  const values = SECRET_VARIABLES.map((name) => variables[name] ?? '');
  const keys = (variables.ENCRYPTION_KEYS ?? '')
    .split(',')
    .map((one) => one.replace(/^\s*\d+:/, ''));
  // A few of its lines are as good as all of them.
  const lines = (variables.GITHUB_APP_PRIVATE_KEY ?? '')
    .split(/\\n|\s/)
    .filter((line) => line.length >= KEY_LINE_MIN && !line.startsWith('-'));
  const { password } = URL.parse(variables.DATABASE_URL ?? '') ?? { password: '' };
  // What is not written as a URL does is the password as it is.
  const plain = /%(?![0-9A-Fa-f]{2})/.test(password) ? password : decodeURIComponent(password);
  return [...values, ...keys, ...lines, plain].filter(Boolean);
}
