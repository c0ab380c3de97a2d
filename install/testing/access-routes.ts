import * as z from 'zod/mini';
import { type Account, type Route, inPages, newId, newUuid, refused, result } from './account.ts';

const Rule = z.record(z.string(), z.unknown());
const Rules = z.array(Rule);
/** What a policy is written with; what is left out of an update is gone after it. */
const Policy = z.strictObject({
  name: z.string(),
  decision: z.enum(['allow', 'bypass', 'deny', 'non_identity']),
  include: Rules,
  exclude: z.optional(Rules),
  require: z.optional(Rules),
  precedence: z.optional(z.int()),
  session_duration: z.optional(z.string()),
  approval_required: z.optional(z.boolean()),
  approval_groups: z.optional(z.array(z.looseObject({}))),
  isolation_required: z.optional(z.boolean()),
  purpose_justification_required: z.optional(z.boolean()),
  purpose_justification_prompt: z.optional(z.string()),
});
const AppBody = z.strictObject({
  type: z.literal('self_hosted'),
  name: z.string(),
  domain: z.string(),
  session_duration: z.string(),
  app_launcher_visible: z.boolean(),
  policies: z.array(Policy),
});

const ACCESS = '/accounts/:account/access';
const NOT_FOUND = refused(404, 11021, 'access.api.error.unknown_application');
const WRITTEN = { created_at: '2026-11-30T00:00:00Z', updated_at: '2026-11-30T00:00:00Z' };

const policyOf = ({ accessApps }: Account, app: string | undefined, policy: string | undefined) =>
  accessApps.get(app ?? '')?.policies.find(({ id }) => id === policy);

/** Access: the team, applications, and the policies that are one application's alone. */
export const ACCESS_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: `${ACCESS}/organizations`,
    answer: ({ team }) => result({ auth_domain: team, name: 'Acme' }),
  },
  {
    method: 'GET',
    path: `${ACCESS}/apps`,
    answer: ({ accessApps }) =>
      inPages([...accessApps].map(([id, app]) => ({ id, type: 'self_hosted', ...app }))),
  },
  {
    method: 'POST',
    path: `${ACCESS}/apps`,
    body: AppBody,
    answer: ({ accessApps }, { body }) => {
      const { name, domain, policies } = AppBody.parse(body);
      if ([...accessApps.values()].some((one) => one.domain === domain)) {
        return refused(409, 11010, 'access.api.error.application_already_exists');
      }
      const id = newUuid();
      const app = {
        name,
        domain,
        aud: `${newId()}${newId()}`,
        policies: policies.map((policy) => ({ id: newUuid(), ...WRITTEN, ...policy })),
      };
      accessApps.set(id, app);
      return result({ id, type: 'self_hosted', ...app });
    },
  },
  {
    method: 'GET',
    path: `${ACCESS}/apps/:id/policies/:policy`,
    answer: (account, { named }) => {
      const policy = policyOf(account, named.id, named.policy);
      return policy === undefined ? NOT_FOUND : result(policy);
    },
  },
  {
    method: 'PUT',
    path: `${ACCESS}/apps/:id/policies/:policy`,
    body: Policy,
    answer: (account, { named, body }) => {
      const policy = policyOf(account, named.id, named.policy);
      if (policy === undefined) return NOT_FOUND;
      if (policy.reusable === true) {
        return refused(400, 12130, 'access.api.error.invalid_request: the policy is reusable');
      }
      const { id } = policy;
      for (const key of Object.keys(policy)) delete policy[key];
      return result(Object.assign(policy, { id, ...WRITTEN, ...Policy.parse(body) }));
    },
  },
  {
    method: 'POST',
    path: `${ACCESS}/apps/:id/policies`,
    body: Policy,
    answer: ({ accessApps }, { named, body }) => {
      const app = accessApps.get(named.id ?? '');
      if (app === undefined) return NOT_FOUND;
      const policy = { id: newUuid(), ...WRITTEN, ...Policy.parse(body) };
      app.policies.push(policy);
      return result(policy);
    },
  },
  {
    method: 'DELETE',
    path: `${ACCESS}/apps/:id`,
    answer: ({ accessApps }, { named }) =>
      accessApps.delete(named.id ?? '') ? result({ id: named.id }) : NOT_FOUND,
  },
];
