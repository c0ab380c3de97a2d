import { type Finding, type Seen, finding } from './finding.ts';

/** `dev/run.mjs` and npm itself need it; all else runs by the project's own. */
const NODE_MIN = 20;

/** This machine, as far as it builds and deploys. */
export function machineFindings({
  machine,
  secrets,
}: Pick<Seen, 'machine' | 'secrets'>): Finding[] {
  const { node, workerd, hasDocker } = machine;
  const major = Number(node?.split('.')[0] ?? NODE_MIN);
  const keys = secrets.ENCRYPTION_KEYS;
  const isKey = (one: string) => /^[1-9]\d{0,8}:[A-Za-z0-9+/_-]{43}=?$/.test(one.trim());
  return [
    finding(
      'Node',
      major < NODE_MIN && `Node ${node} is too old.`,
      `Install Node ${NODE_MIN} or later from https://nodejs.org.`,
    ),
    finding(
      'workerd',
      workerd !== 1 && `${workerd} copies of workerd are installed where there should be one.`,
      'Run `npm ci`.',
    ),
    finding(
      'Docker',
      !hasDocker && 'Docker does not answer: the image of the sandboxes cannot be built.',
      'Start Docker, or set WRANGLER_DOCKER_BIN to another program of its kind; needed to deploy only.',
    ),
    finding(
      'Encryption keys',
      keys !== undefined &&
        !keys.split(',').every(isKey) &&
        'ENCRYPTION_KEYS in secrets.env is not written as `2:<32 bytes in base64>,1:<...>`.',
      'Put your copy of it back into secrets.env, then run `npm run setup`.',
    ),
  ];
}
