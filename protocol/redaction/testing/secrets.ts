/** A key that opens nothing, in the form of RFC 7468. */
export const KEY_BLOCK = [
  '-----BEGIN RSA PRIVATE KEY-----',
  ...['MIIEpAIBAAKCAQEA7Qx1', 'uK9d0Zr3fVbT2mWq5sYh', 'aB8cD4eF6gH0iJ2kL4mN'].map((line) =>
    line.repeat(3),
  ),
  'aB3dEf==',
  '-----END RSA PRIVATE KEY-----',
].join('\n');

/** One of each kind that is known by its shape; none of them was ever given out. */
export const SECRETS = {
  'an Anthropic key': 'sk-ant-api03-Abc_def-123',
  'a Claude token': 'sk-ant-oat01-Abc_def-123',
  'a GitHub token': 'ghp_abcDEF123456789012345678901234567890',
  'a GitHub app’s token': 'ghs_abcDEF123456789012345678901234567890',
  'a GitHub app’s newer token': `ghs_1234_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.${'Ab3-'.repeat(10)}`,
  'a fine-grained GitHub token': 'github_pat_11ABCDEFG0123456_def456',
  'a GitLab token': 'glpat-Ab3dEf6hIj9kLm2nOp5q',
  'an OpenAI key': 'sk-proj-Ab3dEf6hIj9kLm2nOp5qRs8t',
  'a Stripe key': 'sk_live_Ab3dEf6hIj9kLm2nOp5qRs8t',
  'a Stripe webhook’s secret': 'whsec_Ab3dEf6hIj9kLm2nOp5qRs8t',
  'a Google key': 'AIzaAb3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zA-c',
  'an AWS key’s name': 'AKIAABCDEFGHIJ234567',
  'a passing AWS key’s name': 'ASIAABCDEFGHIJ234567',
  'an AWS key': 'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  'an AWS key in a configuration': 'secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  'a Slack token': 'xoxb-123456789012-AbCdEfGhIjKl',
  'a Slack app’s token': 'xapp-1-A012BCDEF-1234567890-abcdef',
  'a Slack webhook': 'https://hooks.slack.com/services/T0123/B4567/AbCdEfGhIjKlMnOp',
  'an npm token': `npm_${'Ab3dEf6hIj'.repeat(3)}9kLm2n`,
  'a line of .npmrc': '//registry.example/:_authToken=0a1b2c3d-4e5f-6071-8293',
  'a signed token': `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.${'Ab3-'.repeat(10)}`,
  'a bearer': 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln',
  'git’s own header': `Basic ${btoa('x-access-token:ghp_abcDEF1234567890')}`,
  'a task’s token': `mlt.${'a1'.repeat(32)}.3.${'b2'.repeat(21)}`,
  'a private key': KEY_BLOCK,
} as const;
