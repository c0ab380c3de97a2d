import 'reflect-metadata';
import { isIP } from 'node:net';
import { type SecureContext, createSecureContext } from 'node:tls';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 60 * 60_000;
/** The host is started anew long before. */
const LASTS_MS = 365 * DAY_MS;
/** A sandbox may ask for any number of names. */
const LEAVES_MAX = 200;

/** Speaks for every host name towards the sandboxes of this host, and to nobody else: it is made at each start. */
export type Authority = {
  /** Its certificate, PEM: sandboxes trust it. */
  certificate: string;
  /** A certificate for this name or address, and its key. */
  contextFor(hostname: string): Promise<SecureContext>;
};

export async function makeAuthority(now = Date.now()): Promise<Authority> {
  const { subtle } = crypto;
  const newKeys = () => subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const [keys, leafKeys] = await Promise.all([newKeys(), newKeys()]);
  // A clock of the sandbox may be a little behind.
  const lasts = { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + LASTS_MS) };
  const root = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Mainloop for the sandboxes of this machine',
    keys,
    signingAlgorithm: ALGORITHM,
    ...lasts,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pkcs8 = Buffer.from(await subtle.exportKey('pkcs8', leafKeys.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`;
  // Python 3.13 wants it: it takes a chain by the letter of RFC 5280.
  const issuedBy = await AuthorityKeyIdentifierExtension.create(keys.publicKey);
  const leafFor = (hostname: string): Promise<X509Certificate> =>
    X509CertificateGenerator.create({
      subject: 'CN=What a sandbox of this machine asks for',
      issuer: root.subject,
      publicKey: leafKeys.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      ...lasts,
      extensions: [
        issuedBy,
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension([
          { type: isIP(hostname) === 0 ? 'dns' : 'ip', value: hostname },
        ]),
      ],
    });
  const leaves = new Map<string, Promise<SecureContext>>();
  return {
    certificate: root.toString('pem'),
    contextFor: (hostname) => {
      const known = leaves.get(hostname);
      if (known !== undefined) return known;
      const made = leafFor(hostname).then((leaf) =>
        createSecureContext({ key, cert: leaf.toString('pem') }),
      );
      leaves.set(hostname, made);
      const [oldest] = leaves.keys();
      if (leaves.size > LEAVES_MAX && oldest !== undefined) leaves.delete(oldest);
      return made;
    },
  };
}
