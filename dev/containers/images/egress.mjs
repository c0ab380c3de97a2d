// Stands in for the image that workerd runs beside each local container (cloudflare/proxy-everything),
// which no registry at hand has. It speaks what workerd speaks to it: ingress `CONNECT` with
// `X-Dst-Addr`, `PUT /egress`, `GET /ca`; egress `CONNECT` with `X-Hostname` or `X-Tls-Sni`, answered
// with 200 when the text inside TLS is wanted. Stricter than the real one: nothing leaves but HTTP on
// port 80 and TLS with a server name on port 443; all else meets a closed port.
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import { readClientHello } from './client-hello.mjs';

const argument = (name) => process.argv[process.argv.indexOf(name) + 1];
const state = { port: Number(argument('--http-egress-port')), allow: ['*'] };
const [ingressHost, ingressPort] = argument('--http-ingress-address').split(':');
const cidr = argument('--docker-gateway-cidr');
const HTTP_PORT = 39080;
const TLS_PORT = 39443;
const DNS_PORT = 39053;
const CLOSED_PORT = 39999;
const ANSWER = [11, 0, 0, 1];
const HEAD_MAX_BYTES = 65_536;

const iptables = (...rule) =>
  execFileSync('iptables', ['-w', '-t', 'nat', '-A', 'OUTPUT', ...rule], { stdio: 'inherit' });
const redirect = (port, ...match) =>
  iptables('-p', 'tcp', ...match, '-j', 'REDIRECT', '--to-ports', String(port));
iptables('-p', 'udp', '--dport', '53', '-j', 'REDIRECT', '--to-ports', String(DNS_PORT));
iptables('-p', 'tcp', '-d', '127.0.0.0/8', '-j', 'RETURN');
// Only this program talks to the machine around it.
iptables('-p', 'tcp', '-d', cidr, '-m', 'owner', '--uid-owner', '0', '-j', 'RETURN');
redirect(HTTP_PORT, '--dport', '80');
redirect(TLS_PORT, '--dport', '443');
redirect(CLOSED_PORT);
const refuse = (...rule) => execFileSync('iptables', ['-w', '-A', 'OUTPUT', ...rule]);
refuse('-p', 'udp', '-d', '127.0.0.0/8', '-j', 'ACCEPT');
refuse('-p', 'udp', '--sport', String(DNS_PORT), '-j', 'ACCEPT');
refuse('-p', 'udp', '-j', 'REJECT');
refuse('-p', 'icmp', '--icmp-type', 'echo-request', '-j', 'REJECT');

function gatewayAddress() {
  const line = readFileSync('/etc/hosts', 'utf8').match(/^(\S+)\s+.*\bhost\.docker\.internal\b/m);
  if (line && net.isIPv4(line[1])) return line[1];
  const route = readFileSync('/proc/net/route', 'utf8')
    .split('\n')
    .map((row) => row.split('\t'))
    .find((row) => row[1] === '00000000' && row[2]);
  return Buffer.from(route[2], 'hex').toReversed().join('.');
}
const GATEWAY = gatewayAddress();

// A name service that knows what may be asked for, and says the same of all: the connection names its host.
const isAllowed = (name) =>
  state.allow.some((glob) =>
    new RegExp(`^${glob.toLowerCase().replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(name),
  );
const dns = createSocket('udp4', (query, from) => {
  const labels = [];
  let at = 12;
  while (query[at] !== 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]));
    at += query[at] + 1;
  }
  const type = query.readUInt16BE(at + 1);
  const question = query.subarray(12, at + 5);
  const known = isAllowed(labels.join('.').toLowerCase());
  const answers = known && type === 1 ? 1 : 0;
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers, 6);
  head.writeUInt32BE(0, 8);
  const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...ANSWER]);
  dns.send(Buffer.concat([head, question, ...(answers ? [answer] : [])]), from.port, from.address);
});
// Bound to where REDIRECT sends: an answer from another address would not be turned back.
dns.bind(DNS_PORT, '127.0.0.1');

const openssl = (args, input) =>
  execFileSync('openssl', args, { input, stdio: ['pipe', 'pipe', 'ignore'] });
const key = openssl(['ecparam', '-name', 'prime256v1', '-genkey', '-noout']);
writeFileSync('/key.pem', key);
const ca = openssl([
  'req',
  '-x509',
  '-new',
  '-key',
  '/key.pem',
  '-days',
  '30',
  '-subj',
  '/CN=Mainloop test interception',
  // Python takes a chain by the letter of RFC 5280.
  '-addext',
  'keyUsage=critical,keyCertSign,cRLSign',
]);
writeFileSync('/ca.pem', ca);
const contexts = new Map();

/** One key for all: it is thrown away with its container. */
function contextFor(name) {
  if (!contexts.has(name)) {
    writeFileSync(
      '/leaf.ext',
      `subjectAltName=DNS:${name}\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid:always\n`,
    );
    const request = openssl([
      'req',
      '-new',
      '-key',
      '/key.pem',
      '-subj',
      `/CN=${name.slice(0, 60)}`,
    ]);
    const sign = [
      'x509',
      '-req',
      '-CA',
      '/ca.pem',
      '-CAkey',
      '/key.pem',
      '-days',
      '2',
      '-extfile',
      '/leaf.ext',
    ];
    contexts.set(name, tls.createSecureContext({ key, cert: openssl(sign, request) }));
  }
  return contexts.get(name);
}

function join(a, b) {
  a.pipe(b).on('error', () => a.destroy());
  b.pipe(a).on('error', () => b.destroy());
}

/** A tunnel to workerd for one connection; `give` gets it with the status. */
function tunnel(inner, port, headers, give) {
  const outer = net.connect({ port: state.port, host: GATEWAY, allowHalfOpen: true });
  outer.on('error', () => inner.resetAndDestroy());
  const to = `${ANSWER.join('.')}:${port}`;
  const lines = [`CONNECT ${to} HTTP/1.1`, `Host: ${to}`, 'X-Proto: tcp', ...headers];
  outer.write(`${lines.join('\r\n')}\r\n\r\n`);
  let reply = Buffer.alloc(0);
  const onReply = (part) => {
    reply = Buffer.concat([reply, part]);
    const end = reply.indexOf('\r\n\r\n');
    if (end === -1) return;
    outer.off('data', onReply).pause();
    const status = Number(reply.toString('latin1', 9, 12));
    outer.unshift(reply.subarray(end + 4));
    if (status >= 200 && status < 300) give(outer, status);
    else inner.resetAndDestroy();
  };
  outer.on('data', onReply);
}

/** Reads what a connection begins with until `look` knows enough, and puts it back. */
function begin(inner, look, then) {
  inner.on('error', () => inner.destroy());
  let seen = Buffer.alloc(0);
  const onData = (chunk) => {
    seen = Buffer.concat([seen, chunk]);
    const found = look(seen);
    if (found === null && seen.length < HEAD_MAX_BYTES) return;
    inner.off('data', onData).pause();
    inner.unshift(seen);
    then(found);
  };
  inner.on('data', onData);
}

const hostOf = (seen) => seen.toString('latin1').match(/\r\nhost: *([^\r\n]+)\r\n/i)?.[1] ?? null;
net
  .createServer({ allowHalfOpen: true }, (inner) => {
    begin(inner, hostOf, (host) => {
      tunnel(inner, 80, [`X-Hostname: ${host ?? ''}`], (outer) => join(inner, outer));
    });
  })
  .listen(HTTP_PORT, '0.0.0.0');

const helloOf = (seen) => {
  const hello = readClientHello(seen);
  return hello.is === 'more' ? null : hello;
};
net
  .createServer({ allowHalfOpen: true }, (inner) => {
    begin(inner, helloOf, (hello) => {
      if (hello === null || hello.is !== 'hello') return inner.resetAndDestroy();
      const { name } = hello;
      tunnel(inner, 443, [`X-Hostname: ${name}`, `X-Tls-Sni: ${name}`], (outer, status) => {
        if (status !== 200) return join(inner, outer);
        const plain = new tls.TLSSocket(inner, {
          isServer: true,
          secureContext: contextFor(name),
          ALPNProtocols: ['http/1.1'],
        });
        plain.on('error', () => outer.destroy());
        join(plain, outer);
      });
    });
  })
  .listen(TLS_PORT, '0.0.0.0');

const control = createServer(async (request, response) => {
  if (request.method === 'PUT' && request.url === '/egress') {
    let text = '';
    for await (const part of request) text += part;
    const news = JSON.parse(text);
    if (news.port) state.port = news.port;
    if (news.dns?.allowHostnames) state.allow = news.dns.allowHostnames;
    console.log('egress', text);
    response.writeHead(204).end();
  } else if (request.url === '/ca') {
    response.end(ca);
  } else response.writeHead(404).end();
});
control.on('connect', (request, socket, head) => {
  const [host, port] = String(request.headers['x-dst-addr']).split(':');
  const target = net.connect({ host, port: Number(port), allowHalfOpen: true });
  target.once('connect', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    target.write(head);
    join(socket, target);
  });
  target.on('error', () => socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'));
  socket.on('error', () => target.destroy());
});
control.listen(Number(ingressPort), ingressHost, () => console.log('ready', GATEWAY, state.port));
process.on('SIGTERM', () => process.exit(0));
