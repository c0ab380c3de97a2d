import * as z from 'zod/mini';
import { type Route, refused, result } from './account.ts';

const CONTAINERS = '/accounts/:account/containers';

const Image = z.strictObject({ image: z.string() });
const Credentials = z.looseObject({ permissions: z.array(z.string()) });
const Application = z.looseObject({
  name: z.string(),
  scheduling_policy: z.literal('durable_object'),
  durable_objects: z.strictObject({ namespace_id: z.string() }),
});
const Change = z.looseObject({});

/** The registry's credentials, images and the application of a Worker's containers. */
export const CONTAINER_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: `${CONTAINERS}/me`,
    answer: ({ id }) =>
      result({
        external_account_id: id,
        limits: {
          vcpu_per_deployment: 4,
          memory_mib_per_deployment: 12_288,
          disk_mb_per_deployment: 20_000,
        },
      }),
  },
  {
    method: 'POST',
    path: `${CONTAINERS}/registries/:registry/credentials`,
    body: Credentials,
    answer: ({ id }, { named }) =>
      result({
        account_id: id,
        registry_host: named.registry,
        username: 'v1',
        password: 'registry-password',
      }),
  },
  {
    method: 'POST',
    path: `${CONTAINERS}/image-preparations`,
    body: Image,
    answer: ({ images }, { body }) => {
      const { image } = Image.parse(body);
      images.add(image);
      return result({ image, status: 'ready' });
    },
  },
  {
    method: 'GET',
    path: `${CONTAINERS}/applications/:application`,
    answer: ({ applications }, { named }) => {
      const application = applications.get(named.application ?? '');
      if (application === undefined) return refused(404, 1000, 'APPLICATION_NOT_FOUND');
      return result({
        id: named.application,
        name: application.name,
        scheduling_policy: 'durable_object',
        durable_objects: { namespace_id: named.application },
      });
    },
  },
  {
    method: 'GET',
    path: `${CONTAINERS}/applications`,
    answer: ({ applications }) => result([...applications].map(([id, { name }]) => ({ id, name }))),
  },
  {
    method: 'POST',
    path: `${CONTAINERS}/applications`,
    body: Application,
    answer: ({ applications }, { body }) => {
      const { name, durable_objects } = Application.parse(body);
      applications.set(durable_objects.namespace_id, { name });
      return result({ id: durable_objects.namespace_id, name });
    },
  },
  {
    method: 'PATCH',
    path: `${CONTAINERS}/applications/:application`,
    body: Change,
    answer: (_, { named }) => result({ id: named.application }),
  },
  {
    method: 'DELETE',
    path: `${CONTAINERS}/applications/:application`,
    answer: ({ applications }, { named }) =>
      applications.delete(named.application ?? '')
        ? result(null)
        : refused(404, 1000, 'APPLICATION_NOT_FOUND'),
  },
];
