import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rootCertificates } from 'node:tls';

/** Where systems keep the certificates that they trust, in one file. */
const SYSTEM_ROOTS = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
/** What is on this side of the door: the gateway's relay, and what a repository's own tests start. */
const NOT_PROXIED = 'localhost,127.0.0.1,::1';

type Given = Readonly<Record<string, string | undefined>>;

/** Reads a certificate in PEM; null for what is not there. */
function readPem(file: string | undefined): string | null {
  return file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : null;
}

let made: { from: string; bundle: string } | null = null;

/** Writes it beside the certificate, where that can be, since a home folder is kept for the next sandbox. */
function write(beside: string, text: string): string {
  const folders = [path.dirname(beside), tmpdir()];
  for (const folder of folders) {
    const file = path.join(folder, 'mainloop-certificates.pem');
    try {
      writeFileSync(file, text);
      return file;
    } catch {
      // Not a folder of ours: the next.
    }
  }
  throw new Error(
    `The certificates that are trusted here can be written to none of ${folders.join(', ')}.`,
  );
}

/**
 * One file with all that is to be trusted here: the system's certificates and that of whoever stands
 * in for the internet. Written once. Null where nobody does.
 */
function bundleOf({ MAINLOOP_CA: file }: Given): string | null {
  const own = readPem(file);
  if (file === undefined || own === null) return null;
  if (made?.from === own) return made.bundle;
  const [system] = SYSTEM_ROOTS.flatMap((one) => readPem(one) ?? []);
  const bundle = write(file, `${system ?? rootCertificates.join('\n')}\n${own}`);
  made = { from: own, bundle };
  return bundle;
}

/**
 * What every program gets that runs in this sandbox: how the world outside is reached, whom to trust
 * there, and that package managers keep to themselves.
 *
 * @param given the runner's own environment: `MAINLOOP_PROXY` is a URL, where there is a proxy;
 * `MAINLOOP_CA` a file with the certificate of whoever deciphers what leaves.
 */
export function childEnvironment(given: Given = process.env): Record<string, string> {
  const environment: Record<string, string> = {
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
  };
  const { MAINLOOP_PROXY: proxy } = given;
  if (proxy) {
    // Both spellings: curl takes `http_proxy` in small letters only, others want them large.
    for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) {
      environment[name] = proxy;
    }
    environment.NO_PROXY = NOT_PROXIED;
    environment.no_proxy = NOT_PROXIED;
    environment.NODE_USE_ENV_PROXY = '1';
  }
  const bundle = bundleOf(given);
  if (bundle !== null) {
    // Each program has its own word for it: OpenSSL, Go and Ruby; node; git; requests; pip; curl; cargo; npm; Deno.
    for (const name of [
      'SSL_CERT_FILE',
      'NODE_EXTRA_CA_CERTS',
      'GIT_SSL_CAINFO',
      'REQUESTS_CA_BUNDLE',
      'PIP_CERT',
      'CURL_CA_BUNDLE',
      'CARGO_HTTP_CAINFO',
      'npm_config_cafile',
      'DENO_CERT',
      'AWS_CA_BUNDLE',
    ]) {
      environment[name] = bundle;
    }
  }
  return environment;
}
