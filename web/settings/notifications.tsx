import { For, Match, Show, Switch, createSignal } from 'solid-js';
import type { Device, QuietHours } from '../../protocol/push.ts';
import { deviceId } from '../net/device.ts';
import { subscribe } from '../push/subscribe.ts';
import { ability, unsubscribe } from '../push/subscription.ts';
import { useMainloop } from '../state/context.tsx';
import { Ago, spanText } from '../ui/time.tsx';
import { createSaving } from './saving.ts';

const NIGHT = { from: '22:00', to: '07:00' };

/** What the push service said last, and whether the device said that a test came. */
function Outcome(props: { device: Device }) {
  const testWords = () => {
    const { test, sent } = props.device;
    if (test === null) return null;
    if (test.receivedAt !== null) {
      return `The test arrived after ${spanText(Math.max(1_000, test.receivedAt - test.at))}.`;
    }
    return sent?.is === 'accepted'
      ? 'The test is on its way. If nothing comes, look at this device’s own notification settings.'
      : null;
  };
  return (
    <p class="text-sm text-soft">
      <Switch fallback="Nothing was sent yet.">
        <Match when={testWords()}>{(words) => words()}</Match>
        <Match when={props.device.sent?.is === 'accepted' && props.device.sent}>
          {(sent) => (
            <>
              Told <Ago at={sent().at} />
            </>
          )}
        </Match>
        <Match when={props.device.sent?.is === 'waiting' && props.device.sent}>
          {(sent) => <>Not sent yet: {sent().why} It is tried again.</>}
        </Match>
        <Match when={props.device.sent?.is === 'refused' && props.device.sent}>
          {(sent) => <span class="text-bad">Not told: {sent().why}</span>}
        </Match>
      </Switch>
    </p>
  );
}

function DeviceRow(props: { device: Device }) {
  const { act } = useMainloop();
  const isThis = () => props.device.id === deviceId();
  const remove = () => {
    if (isThis()) void unsubscribe().catch(() => {});
    act({ type: 'remove_device', deviceId: props.device.id });
  };
  return (
    <li class="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
      <div class="min-w-0 flex-1 basis-full desk:basis-0">
        <p class="font-medium [overflow-wrap:anywhere]">
          {props.device.name}
          <Show when={isThis()}>
            <span class="font-normal text-soft"> · this device</span>
          </Show>
        </p>
        <Outcome device={props.device} />
      </div>
      <button
        type="button"
        class="button"
        aria-label={`Send a test to ${props.device.name}`}
        onClick={() => act({ type: 'test_device', deviceId: props.device.id })}
      >
        Send a test
      </button>
      <button
        type="button"
        class="button"
        aria-label={`Remove ${props.device.name}`}
        onClick={remove}
      >
        Remove
      </button>
    </li>
  );
}

/** Whether this device is told, and the way to it where it is not. */
function ThisDevice() {
  const { act, state } = useMainloop();
  const [wrong, setWrong] = createSignal('');
  const [isAsking, setAsking] = createSignal(false);
  const isTold = () => state.devices?.list.some(({ id }) => id === deviceId()) ?? false;
  const turnOn = async () => {
    const { devices, installation } = state;
    if (devices === null || installation === null) return;
    setAsking(true);
    setWrong('');
    try {
      const device = await subscribe(installation.person, devices.applicationServerKey);
      act({ type: 'put_device', device });
    } catch (error) {
      setWrong(error instanceof Error ? error.message : 'That did not work. Try again.');
    } finally {
      setAsking(false);
    }
  };
  return (
    <Show when={!isTold()}>
      <Switch>
        <Match when={ability() === 'home_screen'}>
          <p class="text-sm">
            On an iPhone or iPad, put Mainloop on the Home Screen first (Share, then Add to Home
            Screen), and open it from there.
          </p>
        </Match>
        <Match when={ability() === 'cannot'}>
          <p class="text-sm">This browser cannot notify you.</p>
        </Match>
        <Match when={ability() === 'blocked'}>
          <p class="text-sm">
            Notifications of this site are blocked. Allow them in the browser’s settings for this
            site, then come back.
          </p>
        </Match>
        <Match when={ability() === 'can'}>
          <button
            type="button"
            class="button button-main"
            disabled={isAsking() || state.devices === null}
            onClick={() => void turnOn()}
          >
            Notify this device
          </button>
        </Match>
      </Switch>
      <p role="status" class="mt-1 text-sm text-bad">
        {wrong()}
      </p>
    </Show>
  );
}

/** Hours in which nothing is sent. */
function Quiet() {
  const { act, state } = useMainloop();
  const saving = createSaving();
  const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
  const quiet = () => state.settings.notifications.quiet;
  const save = (next: QuietHours | null) =>
    saving.sent(
      act({
        type: 'change_settings',
        change: { is: 'notifications', notifications: { quiet: next } },
      }),
    );
  const field = (label: string, value: string, change: (time: string) => QuietHours) => (
    <label class="flex items-center gap-2 text-sm">
      {label}
      <input
        type="time"
        required
        class="field px-2 py-1.5"
        value={value}
        onChange={(event) => {
          const time = event.currentTarget.value;
          if (time !== '') save(change(time));
        }}
      />
    </label>
  );
  return (
    <fieldset class="mt-3">
      <legend class="sr-only">Quiet hours</legend>
      <label class="flex min-h-11 items-center gap-2 text-sm">
        <input
          type="checkbox"
          class="size-4 accent-(--accent)"
          checked={quiet() !== null}
          onChange={(event) =>
            save(event.currentTarget.checked ? { ...NIGHT, zone: zone() } : null)
          }
        />
        Quiet hours: what comes up then is told when they end
      </label>
      <Show when={quiet()}>
        {(hours) => (
          <div class="flex flex-wrap items-center gap-x-2 gap-y-2">
            {field('From', hours().from, (from) => ({ ...hours(), from, zone: zone() }))}
            {field('to', hours().to, (to) => ({ ...hours(), to, zone: zone() }))}
            <span class="text-sm text-soft">{hours().zone}</span>
          </div>
        )}
      </Show>
      <p role="status" class="text-sm text-soft">
        {saving.words()}
      </p>
    </fieldset>
  );
}

/** Which devices are told what needs the person, and when. */
export function Notifications() {
  const { state } = useMainloop();
  return (
    <>
      <p class="mb-2 text-sm text-soft">
        You are told of questions, plans, pull requests, failures and spent budgets; never of what
        is on that device’s screen already.
      </p>
      <ThisDevice />
      <ul class="divide-y divide-line" aria-label="Devices">
        <For each={state.devices?.list ?? []}>{(device) => <DeviceRow device={device} />}</For>
      </ul>
      <Quiet />
    </>
  );
}
