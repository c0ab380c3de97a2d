import { WEBHOOK_PATH } from './names.ts';

/** What a person has to do where the token may not change Access. */
export function accessByHand(host: string, emails: readonly string[], why: string): string {
  return `Cloudflare Access could not be set up by itself: ${why}. Either give a token that may (docs/install.md), or do this at https://one.dash.cloudflare.com, once:

  1. If you are asked for a team name, choose one: it becomes <team>.cloudflareaccess.com.
  2. Access controls > Applications > Create new application > Self-hosted. Name: Mainloop. Public hostname: ${host}, no path. Session duration: 1 week.
  3. Policy: action Allow, include "Emails": ${emails.join(', ')}.
  4. A second application of the same kind for ${host} with the path ${WEBHOOK_PATH.slice(1)}: policy with action Bypass, include "Everyone".
  5. Copy the first application's "Application Audience (AUD) Tag".

All other parts are made: with the team's domain and that tag the Worker is deployed.`;
}

/** What a command says at its end. */
export const ends = {
  thenAgain:
    'Run this again with --access-team=<team>.cloudflareaccess.com --access-aud=<the tag>.',
  otherAud: (said: string, real: string, host: string) =>
    `The Access application in front of ${host} has the tag ${real}, not ${said}: the Worker is told its own.`,
  removeByHand: (domains: readonly string[]) =>
    `The Access application of ${domains.join(' and that of ')}, which led here before, stays: this sign-in may not remove it. Do so at https://one.dash.cloudflare.com (Access controls > Applications).`,
  noDocker:
    'The image of the sandboxes is built with Docker, which does not answer. Start it (or set WRANGLER_DOCKER_BIN to another program of its kind), and run this again.',
  runningTasks:
    'Running tasks go on: a deploy leaves their sandboxes alone. Open pages come back by themselves within seconds, and a reply that is being written begins anew.',
  keysStay:
    'The Worker has ENCRYPTION_KEYS that this folder did not give it: they stay, and those of secrets.env are not sent. --replace-keys sends them; what people stored encrypted cannot be read after that, unless the keys are the same.',
  anothers: (name: string) =>
    `An installation named ${name} runs in this Cloudflare account already, and it is not this folder that made it. Nothing was changed. Either:
  - make a second one beside it, with --name=other and another host name, or
  - have this folder lead the one that runs, with --take-over: its Worker, secrets and host name become what you say here.
If it was made on this machine, run the command in its own folder (or set MAINLOOP_INSTALLATION_DIR to where its installation.json is).`,
  leadsTo: (host: string, where: string) =>
    `${host} leads to ${where} now. Choose another host name, or say --take-over to have it lead to Mainloop.`,
  leadsSomewhere: (host: string) =>
    `Whether ${host} leads anywhere now could not be seen: the sign-in may not read DNS records, and the domain's name servers do not answer this machine. Say --take-over if nothing is there, or give a token that may (docs/install.md).`,
  meanwhile: (name: string) =>
    `Another machine deployed the Worker ${name} while this one was at it: nothing was deployed from here. See there that it is done, then run this again.`,
  deployedOver: (name: string) =>
    `The version of the Worker ${name} that runs is not the one that was just deployed: another machine may have deployed at the same time. Run this again when nobody else does.`,
  notDeployed:
    'The Worker was not deployed: what wrangler says is above. What ran before goes on running; run this again once that is mended.',
  waiting: (host: string) =>
    `Waiting for https://${host}: a new name takes some minutes to have its address and certificate.`,
  notWell: (host: string, text: string, mend: string | null) =>
    `It is deployed, but https://${host} is not as it should be: ${text} ${mend ?? 'Run npm run doctor: it says what to do.'}`,
  done: (host: string, changed: boolean, folder: string) =>
    !changed
      ? `Nothing had to be changed. Mainloop is at https://${host}`
      : `Done. Mainloop is at https://${host}

What is known of it stands in ${folder}, its secrets in secrets.env there: keep a copy of that file.
Webhooks, optional and faster than polling: at GitHub, https://${host}${WEBHOOK_PATH}, content type application/json, the secret GITHUB_WEBHOOK_SECRET of that file (docs/install.md says which events).`,
};
