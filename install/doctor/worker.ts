import { accessIn } from '../access-of.ts';
import { type LiveWorker, boundTo } from '../cloudflare/worker.ts';
import type { SecretName } from '../installation.ts';
import { missingSecrets } from '../plan.ts';
import { type Finding, SETUP, type Seen, finding } from './finding.ts';

/** Variables that belong to the local stack: here they would let somebody in, or start nothing. */
export const LOCAL_ONLY = [
  'LOCAL_PERSON',
  'LOCAL_SANDBOX_URL',
  'LOCAL_SANDBOX_KEY',
  'OFFLINE_MODEL',
  'PUSH_MIRRORS',
];

const FLAGS: Partial<Record<SecretName, string>> = {
  ANTHROPIC_API_KEY: '--anthropic-api-key=…',
  GITHUB_TOKEN: '--github-token=…',
  DATABASE_URL: '--database-url=…',
};

function secretFinding({ installation, secrets }: Seen, worker: LiveWorker): Finding {
  const missing = missingSecrets(worker, [], installation.hyperdrive);
  const flags = missing.flatMap((name) =>
    secrets[name] === undefined && FLAGS[name] !== undefined ? [FLAGS[name]] : [],
  );
  return finding(
    'Secrets',
    missing.length > 0 && `The Worker lacks ${missing.join(', ')}.`,
    flags.length === 0 ? SETUP : `Run \`npm run setup -- ${flags.join(' ')}\`.`,
  );
}

function bindingFindings(
  { installation, found, names, wanted }: Seen,
  worker: LiveWorker,
): Finding[] {
  const { access, hyperdrive } = found;
  const team = boundTo(worker, 'ACCESS_TEAM_DOMAIN', 'text');
  const aud = boundTo(worker, 'ACCESS_AUD', 'text');
  const wantedAccess = accessIn(access, installation.access);
  const wantedTeam = wantedAccess?.team ?? team;
  const wantedAud = wantedAccess?.aud ?? aud;
  const bound = boundTo(worker, 'HYPERDRIVE', 'id');
  const bucket = boundTo(worker, 'CHECKPOINTS', 'bucket_name');
  const gateway = boundTo(worker, 'GATEWAY_URL', 'text');
  const local = LOCAL_ONLY.filter((name) => worker.bindings.some((one) => one.name === name));
  return [
    finding(
      'Access team',
      (team === null || team !== wantedTeam) &&
        `ACCESS_TEAM_DOMAIN is ${team ?? 'not set'}, and the account’s team is ${wantedTeam ?? 'not known'}: nobody can come in.`,
      SETUP,
    ),
    finding(
      'Access audience',
      (aud === null || aud !== wantedAud) &&
        'ACCESS_AUD is not the audience tag of the Access application: nobody can come in.',
      SETUP,
    ),
    finding(
      'Hyperdrive binding',
      installation.hyperdrive &&
        hyperdrive !== null &&
        bound !== hyperdrive.id &&
        `The Worker is bound to the Hyperdrive configuration ${bound ?? 'of nobody'}, not to ${hyperdrive.id}.`,
      SETUP,
    ),
    finding(
      'Bucket binding',
      bucket !== names.bucket &&
        `Checkpoints go to ${bucket ?? 'no bucket'}, not to ${names.bucket}.`,
      SETUP,
    ),
    finding(
      'Gateway',
      gateway !== wanted.gatewayUrl &&
        `GATEWAY_URL is ${gateway ?? 'not set'}, where sandboxes find nobody: it must be ${wanted.gatewayUrl}.`,
      SETUP,
    ),
    finding(
      'Local variables',
      local.length > 0 && `${local.join(', ')} belong to the local stack and are set here.`,
      `Run \`npm run setup -- --force\`; one that is a secret is removed with \`npx wrangler secret delete NAME --name ${names.worker}\`.`,
    ),
  ];
}

/** What runs at Cloudflare. */
export function workerFindings(seen: Seen): Finding[] {
  const { found, wanted, tag } = seen;
  const { worker } = found;
  if (worker === null) return [finding('Worker', 'It was not deployed yet.', SETUP)];
  const date = worker.compatibilityDate ?? '';
  return [
    secretFinding(seen, worker),
    ...bindingFindings(seen, worker),
    finding(
      'Image',
      !worker.hasImage && 'The Worker has no image for sandboxes: no task can begin.',
      'Start Docker and run `npm run setup`.',
    ),
    finding(
      'Containers',
      worker.containers?.isThere === false && 'Sandboxes cannot begin: they have no application.',
      SETUP,
    ),
    finding(
      'workers.dev',
      worker.onWorkersDev && 'The Worker is reached at workers.dev, past Access.',
      SETUP,
    ),
    finding(
      'Compatibility date',
      date < wanted.compatibilityDate &&
        `The Worker runs with the compatibility date ${date || 'of nobody'}, and needs ${wanted.compatibilityDate}.`,
      'Run `npm run deploy`.',
    ),
    finding(
      'Version',
      tag !== null &&
        worker.tag !== tag &&
        'What runs is not what this folder would deploy: code, configuration or a secret differs.',
      'Run `npm run deploy`.',
    ),
  ];
}
